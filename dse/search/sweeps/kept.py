"""Which points of a grid a sweep keeps: all, what a budget admits, or what nothing dominates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy

from dse.dominance import beaten, non_dominated
from dse.search.pools import Integers
from dse.space import Budget, CostTables, scan

Keep = Literal["all", "feasible", "pareto"]


@dataclass(frozen=True, slots=True)
class FrontGoal:
    """A cost to be as small, or as large, as can be."""

    cost: str
    direction: Literal["min", "max"]


@dataclass(frozen=True, slots=True)
class Kept:
    """Points that are kept, of those that were gone through since the last ones."""

    done: int
    """Points of the grid gone through, from its first one on."""
    choices: Integers
    """Of shape (kept, dimensions)."""
    indices: Integers
    """The numbers of the points in the grid, in order."""

    def split(self, size: int) -> tuple[Kept, Kept | None]:
        """Return the first points, so many at most, and the rest."""
        if len(self.choices) <= size:
            return self, None
        done = int(self.indices[size])
        first = Kept(done, self.choices[:size], self.indices[:size])
        return first, Kept(self.done, self.choices[size:], self.indices[size:])


def kept_points(tables: CostTables, budget: Budget, start: int) -> Iterator[Kept]:
    """Yield the points that a budget admits, block by block; all of them where it has no bounds.

    Args:
        tables: of the space.
        budget: bounds on costs.
        start: the first point; an earlier call ended there.
    """
    for scanned in scan(tables, budget, start):
        done = scanned.start + scanned.points
        yield Kept(done, scanned.choices, scanned.indices)


def front(
    tables: CostTables,
    budget: Budget,
    goals: Sequence[FrontGoal],
    advance: Callable[[int], None],
) -> Kept:
    """Return the points within a budget that no other one dominates; equal ones are all there.

    Args:
        tables: of the space.
        budget: bounds on costs.
        goals: what to compare them by.
        advance: called with the number of points done since its last call.
    """
    names = list(dict.fromkeys(goal.cost for goal in goals))
    signs = numpy.array([1 if goal.direction == "min" else -1 for goal in goals])
    choices = numpy.empty((0, len(tables.space.sizes)), dtype=numpy.int64)
    indices = numpy.empty(0, dtype=numpy.int64)
    values = numpy.empty((0, len(goals)), dtype=numpy.int64)
    done = 0
    for scanned in scan(tables, budget):
        done = scanned.start + scanned.points
        columns = tables.costs(scanned.choices, names)
        new = numpy.stack([columns.costs[goal.cost] for goal in goals], axis=1) * signs
        is_left = columns.bears(names) & ~beaten(new, values)
        choices = numpy.concatenate([choices, scanned.choices[is_left]])
        indices = numpy.concatenate([indices, scanned.indices[is_left]])
        values = numpy.concatenate([values, new[is_left]])
        best = non_dominated([values[:, index] for index in range(len(goals))])
        choices, indices, values = choices[best], indices[best], values[best]
        advance(scanned.points)
    return Kept(done, choices, indices)
