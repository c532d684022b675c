"""Arrays over some of the dimensions of a grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from numpy.typing import NDArray

from dse.space.costing import Integers

Booleans = NDArray[numpy.bool_]

LARGEST_GROUP = 32_768
"""Entries of the tables of slots that are chained in advance."""


@dataclass(frozen=True)
class Factor:
    """A value for every combination of choices of some dimensions of a grid."""

    dimensions: tuple[int, ...]
    """In ascending order; the last one runs first along `values`."""
    values: NDArray[Any]
    """Of shape (combinations, …)."""

    def at(self, choices: Integers, sizes: Sequence[int]) -> NDArray[Any]:
        """Return the value at each row of choices (an index a dimension of the grid)."""
        return self.values[row_of(self.dimensions, choices, sizes)]

    def over(self, dimensions: tuple[int, ...], sizes: Sequence[int]) -> NDArray[Any]:
        """Return the values spread over more dimensions, of which these are some."""
        if dimensions == self.dimensions:
            return self.values
        return self.values[projection(dimensions, self.dimensions, sizes)]

    def reduced(self, sizes: Sequence[int]) -> Factor:
        """Return the same without the dimensions that make no difference."""
        values = self.values.reshape([sizes[d] for d in self.dimensions])
        kept = []
        for position in reversed(range(len(self.dimensions))):
            first = values.take([0], axis=position)
            if bool((values == first).all()):
                values = values.take(0, axis=position)
            else:
                kept.append(self.dimensions[position])
        return Factor(tuple(reversed(kept)), values.reshape(-1))


def count(dimensions: Sequence[int], sizes: Sequence[int]) -> int:
    """Return the number of combinations of some dimensions."""
    return math.prod(sizes[dimension] for dimension in dimensions)


def strides(dimensions: Sequence[int], sizes: Sequence[int]) -> dict[int, int]:
    """Return by how much a step of each dimension moves the number of a combination."""
    found, step = {}, 1
    for dimension in reversed(dimensions):
        found[dimension] = step
        step *= sizes[dimension]
    return found


def row_of(dimensions: Sequence[int], choices: Integers, sizes: Sequence[int]) -> Integers:
    """Return the number of the combination of some dimensions in each row of choices."""
    rows = numpy.zeros(len(choices), dtype=numpy.int64)
    for dimension in dimensions:
        rows *= sizes[dimension]
        rows += choices[:, dimension]
    return rows


def projection(outer: Sequence[int], inner: Sequence[int], sizes: Sequence[int]) -> Integers:
    """Return for each combination of outer dimensions the row of a table over inner ones.

    Of inner dimensions that are not among the outer ones, the first choice is meant.
    """
    steps = strides(inner, sizes)
    rows = numpy.zeros([sizes[dimension] for dimension in outer], dtype=numpy.int64)
    for axis, dimension in enumerate(outer):
        if dimension in steps:
            along = numpy.arange(sizes[dimension], dtype=numpy.int64) * steps[dimension]
            rows += along.reshape([-1 if a == axis else 1 for a in range(rows.ndim)])
    return rows.reshape(-1)


def union(*groups: Sequence[int]) -> tuple[int, ...]:
    """Return the dimensions that are in any of the groups."""
    return tuple(sorted({dimension for group in groups for dimension in group}))


def is_chained(first: tuple[int, ...], second: tuple[int, ...], sizes: Sequence[int]) -> bool:
    """Return whether tables over some dimensions are worth being one over all of these.

    It may be much larger than the two are.
    """
    return first == second or count(union(first, second), sizes) <= LARGEST_GROUP
