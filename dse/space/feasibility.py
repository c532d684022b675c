"""Whether anything in a space meets a budget; if not, what comes nearest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy

from dse.costs import Costs, unit_of
from dse.errors import DseError
from dse.space.budget import Budget
from dse.space.grid import Settings
from dse.space.space import DesignSpace
from dse.space.tables import scan
from dse.units import format_quantity


def require_feasible(space: DesignSpace, budget: Budget) -> None:
    """Make sure that a grid has points, and that one of them meets a budget.

    Raises:
        DseError: naming the candidate that comes nearest to the budget.
    """
    if next(iter(space.grid), None) is None:
        raise DseError("the grid is empty: its exclusions remove every point")
    if budget and not _is_met(space, budget):
        raise DseError(_impossible(space, budget))


def _is_met(space: DesignSpace, budget: Budget) -> bool:
    if space.grid.family.is_callable:
        costs = (point.costs for point in space.points())
        return any(isinstance(each, Costs) and budget.admits(each) for each in costs)
    return any(len(scanned.indices) for scanned in scan(space.tables, budget))


def _impossible(space: DesignSpace, budget: Budget) -> str:
    callable_ = space.grid.family.is_callable
    least = _traced(space, budget) if callable_ else _tabulated(space, budget)
    nearest = min(least, key=lambda each: each[0], default=None)
    if nearest is None:
        return "no candidate of the grid can be built"
    _, settings, costs = nearest
    named = ", ".join(f"{name}={value}" for name, value in settings.items())
    amounts = ", ".join(
        f"{bound.cost} {format_quantity(costs[bound.cost], unit_of(bound.cost))}"
        for bound in budget.bounds
    )
    return f"no candidate meets {budget}; the cheapest is {named} with {amounts}"


_Nearest = tuple[float, Settings, Mapping[str, Any]]


def _traced(space: DesignSpace, budget: Budget) -> Iterator[_Nearest]:
    for point in space.points():
        if isinstance(point.costs, Costs):
            costs = point.costs.as_dict()
            if all(costs[bound.cost] is not None for bound in budget.bounds):
                yield float(budget.excess(costs)), point.settings, costs


def _tabulated(space: DesignSpace, budget: Budget) -> Iterator[_Nearest]:
    """Yield the nearest of each block of points."""
    names = [bound.cost for bound in budget.bounds]
    for scanned in scan(space.tables, Budget()):
        columns = space.tables.costs(scanned.choices, names)
        places = numpy.flatnonzero(columns.bears(names))
        if len(places):
            excess = budget.excess({name: columns.costs[name][places] for name in names})
            best = int(excess.argmin())
            row = int(places[best])
            costs = {name: int(columns.costs[name][row]) for name in names}
            settings = space.grid.settings(scanned.choices[row].tolist())
            yield float(excess[best]), settings, costs
