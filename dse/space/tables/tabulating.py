"""A function of settings over a whole grid, evaluated once for what it cannot tell apart.

What a function looks up first is the same everywhere, and what it looks up next follows from the
values that it saw. So the points fall into groups, as in a tree of decisions: by the value of the
first column, within each group by that of the next. A listed grid of any number of points costs as
many evaluations as there are groups, and so does the product of any axes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy

from dse.errors import DseError
from dse.limits import limit, shown_limit
from dse.space.costing import Integers
from dse.space.pages import Grid, Scope, Settings

T = TypeVar("T")

_Subsets = dict[int, Integers]
"""The choices of each dimension that some points have; all of those that are left out."""


class EntangledError(DseError):
    """A slot depends on too many settings at once for a table of them."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a function has no value at some settings."""

    reason: str


@dataclass(frozen=True)
class Tabulated(Generic[T]):
    """Values at every combination of some dimensions of a grid, the last dimension runs first."""

    dimensions: tuple[int, ...]
    values: list[T | Failed]
    """Those that were evaluated."""
    reads: list[frozenset[str]]
    """The columns of settings that each of them depends on."""
    numbers: Integers
    """Of each combination, which of the values it has."""

    def at(self, row: int) -> T | Failed:
        """Return the value at a combination."""
        return self.values[int(self.numbers[row])]


def require_tabulable(size: int, where: str = "") -> None:
    """Refuse a table that would be too large; `where` says of what it is.

    Raises:
        EntangledError: naming the limit, and what raises it.
    """
    if size > limit("table_entries"):
        raise EntangledError(
            f"{where}{size:,} combinations of settings make a difference to one another, more than "
            f"{shown_limit('table_entries')}"
        )


def tabulate(grid: Grid, function: Callable[[Scope], T]) -> Tabulated[T]:
    """Evaluate a function at every combination of the dimensions that it turns out to read.

    Raises:
        EntangledError: where there are more than the limit `slot_combinations`.
    """

    def evaluate(settings: Settings) -> tuple[T | Failed, Sequence[str]]:
        scope = Scope(grid.family, settings)
        try:
            value: T | Failed = function(scope)
        except DseError as error:
            value = Failed(str(error))
        return value, tuple(scope.read)

    return tabulated(grid, evaluate)


def tabulated(
    grid: Grid, evaluate: Callable[[Settings], tuple[T | Failed, Sequence[str]]]
) -> Tabulated[T]:
    """Return a function at every combination of the dimensions that it turns out to read.

    Args:
        grid: of the points.
        evaluate: returns a value at full settings, with the columns that it looked up, in order.

    Raises:
        EntangledError: where there are more than the limit `slot_combinations`.
    """
    return _Tree(grid, evaluate).table()


class _Tree(Generic[T]):
    """Splits the points of a grid by what a function reads, until each group has one value."""

    def __init__(
        self, grid: Grid, evaluate: Callable[[Settings], tuple[T | Failed, Sequence[str]]]
    ) -> None:
        self._grid, self._evaluate = grid, evaluate
        self._first = grid.settings([0] * len(grid.dimensions))
        self._read: dict[str, None] = {}
        self._values: list[T | Failed] = []
        self._reads: list[frozenset[str]] = []
        self._subsets: list[_Subsets] = []

    def table(self) -> Tabulated[T]:
        """Return the values over the dimensions of all columns that are read."""
        self._decide()
        grid = self._grid
        dimensions = grid.dimensions_of(self._read)
        numbers = numpy.zeros([grid.sizes[d] for d in dimensions], dtype=numpy.int64)
        every = {d: numpy.arange(grid.sizes[d]) for d in dimensions}
        for number, subsets in enumerate(self._subsets):
            numbers[numpy.ix_(*(subsets.get(d, every[d]) for d in dimensions))] = number
        return Tabulated(dimensions, self._values, self._reads, numbers.reshape(-1))

    def _decide(self) -> None:
        # A group of points; how many of the columns that are read all of them have in common; and
        # what the function is at the first of them, where that is known.
        waiting: list[tuple[_Subsets, int, tuple[T | Failed, Sequence[str]] | None]]
        waiting = [({}, 0, None)]
        columns = self._grid.columns
        while waiting:
            subsets, depth, known = waiting.pop()
            value, read = known or self._evaluate(self._settings(subsets))
            self._note(read)
            while depth < len(read):
                column = columns.get(read[depth])
                depth += 1
                if column is None:
                    continue
                some = subsets.get(column.dimension)
                groups = _split(column.codes, some, len(column.values))
                if len(groups) > 1:
                    each = [(subsets | {column.dimension: group}, depth, None) for group in groups]
                    # The first group has the point that was evaluated; it comes next.
                    waiting += [*each[:0:-1], (each[0][0], depth, (value, read))]
                    break
            else:
                self._values.append(value)
                self._reads.append(frozenset(read))
                self._subsets.append(subsets)

    def _settings(self, subsets: _Subsets) -> Settings:
        settings = dict(self._first)
        for dimension, choices in subsets.items():
            settings |= self._grid.dimensions[dimension].choices[int(choices[0])]
        return settings

    def _note(self, read: Sequence[str]) -> None:
        """Note the columns that were read, and refuse more combinations than are worked out."""
        new = [name for name in read if name not in self._read]
        if not new:
            return
        self._read |= dict.fromkeys(new)
        dimensions, most = self._grid.dimensions_of(self._read), limit("slot_combinations")
        size = math.prod(self._grid.sizes[d] for d in dimensions)
        if size > most:
            size = math.prod(map(self._distinct, dimensions))
        if size > most:
            names = ", ".join(self._grid.dimensions[index].name for index in dimensions)
            raise EntangledError(
                f"{size:,} combinations of {names} make blocks each, more than the "
                f"{shown_limit('slot_combinations')} that are worked out; "
                "give these axes fewer values"
            )

    def _distinct(self, dimension: int) -> int:
        """Return how many choices of a dimension differ in the columns that are read."""
        numbers = numpy.zeros(self._grid.sizes[dimension], dtype=numpy.int64)
        for name in self._read:
            column = self._grid.columns.get(name)
            if column is not None and column.dimension == dimension:
                pairs = numbers * len(column.values) + column.codes
                numbers = numpy.unique(pairs, return_inverse=True)[1].reshape(-1)
        return int(numbers.max(initial=0)) + 1


def _split(codes: Integers, some: Integers | None, values: int) -> list[Integers]:
    """Return the choices, or some of them, in groups of one code; that of the first comes first."""
    choices = numpy.arange(len(codes)) if some is None else some
    if len(choices) == 1 or values == 1:
        return [choices]
    found = codes if some is None else codes[some]
    if values <= 16:
        order = [numpy.flatnonzero(found == code) for code in range(values)]
        groups = [choices[each] for each in order if len(each)]
    else:
        by_code = numpy.argsort(found, kind="stable")
        ends = numpy.flatnonzero(numpy.diff(found[by_code])) + 1
        groups = numpy.split(choices[by_code], ends)
    return sorted(groups, key=lambda group: int(group[0]))
