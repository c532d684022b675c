"""Whether anything in a space meets a budget; if not, what comes nearest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy

from dse.cost_formulas import cost_value, formula_unit, given_terms
from dse.costs import COSTS, Costs
from dse.errors import DseError
from dse.language import format_beside
from dse.limits import limit
from dse.space.budget import Bound, Budget
from dse.space.costing import Invalid
from dse.space.design_space import BlockSpace, CallableSpace, DesignSpace
from dse.space.graph import NetworkGraph, best_networks, extreme, is_exact_for
from dse.space.pages import Settings, by_axis
from dse.space.tables import Integers, removed, scan

DRAWS = 50_000
"""Candidates of a larger one that are looked at, where the graph alone cannot tell."""


def require_feasible(space: DesignSpace, budget: Budget) -> None:
    """Make sure that a grid has points, and that one of them meets a budget.

    Raises:
        DseError: naming the candidate that comes nearest to the budget.
    """
    if sum(each.number for each in removed(space.grid)) == space.grid.size:
        raise DseError("the grid is empty: its exclusions remove every point")
    require_numbers(space, budget.costs)
    if budget and not _is_met(space, budget):
        raise DseError(_impossible(space, budget))


def require_numbers(space: DesignSpace, costs: Iterable[str]) -> None:
    """Make sure that some network of a space has the costs that blocks are given.

    Args:
        space: of any family.
        costs: by name, or formulas over such.

    Raises:
        DseError: saying where numbers come from.
    """
    costs = tuple(costs)
    for name in dict.fromkeys(base for cost in costs for base in given_terms(cost)):
        if name not in space.blocks.given:
            where = f" on {space.conditions.device}" if space.conditions.device else ""
            raise DseError(f"no network has {name}{where}: {COSTS[name].source}")
        if isinstance(space, BlockSpace) and not len(space.graph_of([name]).roots):
            raise DseError(
                f"no network has {name}: each has a block without one; {COSTS[name].source}"
            )


def require_buildable(space: DesignSpace) -> None:
    """Make sure that a network of a space can be built.

    Raises:
        DseError: with the reason why the first cannot.
    """
    if not _can_build(space):
        raise DseError(unbuildable(space))


def _can_build(space: DesignSpace) -> bool:
    if isinstance(space, CallableSpace):
        return any(isinstance(point.costs, Costs) for point in space.points())
    if space.grid.size > limit("checked_points"):
        return space.graph.count() > 0
    blocks = (scanned.choices for scanned in scan(space.tables, Budget()))
    return any(space.tables.costs(each, ("params",)).is_valid.any() for each in blocks)


def unbuildable(space: DesignSpace) -> str:
    """Return that no network of a space can be built, and why the first cannot."""
    first = next(iter(space.grid), None)
    costs = None if first is None else space.point(first).costs
    reason = f": {costs.reason}" if isinstance(costs, Invalid) else ""
    return f"no candidate of the grid can be built{reason}"


def _is_met(space: DesignSpace, budget: Budget) -> bool:
    if isinstance(space, CallableSpace):
        costs = (point.costs for point in space.points())
        return any(isinstance(each, Costs) and budget.admits(each) for each in costs)
    if space.grid.size <= limit("checked_points"):
        return any(len(scanned.indices) for scanned in scan(space.tables, budget))
    ways = space.ways(budget)
    number = ways.number()
    if number.least or not number.most:
        return number.least > 0
    choices = ways.graph.choices_at(ways.draw(DRAWS, numpy.random.default_rng(0)))
    names = budget.costs
    return bool(space.tables.costs(choices, names).admitted(budget).any())


def _impossible(space: DesignSpace, budget: Budget) -> str:
    if isinstance(space, CallableSpace):
        found = _traced(space, budget)
    elif space.grid.size <= limit("checked_points"):
        blocks = (scanned.choices for scanned in scan(space.tables, Budget()))
        found = _tabulated(space, budget, blocks)
    else:
        found = _tabulated(space, budget, _at_the_ends(space, budget))
    nearest = min(found, key=lambda each: each[0], default=None)
    if nearest is None:
        return unbuildable(space)
    _, settings, costs = nearest
    axes = by_axis(space.grid.family, settings)
    named = ", ".join(f"{name}={value}" for name, value in axes.items())
    amounts = ", ".join(
        f"{cost} {format_beside(costs[cost], formula_unit(cost), str(budget))}"
        for cost in budget.costs
    )
    return f"no candidate meets {budget}; the nearest is {named} with {amounts}"


_Nearest = tuple[float, Settings, Mapping[str, Any]]


def _traced(space: CallableSpace, budget: Budget) -> Iterator[_Nearest]:
    for point in space.points():
        if isinstance(point.costs, Costs):
            costs = {cost: cost_value(point.costs, cost) for cost in budget.costs}
            if None not in costs.values():
                yield float(budget.excess(costs)), point.settings, costs


def _tabulated(space: BlockSpace, budget: Budget, blocks: Iterable[Integers]) -> Iterator[_Nearest]:
    """Yield the nearest of each block of choices."""
    names = budget.costs
    for choices in blocks:
        columns = space.tables.costs(choices, names)
        places = numpy.flatnonzero(columns.bears(names))
        if len(places):
            excess = budget.excess({name: columns.costs[name][places] for name in names})
            best = int(excess.argmin())
            row = int(places[best])
            costs = {name: int(columns.costs[name][row]) for name in names}
            yield float(excess[best]), space.grid.settings(choices[row].tolist()), costs


def _at_the_ends(space: BlockSpace, budget: Budget) -> Iterator[Integers]:
    """Yield candidates at the ends of what a budget bounds, and those beside its bounds."""
    for cost in budget.costs:
        graph = space.graph_of([cost])
        ends = (extreme(graph, cost, "min"), extreme(graph, cost, "max"))
        for end in ends:
            if end is not None:
                yield graph.choices_at(end.path[None])
    for bound in budget.bounds:
        graph = space.graph_of([bound.cost])
        for path in _beside(graph, bound):
            yield graph.choices_at(path[None])


def _beside(graph: NetworkGraph, bound: Bound) -> Iterator[Integers]:
    """Yield the networks next to a bound on both sides, where a cost leaves a gap there."""
    if bound.low is None or bound.high is None:
        return
    below, above = Bound(bound.cost, None, bound.low), Bound(bound.cost, bound.high, None)
    for weight, side in ((1.0, Budget((below,))), (-1.0, Budget((above,)))):
        weights = {bound.cost: weight}
        if is_exact_for(weights, side, graph):
            yield from (best.path for best in best_networks(graph, weights, side, 1))
