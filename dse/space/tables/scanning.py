"""Going through a whole grid under a budget, faster than its points can be written down.

The last dimensions of a grid make a block of points that lie side by side. Within it, the row of a
table at each point is a fixed array plus an offset, so one addition and one gather a table cost a
point, and tables of the inner dimensions alone are gathered once for all blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy

from dse.cost_formulas import given_terms, needs_training
from dse.space.budget import Budget
from dse.space.costing import Integers, Part, costs_of, fields_for, then
from dse.space.tables.cost_columns import CostTables, Group
from dse.space.tables.factors import Booleans, projection, strides

BLOCK = 65_536
"""Points of a block at most, but where its last dimension alone has more: what is gathered for them
stays in a processor's cache."""


@dataclass(frozen=True)
class Scanned:
    """Some points of a grid that were gone through, in the order of the grid."""

    start: int
    """The number of the first of them."""
    points: int
    """How many they are, with those that an exclusion removes."""
    indices: Integers
    """The numbers of those that are kept."""
    choices: Integers
    """Their choices, of shape (kept, dimensions)."""


def scan(tables: CostTables, budget: Budget, start: int = 0) -> Iterator[Scanned]:
    """Yield the points of a grid block by block, of each those that a budget admits.

    Args:
        tables: of the space.
        budget: without bounds, every point is kept that no exclusion removes, valid or not.
        start: the number of the first point to look at.
    """
    lines = _GridLines(tables, budget)
    for first in range(start // lines.block * lines.block, max(lines.size, 1), lines.block):
        yield lines.scanned(first, max(start - first, 0))


class _GridLines:
    """The blocks of a grid, and the tables as they are seen from within any of them."""

    def __init__(self, tables: CostTables, budget: Budget) -> None:
        self.tables, self.budget = tables, budget
        self.space = tables.space
        sizes = self.space.sizes
        self.size = self.space.grid.size
        self.block = 1
        self.outer = len(sizes)
        while self.outer and (self.block == 1 or self.block * sizes[self.outer - 1] <= BLOCK):
            self.outer -= 1
            self.block *= sizes[self.outer]
        # Bounds on what some networks have not, and other conditions, are tried on what the other
        # bounds admit.
        quick = tuple(bound for bound in budget.bounds if not self._is_lacked(bound.cost))
        self.quick = Budget(quick)
        self.costs = tuple(dict.fromkeys(bound.cost for bound in quick))
        self.fields = fields_for(self.costs)
        self.all_valid = {id(group): bool(group.is_valid.all()) for group in tables.groups}
        self.groups = [
            (group, _Rows(group.dimensions, self.outer, sizes)) for group in tables.groups
        ]
        self.excluded = [
            (factor, _Rows(factor.dimensions, self.outer, sizes)) for factor in self.space.excluded
        ]
        # What depends on the inner dimensions alone is the same in every block.
        self.fixed = {
            number: self._gathered(group, rows.at(()))
            for number, (group, rows) in enumerate(self.groups)
            if rows.is_fixed
        }
        plain, step, known = tables.inputs
        self.inputs = [(f, _Rows(f.dimensions, self.outer, sizes)) for f in (plain, step, known)]

    def _is_lacked(self, cost: str) -> bool:
        return needs_training(cost) or not self.tables.lacked.isdisjoint(given_terms(cost))

    def scanned(self, first: int, skipped: int) -> Scanned:
        """Return the block that starts with a point, without so many of its points."""
        outer = self.space.choices_of(numpy.array([first]))[0, : self.outer].tolist()
        excluded = numpy.zeros(self.block, dtype=numpy.bool_)
        for factor, rows in self.excluded:
            excluded |= factor.values[rows.at(outer)]
        kept = ~excluded
        kept[:skipped] = False
        if self.budget:
            kept &= self._admitted(outer)
        indices = first + numpy.flatnonzero(kept)
        choices = self.space.choices_of(indices)
        if self.quick != self.budget:
            rest = self.tables.costs(choices, self.budget.costs)
            admitted = rest.admitted(self.budget)
            indices, choices = indices[admitted], choices[admitted]
        return Scanned(first + skipped, self.block - skipped, indices, choices)

    def _admitted(self, outer: Sequence[int]) -> Booleans:
        (plain, a), (step, b), (known, c) = self.inputs
        admitted = numpy.broadcast_to(known.values[c.at(outer)], self.block).copy()
        parts = None
        for number, (group, rows) in enumerate(self.groups):
            valid, found = self.fixed.get(number) or self._gathered(group, rows.at(outer))
            if valid is not None:
                admitted &= valid
            parts = found if parts is None else then(parts, found)
        if parts is None or not self.costs:
            return admitted
        inputs = plain.values[a.at(outer)], step.values[b.at(outer)]
        for name, values in costs_of(parts, self.costs, *inputs).items():
            for bound in self.quick.bounds:
                if bound.cost == name and bound.low is not None:
                    admitted &= values >= bound.low
                if bound.cost == name and bound.high is not None:
                    admitted &= values <= bound.high
        return admitted

    def _gathered(self, group: Group, at: Integers) -> tuple[Booleans | None, Part[Integers]]:
        """Return the parts of a group at some rows, and whether each is valid if not all are."""
        valid = None if self.all_valid[id(group)] else group.is_valid[at]
        return valid, {name: group.fields[name].take(at) for name in self.fields}


class _Rows:
    """Rows of a table at the points of a block: of one entry where the inner dimensions are not
    among the table's."""

    def __init__(self, dimensions: tuple[int, ...], outer: int, sizes: Sequence[int]) -> None:
        steps = strides(dimensions, sizes)
        self._steps = [(d, steps[d]) for d in dimensions if d < outer]
        inner = range(outer, len(sizes))
        rows = projection(inner, dimensions, sizes)
        depends = any(dimension in steps for dimension in inner)
        self._inner: Integers = rows if depends else numpy.zeros(1, dtype=numpy.int64)

    @property
    def is_fixed(self) -> bool:
        """Whether the rows are the same in every block."""
        return not self._steps

    def at(self, outer: Sequence[int]) -> Integers:
        """Return the rows at the points of the block at some choices of the outer dimensions."""
        offset = sum(outer[dimension] * step for dimension, step in self._steps)
        return self._inner + offset if offset else self._inner
