"""Columns of numbers for the candidates of a pool, worked out for those that are asked for.

A pool of a million candidates has a table of some kilobytes for each axis in place of gigabytes of
columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

KEPT_FROM = 1000
"""Candidates that are many."""


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
class ChoiceBlock:
    """A row of a table for each choice of an axis."""

    table: Floats
    """Of shape (choices, columns)."""
    choices: NDArray[np.integer]
    """Of each candidate, as a row of the table."""

    @property
    def number(self) -> int:
        """How many candidates."""
        return len(self.choices)

    @property
    def width(self) -> int:
        """How many columns."""
        return int(self.table.shape[1])

    def rows(self, points: Indices) -> Floats:
        """Return the columns of some candidates."""
        return np.asarray(self.table[self.choices[points]])


@dataclass(frozen=True)
class ValueBlock:
    """Numbers of each candidate, times a factor."""

    values: NDArray[np.floating | np.integer]
    """Of shape (candidates, columns)."""
    factor: float = 1.0

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
        return np.asarray(self.values[points] * self.factor, dtype=np.float64)


@dataclass(frozen=True)
class CountBlock:
    """How often each choice occurs among axes that choose from one set."""

    choices: NDArray[np.integer]
    """Of shape (candidates, axes): the number of each choice in that set."""
    weights: Floats
    """How much a choice counts on each axis."""
    centre: Floats
    """What is taken off, of shape (columns,)."""
    scale: float = 1.0

    @property
    def number(self) -> int:
        """How many candidates."""
        return len(self.choices)

    @property
    def width(self) -> int:
        """How many columns."""
        return len(self.centre)

    def rows(self, points: Indices) -> Floats:
        """Return the columns of some candidates."""
        chosen, places = self.choices[points], np.arange(len(points))
        total = np.zeros((len(points), self.width))
        for weight, column in zip(self.weights, chosen.T, strict=True):
            total[places, column] += weight
        return np.asarray((total - self.centre) / self.scale)


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
