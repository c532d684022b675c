"""The best candidates, and the front, of a space that is small enough to go through all of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

from dse.cost_formulas import find_formula, formula_values
from dse.dominance import distinct_front
from dse.search.pools import Integers, RowMaker
from dse.space import BlockSpace, Booleans, Budget, CostGoal, scan

Floats = NDArray[numpy.float64]
Columns = dict[str, NDArray[Any]]

_BLOCK = 4_096
"""Points that are looked at together, the best first."""


def best_listed(
    space: BlockSpace,
    budget: Budget,
    weights: Mapping[str, float],
    number: int,
    apart: int | None = None,
) -> tuple[Integers, Floats]:
    """Return the choices of the networks with the greatest weighted sums, and these sums.

    Args:
        space: of a family of blocks.
        budget: bounds on any costs.
        weights: of formulas over costs.
        number: how many distinct networks at most.
        apart: in how many dimensions of the grid each differs from all before it, at least.
    """
    points, totals = _totals(space, budget, weights)
    order = numpy.argsort(-totals, kind="stable")
    maker = RowMaker(space.tables)
    chosen: list[tuple[Integers, float]] = []
    keys: set[int] = set()
    for start in range(0, len(order), _BLOCK):
        some = order[start : start + _BLOCK]
        choices = space.tables.space.choices_of(points[some])
        each = zip(choices, maker.keys(choices).tolist(), totals[some].tolist(), strict=True)
        for choice, key, total in each:
            if key in keys or not all((choice != c).sum() >= (apart or 1) for c, _ in chosen):
                continue
            keys.add(key)
            chosen.append((choice, total))
            if len(chosen) == number:
                return _stacked(chosen, space)
    return _stacked(chosen, space)


def _stacked(
    chosen: Sequence[tuple[Integers, float]], space: BlockSpace
) -> tuple[Integers, Floats]:
    shape = (len(chosen), len(space.grid.sizes))
    choices = numpy.array([choice for choice, _ in chosen], dtype=numpy.int64).reshape(shape)
    return choices, numpy.array([total for _, total in chosen])


def _totals(
    space: BlockSpace, budget: Budget, weights: Mapping[str, float]
) -> tuple[Integers, Floats]:
    points, totals = [numpy.empty(0, dtype=numpy.int64)], [numpy.empty(0)]
    for indices, values, known in _valued(space, budget, list(weights)):
        total = sum(weight * values[cost] for cost, weight in weights.items())
        points.append(indices[known])
        totals.append(numpy.asarray(total, dtype=numpy.float64)[known])
    return numpy.concatenate(points), numpy.concatenate(totals)


def front_listed(space: BlockSpace, budget: Budget, goals: Sequence[CostGoal]) -> Integers:
    """Return the choices of a network at every point of a Pareto front.

    Args:
        space: of a family of blocks.
        budget: bounds on any costs.
        goals: formulas over costs.
    """
    kept = numpy.empty(0, dtype=numpy.int64)
    front: list[NDArray[Any]] = [numpy.empty(0)] * len(goals)
    for indices, values, known in _valued(space, budget, [goal.cost for goal in goals]):
        new = [(-values[g.cost] if g.is_large else values[g.cost])[known] for g in goals]
        columns = [numpy.concatenate(each) for each in zip(front, new, strict=True)]
        points = numpy.concatenate([kept, indices[known]])
        best = distinct_front(columns)
        kept, front = points[best], [column[best] for column in columns]
    return space.tables.space.choices_of(kept[numpy.lexsort(front[::-1])])


def _valued(
    space: BlockSpace, budget: Budget, formulas: Sequence[str]
) -> Iterator[tuple[Integers, Columns, Booleans]]:
    """Yield points that a budget admits, the values of formulas there, and where all are known."""
    needed = tuple({name: None for cost in formulas for name in find_formula(cost).names})
    for scanned in scan(space.tables, budget):
        columns = space.tables.costs(scanned.choices, needed)
        named = {name: columns.column(name) for name in needed}
        known = columns.is_valid.copy()
        values: Columns = {}
        for cost in formulas:
            found = formula_values(cost, named)
            values[cost] = numpy.broadcast_to(found.numbers, known.shape)
            known &= found.known
        yield scanned.indices, values, known
