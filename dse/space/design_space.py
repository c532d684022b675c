"""A design space: a family with a grid, its candidates and what they cost.

Both kinds answer the same questions. The networks of a `BlockSpace` are chains of blocks, whose
costs compose: it has tables and a graph, however large it is. Those of a `CallableSpace` are models
that a callable returns, which are traced one by one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dse.code import Code, code_of_costs, dotted_names
from dse.cost_formulas import given_terms
from dse.costs import Conditions, Costs, declared_values, given_costs
from dse.errors import DseError
from dse.execution import Executor, LocalExecutor
from dse.language import Value
from dse.limits import limit, shown_limit
from dse.space.budget import Budget
from dse.space.candidate import Candidate, settings_key
from dse.space.costing import (
    BlockTable,
    CallableTable,
    Invalid,
    can_use_processes,
    cost_in_processes,
)
from dse.space.graph import NetworkGraph, Ways, bearing, network_graph, ways_within
from dse.space.pages import Grid, Settings, most_cell_settings
from dse.space.tables import CostTables, compile_space


@dataclass(frozen=True, slots=True)
class CostedPoint:
    """One point of a grid with its costs."""

    settings: Settings
    key: int
    candidate: Candidate | None
    """None where the settings resolve to no blocks."""
    costs: Costs | Invalid
    training: Mapping[str, Value] = field(default_factory=dict)
    """Settings of its training, of which neither network nor costs depend."""


@dataclass(frozen=True)
class CandidateSpace(ABC):
    """Family × grid, with the costs of its candidates."""

    grid: Grid
    blocks: BlockTable

    @property
    def conditions(self) -> Conditions:
        """What the costs depend on besides the candidates."""
        return self.blocks.conditions

    @cached_property
    def code(self) -> Code:
        """The code that the costs follow from, besides the page and the grid."""
        numbers = self.blocks.numbers
        return self._code("" if numbers is None else numbers.figures)

    @cached_property
    def tracing_code(self) -> Code:
        """The code that traces of blocks follow from."""
        return self._code("")

    def _code(self, figures: str) -> Code:
        family = self.grid.family
        return code_of_costs(dotted_names(family.place.source.content), family.allow, figures)

    def point(self, settings: Settings) -> CostedPoint:
        """Return the costed point at full settings; one that cannot be built says why."""
        candidate = self.resolved(settings)
        if isinstance(candidate, Invalid):
            key = settings_key(self.grid.family.name, settings)
            return CostedPoint(settings, key, None, candidate)
        return CostedPoint(settings, candidate.key, candidate, self.cost(candidate))

    def resolved(self, settings: Settings) -> Candidate | Invalid:
        """Return the candidate at full settings, or why there is none."""
        try:
            return self.grid.family.resolve(settings)
        except DseError as error:
            return Invalid(str(error))

    @abstractmethod
    def cost(self, candidate: Candidate) -> Costs | Invalid:
        """Return the costs of a candidate, or why it has none."""

    @abstractmethod
    def points(self) -> Iterator[CostedPoint]:
        """Yield every point of the grid, costed."""

    @abstractmethod
    def all_blocks(self) -> BlockTable:
        """Return the blocks with the costs of all that occur in the space."""


@dataclass
class _WorkedOut:
    """What is worked out once for a space."""

    tables: CostTables | None = None
    graph: NetworkGraph | None = None
    bearing: dict[frozenset[str], NetworkGraph] = field(default_factory=dict)
    ways: dict[Budget, Ways] = field(default_factory=dict)


@dataclass(frozen=True)
class BlockSpace(CandidateSpace):
    """The space of a family of blocks."""

    def cost(self, candidate: Candidate) -> Costs | Invalid:
        """Return the costs of a candidate, the fold of those of its blocks."""
        return self.blocks.cost(candidate)

    def points(self) -> Iterator[CostedPoint]:
        """Yield every point of the grid, costed."""
        return map(self.point, self.grid)

    def all_blocks(self) -> BlockTable:
        """Return the blocks with the costs of all that occur in the space, or that were drawn."""
        return self.blocks if self.is_drawn_from else self.tables.space.blocks

    @property
    def is_drawn_from(self) -> bool:
        """Whether its blocks are so many that settings are only drawn.

        That is so of stages that are generated from many settings, and of cells with many; not of
        rows of a table.
        """
        grid = self.grid
        if grid.is_listed:
            return False
        if grid.family.generates_stages and grid.size > limit("generated_points"):
            return True
        return most_cell_settings(grid) > limit("slot_combinations")

    @property
    def tables(self) -> CostTables:
        """The costs as tables; every block that occurs is traced.

        Raises:
            DseError: where a block depends on too many axes at once, or stages are generated from
                more settings than are listed.
        """
        known = self._known
        if self.is_drawn_from:
            raise DseError(
                f"the blocks of {self.grid.family.name} follow from too many of its "
                f"{self.grid.size:,} settings to be listed ({shown_limit('generated_points')} of "
                f"generated stages, {shown_limit('slot_combinations')} of a cell); "
                "draw from them, as in sample=500"
            )
        if known.tables is None:
            known.tables = CostTables(compile_space(self.grid, self.blocks))
        return known.tables

    @property
    def graph(self) -> NetworkGraph:
        """The distinct networks as a graph.

        Raises:
            DseError: where slots share too many axes.
        """
        tables, known = self.tables, self._known
        if known.graph is None:
            known.graph = network_graph(tables.space)
        return known.graph

    def graph_of(self, costs: Iterable[str]) -> NetworkGraph:
        """Return the networks that have some costs as a graph: no block of theirs lacks a number.

        Args:
            costs: by name, or weighted sums of such.
        """
        given = {base for cost in costs for base in given_terms(cost)}
        lacked = self.tables.lacked & given
        if not lacked:
            return self.graph
        known = self._known.bearing
        if lacked not in known:
            known[lacked] = bearing(self.graph, lacked)
        return known[lacked]

    def ways(self, budget: Budget) -> Ways:
        """Return the ways through the graph that may be within a budget; found once for each."""
        known = self._known.ways
        if budget not in known:
            known[budget] = ways_within(self.graph_of(budget.bounded), budget)
        return known[budget]

    @property
    def _known(self) -> _WorkedOut:
        """What was worked out with the costs that are declared at present."""
        return self._worked_out.setdefault((declared_values(), given_costs()), _WorkedOut())

    @cached_property
    def _worked_out(self) -> dict[Any, _WorkedOut]:
        return {}


@dataclass(frozen=True)
class CallableSpace(CandidateSpace):
    """The space of a family of callables; `blocks` knows the parts of their networks."""

    executor: Executor = field(default_factory=LocalExecutor, compare=False)
    """Where the networks are traced when all points are."""

    @cached_property
    def networks(self) -> CallableTable:
        """The costs of the networks that were traced."""
        return CallableTable(self.blocks)

    def cost(self, candidate: Candidate) -> Costs | Invalid:
        """Return the costs of a candidate, traced if they are not known yet."""
        return self.networks.cost(candidate)

    def points(self) -> Iterator[CostedPoint]:
        """Yield every point of the grid, traced in parallel processes where that can be."""
        return self._traced_points() if can_use_processes() else map(self.point, self.grid)

    def all_blocks(self) -> BlockTable:
        """Return the parts with the costs of all that were traced."""
        return self.blocks

    def _traced_points(self) -> Iterator[CostedPoint]:
        allow = self.grid.family.allow
        costed = cost_in_processes(self._unknown(), self.blocks, allow, self.executor)
        for settings in self.grid:
            candidate = self.resolved(settings)
            while isinstance(candidate, Candidate) and not self.networks.knows(candidate.key):
                found, costs = next(costed)
                self.networks.remember(
                    found.key, costs if isinstance(costs, Costs) else Invalid(costs)
                )
            yield self.point(settings)
        costed.close()

    def _unknown(self) -> Iterator[Candidate]:
        """Yield each candidate of the grid whose costs are not known, once."""
        seen: set[int] = set()
        for candidate in map(self.resolved, self.grid):
            if isinstance(candidate, Candidate) and candidate.key not in seen:
                seen.add(candidate.key)
                if not self.networks.knows(candidate.key):
                    yield candidate


DesignSpace = BlockSpace | CallableSpace


def space_of(grid: Grid, blocks: BlockTable | None = None) -> DesignSpace:
    """Return the design space of a family with a grid.

    Args:
        grid: of any family.
        blocks: a table that may know blocks already, with the conditions of costs.
    """
    blocks = BlockTable() if blocks is None else blocks
    return CallableSpace(grid, blocks) if grid.family.is_callable else BlockSpace(grid, blocks)
