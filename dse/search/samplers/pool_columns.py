"""Columns of numbers for the candidates of a pool, worked out for those that are asked for.

A pool of a million candidates has a table of some kilobytes for each axis in place of gigabytes of
columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dse.search.samplers.pool_rows import Floats, Indices, PoolRows

KEPT_FROM = 1000
"""Candidates that are many."""

LEAST = 8.0
"""Logarithms of costs are at most so many deviations below their mean."""


class ColumnBlock(Protocol):
    """Some columns that belong together, such as those of an axis."""

    @property
    def number(self) -> int:
        """How many candidates."""

    @property
    def width(self) -> int:
        """How many columns."""

    def rows(self, points: Indices) -> Floats:
        """Return the columns of some candidates, of shape (points, columns)."""


@dataclass(frozen=True)
class _RowsBlock:
    """Columns of the rows of a pool."""

    candidates: PoolRows

    @property
    def number(self) -> int:
        """How many candidates."""
        return len(self.candidates)


@dataclass(frozen=True)
class ChoiceBlock(_RowsBlock):
    """A row of a table for each choice of an axis."""

    axis: int
    table: Floats
    """Of shape (choices, columns)."""

    @property
    def width(self) -> int:
        """How many columns."""
        return int(self.table.shape[1])

    def rows(self, points: Indices) -> Floats:
        """Return the columns of some candidates."""
        return np.asarray(self.table[self.candidates.choices[points, self.axis]])


@dataclass(frozen=True)
class RankBlock(_RowsBlock):
    """The choices of some axes, as numbers."""

    axes: Indices

    @property
    def width(self) -> int:
        """How many columns."""
        return len(self.axes)

    def rows(self, points: Indices) -> Floats:
        """Return the columns of some candidates."""
        return np.asarray(self.candidates.choices[points][:, self.axes], dtype=np.float64)


@dataclass(frozen=True)
class CostBlock(_RowsBlock):
    """The logarithm of a cost, of mean 0 and variance 1 over those that are listed."""

    cost: int
    offset: float
    """Added to the cost: a zero has no logarithm."""
    mean: float
    spread: float
    factor: float = 1.0

    @property
    def width(self) -> int:
        """The one column."""
        return 1

    def rows(self, points: Indices) -> Floats:
        """Return the column of some candidates."""
        costs = self.candidates.costs[points, self.cost] + self.offset
        # What came behind the list may cost less than all that is listed.
        logarithms = np.log(np.maximum(costs, np.exp(self.mean - LEAST * self.spread)))
        return np.asarray((logarithms - self.mean) / self.spread * self.factor)[:, None]


@dataclass(frozen=True)
class ValueBlock:
    """Numbers of each candidate that is listed, and one row for all others."""

    values: NDArray[np.floating | np.integer]
    """Of shape (candidates, columns)."""
    others: Floats
    """Of shape (columns,)."""

    @property
    def number(self) -> int:
        """How many candidates."""
        return len(self.values)

    @property
    def width(self) -> int:
        """How many columns."""
        return int(self.values.shape[1])

    def rows(self, points: Indices) -> Floats:
        """Return the columns of some candidates."""
        is_listed = points < len(self.values)
        found = np.repeat(self.others[None, :], len(points), axis=0)
        found[is_listed] = self.values[points[is_listed]]
        return found


@dataclass(frozen=True)
class CountBlock(_RowsBlock):
    """How often each choice occurs among axes that choose from one set."""

    axes: Sequence[int]
    numbers: Sequence[Indices]
    """For each of these axes the number in that set of each of its choices."""
    weights: Floats
    """How much a choice counts on each axis."""
    centre: Floats
    """What is taken off, of shape (columns,)."""
    scale: float = 1.0

    @property
    def width(self) -> int:
        """How many columns."""
        return len(self.centre)

    def rows(self, points: Indices) -> Floats:
        """Return the columns of some candidates."""
        chosen = self.candidates.choices[points][:, self.axes]
        columns = self._table[np.arange(len(self.axes)), chosen]
        cells = columns + np.arange(len(points))[:, None] * self.width
        weights = np.tile(self.weights, len(points))
        total = np.bincount(cells.ravel(), weights, len(points) * self.width)
        return np.asarray((total.reshape(len(points), -1) - self.centre) / self.scale)

    @cached_property
    def _table(self) -> Indices:
        """`numbers` side by side, of shape (axes, choices)."""
        table = np.zeros((len(self.numbers), max(map(len, self.numbers))), dtype=np.int64)
        for own, numbers in zip(table, self.numbers, strict=True):
            own[: len(numbers)] = numbers
        return table


class PoolColumns:
    """Blocks side by side; indexed by candidates as an array of shape (candidates, columns) is.

    What was asked for last by many candidates is kept, for whoever asks by the same array: not to
    be written to.

    Args:
        blocks: of one pool, one at least.
    """

    def __init__(self, blocks: Sequence[ColumnBlock]) -> None:
        self.blocks = list(blocks)
        self._kept: tuple[Indices, Floats] | None = None
        self.shape = (blocks[0].number, sum(block.width for block in blocks))

    def __len__(self) -> int:
        """Return the number of candidates."""
        return self.shape[0]

    def __getitem__(self, points: Indices) -> Floats:
        """Return the columns of some candidates, of shape (points, columns)."""
        if self._kept is not None and self._kept[0] is points:
            return self._kept[1]
        found = np.empty((len(points), self.shape[1]))
        start = 0
        for block in self.blocks:
            found[:, start : start + block.width] = block.rows(points)
            start += block.width
        if len(points) >= KEPT_FROM:
            self._kept = points, found
        return found

    @property
    def groups(self) -> Indices:
        """The block that each column is of."""
        numbers = [np.full(block.width, i) for i, block in enumerate(self.blocks)]
        return np.concatenate(numbers).astype(np.int64)
