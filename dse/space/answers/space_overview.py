"""What there is in a design space: how many candidates, what they cost, how many fit a budget."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy

from dse.costs import Costs
from dse.errors import DseError
from dse.html_tables import FieldsShown, html_facts, html_panel
from dse.limits import limit
from dse.shown_values import html_rows, shown_value
from dse.space.answers.drawing import feasible_number
from dse.space.answers.estimating import Estimate, estimated
from dse.space.answers.feasibility import unbuildable
from dse.space.budget import Budget
from dse.space.design_space import BlockSpace, CallableSpace, DesignSpace
from dse.space.graph import NetworkCount, certain_count, extreme
from dse.space.pages import Settings
from dse.space.tables import Integers

DRAWS = 20_000
"""Networks that quantiles come from, where there are too many to list."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class End(FieldsShown):
    """The least or the greatest value of a cost."""

    value: int
    settings: Settings
    """Of a candidate that has it; those that make a difference to it."""
    is_proven: bool = True


@dataclass(frozen=True)
class CostRange:
    """How a cost is spread over a space."""

    cost: str
    least: End
    greatest: End
    quantiles: tuple[int, ...]
    """At `QUANTILES`."""


@dataclass(frozen=True)
class Overview:
    """A design space in numbers."""

    networks: int
    """Distinct networks that can be built."""
    buildable: int
    """Points of the grid that no exclusion removes and that can be built."""
    ranges: tuple[CostRange, ...]
    sampled: int
    """Networks that the quantiles come from."""
    feasible: NetworkCount
    """How many distinct networks are within the budget."""
    estimate: float
    """Of that number; the number itself where it is exact."""
    likely: NetworkCount
    """Where that number is with a confidence of 95 %."""

    def _repr_html_(self) -> str:
        facts = {
            "networks": f"{self.networks:,}",
            "points that can be built": f"{self.buildable:,}",
            "within the budget": str(self.feasible),
        }
        rows = []
        for each in self.ranges:
            among = zip(QUANTILES, each.quantiles, strict=True)
            told = {"least": each.least.value, **{f"{share:.0%}": v for share, v in among}}
            told["greatest"] = each.greatest.value
            shown = {name: shown_value(each.cost, value) for name, value in told.items()}
            rows.append({"cost": each.cost, **shown})
        return html_panel("Overview", html_facts(facts), html_rows(rows))


def overview(space: DesignSpace, budget: Budget, seed: int = 0) -> Overview:
    """Describe a space; nothing but blocks is traced, however large it is.

    Args:
        space: of any family; the networks of a callable are traced one by one.
        budget: which of them are feasible.
        seed: of the draws behind quantiles and estimates.

    Raises:
        DseError: where no candidate can be built.
    """
    if isinstance(space, CallableSpace):
        return _of_callables(space, budget)
    return _Describer(space, budget, seed).overview()


def ends_of(space: DesignSpace, cost: str) -> tuple[End, End] | None:
    """Return the least and the greatest value of a cost, each with a candidate that has it.

    Returns:
        None where no network has the cost.
    """
    if isinstance(space, CallableSpace):
        found = _range(cost, _listed(space)[0])
        return None if found is None else (found.least, found.greatest)
    describer = _Describer(space, Budget(), 0)
    least, greatest = describer.end(cost, "min"), describer.end(cost, "max")
    return None if least is None or greatest is None else (least, greatest)


@dataclass(frozen=True)
class _Describer:
    space: BlockSpace
    budget: Budget
    seed: int

    @cached_property
    def networks(self) -> int:
        return self.space.graph.count()

    def overview(self) -> Overview:
        space = self.space
        if not self.networks:
            raise DseError(unbuildable(space))
        choices = self._sample(Budget())
        columns = space.tables.costs(choices)
        ranges = []
        for cost in space.blocks.shown_costs:
            known = columns.bears([cost])
            ends = [self.end(cost, "min"), self.end(cost, "max")]
            if ends[0] is not None and ends[1] is not None:
                values = columns.costs[cost][known]
                quantiles = numpy.quantile(values, QUANTILES, method="inverted_cdf")
                ranges.append(CostRange(cost, ends[0], ends[1], tuple(map(int, quantiles))))
        feasible = feasible_number(space, self.budget)
        told = Estimate.of(feasible)
        if not feasible.is_exact:
            graph = space.graph_of(self.budget.bounded)
            feasible = feasible.narrowed(certain_count(graph, self.budget))
            told = estimated(space, self.budget, self.seed)
            told = replace(told, likely=told.likely.narrowed(feasible))
        return Overview(
            networks=self.networks,
            buildable=space.graph.choices.count(),
            ranges=tuple(ranges),
            sampled=len(choices),
            feasible=feasible,
            estimate=told.number,
            likely=told.likely,
        )

    def _sample(self, budget: Budget) -> Integers:
        """Return choices of all networks of a small space, or of uniform draws."""
        ways = self.space.ways(budget)
        if self.networks <= limit("listed_networks"):
            return ways.graph.choices_at(ways.all())
        return ways.graph.choices_at(ways.draw(DRAWS, numpy.random.default_rng(self.seed)))

    def end(self, cost: str, direction: str) -> End | None:
        """Return the least or the greatest value of a cost; None where no network has it."""
        graph = self.space.graph_of([cost])
        found = extreme(graph, cost, "min" if direction == "min" else "max")
        if found is None:
            return None
        choices = graph.choices_at(found.path[None])[0]
        family = self.space.grid.family
        settings = family.resolve(self.space.grid.settings(choices.tolist())).settings
        return End(found.value, dict(settings), found.is_proven)


def _of_callables(space: CallableSpace, budget: Budget) -> Overview:
    listed, buildable = _listed(space)
    admitted = sum(budget.admits(costs) for _, costs in listed)
    ranges = (_range(cost, listed) for cost in space.blocks.shown_costs)
    return Overview(
        networks=len(listed),
        buildable=buildable,
        ranges=tuple(each for each in ranges if each is not None),
        sampled=len(listed),
        feasible=NetworkCount(admitted, admitted),
        estimate=admitted,
        likely=NetworkCount(admitted, admitted),
    )


def _listed(space: CallableSpace) -> tuple[list[tuple[Settings, Costs]], int]:
    """Return the networks of a space, and how many points of it can be built."""
    found: dict[int, tuple[Settings, Costs]] = {}
    buildable = 0
    for point in space.points():
        if isinstance(point.costs, Costs) and point.candidate is not None:
            buildable += 1
            found.setdefault(point.key, (dict(point.candidate.settings), point.costs))
    if not found:
        raise DseError(unbuildable(space))
    return list(found.values()), buildable


def _range(cost: str, listed: list[tuple[Settings, Costs]]) -> CostRange | None:
    known = [(v, s) for s, costs in listed if (v := costs[cost]) is not None]
    if not known:
        return None
    ends = (min(known, key=lambda each: each[0]), max(known, key=lambda each: each[0]))
    least, greatest = (End(value, settings) for value, settings in ends)
    values = numpy.array([value for value, _ in known], dtype=numpy.int64)
    quantiles = numpy.quantile(values, QUANTILES, method="inverted_cdf")
    return CostRange(cost, least, greatest, tuple(map(int, quantiles)))
