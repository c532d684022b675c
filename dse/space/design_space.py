"""A design space: a family with a grid, its candidates and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dse.cost_conditions import Conditions
from dse.costs import Costs, declared_values
from dse.errors import DseError
from dse.fingerprints import Code, code_of_costs, dotted_names
from dse.space.budget import Budget
from dse.space.candidate import Candidate, settings_key
from dse.space.costing import BlockTable, Invalid, can_use_processes, cost_in_processes
from dse.space.graph import NetworkGraph, Ways, network_graph, ways_within
from dse.space.pages import Grid, Settings
from dse.space.tables import CostTables, compile_space


@dataclass(frozen=True, slots=True)
class CostedPoint:
    """A point of a space: its settings, its network if there is one, and the costs of that."""

    settings: Settings
    key: int
    candidate: Candidate | None
    costs: Costs | Invalid


@dataclass
class _WorkedOut:
    """What is worked out once for a space."""

    tables: CostTables | None = None
    graph: NetworkGraph | None = None
    ways: dict[Budget, Ways] = field(default_factory=dict)


@dataclass(frozen=True)
class DesignSpace:
    """Family × grid, costed with one table of blocks."""

    grid: Grid
    blocks: BlockTable

    @property
    def conditions(self) -> Conditions:
        """What the costs depend on besides the architecture."""
        return self.blocks.conditions

    @cached_property
    def code(self) -> Code:
        """The code that works the costs out: of dse, and what the family's page names."""
        family = self.grid.family
        return code_of_costs(dotted_names(family.place.source.content), family.allow)

    @property
    def tables(self) -> CostTables:
        """The costs of a family of blocks as tables; every block that occurs is traced.

        Raises:
            DseError: where a block depends on too many axes at once.
        """
        known = self._known
        if known.tables is None:
            known.tables = CostTables(compile_space(self.grid, self.blocks))
        return known.tables

    @property
    def graph(self) -> NetworkGraph:
        """The distinct networks of a family of blocks as a graph.

        Raises:
            DseError: where slots share too many axes.
        """
        tables, known = self.tables, self._known
        if known.graph is None:
            known.graph = network_graph(tables.space)
        return known.graph

    def ways(self, budget: Budget) -> Ways:
        """Return the ways through the graph that may be within a budget; found once for each."""
        known = self._known.ways
        if budget not in known:
            known[budget] = ways_within(self.graph, budget)
        return known[budget]

    @property
    def _known(self) -> _WorkedOut:
        """What was worked out with the costs that are declared at present."""
        return self._worked_out.setdefault(declared_values(), _WorkedOut())

    @cached_property
    def _worked_out(self) -> dict[Any, _WorkedOut]:
        return {}

    def point(self, settings: Settings) -> CostedPoint:
        """Return the costed point at full settings; one that cannot be built says why."""
        candidate = self._resolved(settings)
        if isinstance(candidate, Invalid):
            key = settings_key(self.grid.family.name, settings)
            return CostedPoint(settings, key, None, candidate)
        return CostedPoint(settings, candidate.key, candidate, self.blocks.cost(candidate))

    def _resolved(self, settings: Settings) -> Candidate | Invalid:
        try:
            return self.grid.family.resolve(settings)
        except DseError as error:
            return Invalid(str(error))

    def points(self) -> Iterator[CostedPoint]:
        """Yield every point of the grid, costed; those of callables in parallel processes."""
        if self.grid.family.is_callable and can_use_processes():
            return self._traced_points()
        return map(self.point, self.grid)

    def _traced_points(self) -> Iterator[CostedPoint]:
        costed = cost_in_processes(self._unknown(), self.blocks, self.grid.family.allow)
        for settings in self.grid:
            candidate = self._resolved(settings)
            while isinstance(candidate, Candidate) and not self.blocks.knows(candidate.key):
                found, costs = next(costed)
                self.blocks.remember(
                    found.key, costs if isinstance(costs, Costs) else Invalid(costs)
                )
            yield self.point(settings)
        costed.close()

    def _unknown(self) -> Iterator[Candidate]:
        """Yield each candidate of the grid whose costs are not known, once."""
        seen: set[int] = set()
        for candidate in map(self._resolved, self.grid):
            if isinstance(candidate, Candidate) and candidate.key not in seen:
                seen.add(candidate.key)
                if not self.blocks.knows(candidate.key):
                    yield candidate
