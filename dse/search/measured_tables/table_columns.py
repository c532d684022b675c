"""Which columns of a table are what to a search, and the table as they say."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dse.errors import DseError, nearest
from dse.files import cells, read_frame
from dse.search.measured_tables.measured_rows import MeasuredRows, read_rows
from dse.search.measured_tables.tabulated import MeasuredTable
from dse.search.pools import Pool
from dse.space import Dimension

if TYPE_CHECKING:
    from dse.search.objective import Direction

Floats = NDArray[np.float64]


TALLIED = 16
"""Points of a grid to one row up to which rows are told apart by a tally of these points."""


@dataclass(frozen=True)
class TableColumns:
    """The columns of a table of measured candidates."""

    values: tuple[str, ...]
    """What a search measures: one column, or the goals of a front."""
    costs: tuple[str, ...] = ()
    """Numbers, 0 or more, that are known of a candidate beforehand."""
    axes: tuple[str, ...] = ()
    """What tells candidates apart."""
    characters: str | None = None
    """In place of axes: a column of equally long words, of which each character is an axis."""
    minimize: tuple[str, ...] = ()
    """The values and the score of which less is better."""
    unordered: tuple[str, ...] = ()
    """Axes whose numbers are names."""
    score: str | None = None
    """What the best by the one value is judged by in the end."""

    def check(self) -> None:
        """Refuse what does not go together.

        Raises:
            DseError: naming the option.
        """
        if not self.values:
            raise DseError("--value: names nothing")
        judged = (*self.values, *([self.score] if self.score else []))
        _among(self.minimize, judged, "--minimize")
        if self.axes and self.characters:
            raise DseError("--characters: stands in place of --axes")
        beforehand = (*self.axes, self.characters)
        known = (*beforehand, *self.costs)
        for value in self.values:
            if value in (beforehand if len(self.values) > 1 else known):
                raise DseError(f"--value {value}: a cost or an axis, and known beforehand")
        if set(self.values) <= set(self.costs):
            raise DseError("--value: all are costs, and known beforehand: there is nothing to find")
        listed = {"--value": self.values, "--costs": self.costs, "--axes": self.axes}
        for option, names in listed.items():
            if len(set(names)) < len(names):
                raise DseError(f"{option}: names a column twice")
        if self.score is not None and len(self.values) > 1:
            raise DseError("--score: goes with one --value, whose best it judges")
        if self.score is not None and self.score in known:
            raise DseError(f"--score {self.score}: a cost or an axis, and known beforehand")
        if self.characters is None:
            _among(self.unordered, self.axes, "--unordered")
        elif self.unordered:
            raise DseError("--unordered: goes with --axes; the characters of words have no order")

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Of each value."""
        return tuple("minimize" if v in self.minimize else "maximize" for v in self.values)


def _among(names: Sequence[str], known: Collection[str], option: str) -> None:
    for name in names:
        if name not in known:
            raise DseError(f"{option}: unknown column {name!r}; {nearest(name, known)}")


def read_measured(file: Path, columns: TableColumns, name: str = "") -> MeasuredTable:
    """Return a table of measured candidates; of several rows of one the mean counts.

    Args:
        file: csv, json, jsonl or parquet; rows that lack one of the columns are left out.
        columns: which are what.
        name: of the table, where there are several.

    Raises:
        DseError: for a column that is not there, values that are no numbers, a negative cost, or
            one that differs between rows of the same settings.
    """
    if not columns.axes and columns.characters is None:
        known = {*columns.values, *columns.costs, columns.score}
        rest = [name for name in read_frame(file).columns if name not in known]
        shown = f", as in --axes {','.join(rest)}" if rest else ""
        raise DseError(f"{file}: name the columns of the settings{shown}, or one in --characters")
    columns.check()
    axes, rows = _rows(file, columns)
    dimensions, choices = _dimensions(axes, rows, columns.unordered)
    first, candidate_of = _candidates(choices)
    costs = {}
    for cost in columns.costs:
        numbers = rows.cost(cost)
        differs = numbers != numbers[first][candidate_of]
        if differs.any():
            place = int(np.argmax(differs))
            before = first[candidate_of[place]]
            same = f"{numbers[before]:g} in row {rows.numbers[before]}, of the same settings"
            raise rows.refused(place, f"{cost} is {numbers[place]:g}, and {same}")
        costs[cost] = numbers[first]

    def mean(column: str) -> Floats:
        return _means(rows.floats(column), first, candidate_of)

    score = columns.score
    sign = -1.0 if score in columns.minimize else 1.0
    return MeasuredTable(
        Pool(dimensions, choices[first], costs, np.arange(len(first))),
        np.stack([mean(value) for value in columns.values], axis=1),
        columns.directions,
        None if score is None else sign * mean(score),
        {number: value for number, value in enumerate(columns.values) if value in columns.costs},
        name,
    )


def _rows(file: Path, columns: TableColumns) -> tuple[Sequence[str], MeasuredRows]:
    """Return the axes, and the rows that have a value in every column that is named."""
    single = tuple(filter(None, (columns.characters, columns.score)))
    wanted = list(dict.fromkeys([*columns.values, *columns.costs, *columns.axes, *single]))
    if columns.characters is None:
        return columns.axes, read_rows(file, wanted)
    return _spelled(columns.characters, read_rows(file, wanted, [columns.characters]))


def _means(numbers: Floats, first: NDArray[np.int64], candidate_of: NDArray[np.int64]) -> Floats:
    if len(first) == len(candidate_of):
        return numbers
    times = np.bincount(candidate_of)
    # A mean of equal values may differ from them in the last digit.
    return np.where(times > 1, np.bincount(candidate_of, numbers) / times, numbers[first])


def _candidates(choices: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first row of each candidate, in order, and which candidate each row is of."""
    sizes = [int(size) for size in choices.max(axis=0) + 1]
    if math.prod(sizes) < 2**63:
        # One number for each candidate is sorted much faster than its row is.
        numbers = np.ravel_multi_index(tuple(choices.T), sizes)
        if math.prod(sizes) <= TALLIED * len(choices):
            return _first_of(numbers, math.prod(sizes))
        _, first, of = np.unique(numbers, return_index=True, return_inverse=True)
    else:
        _, first, of = np.unique(choices, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return first[order], place[of.ravel()]


def _first_of(numbers: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return likewise of numbers below a size that is not too large."""
    rows = np.arange(len(numbers))
    first_of = np.full(size, len(numbers))
    np.minimum.at(first_of, numbers, rows)
    first = first_of[numbers]
    is_first = first == rows
    return np.flatnonzero(is_first), (np.cumsum(is_first) - 1)[first]


def _spelled(column: str, rows: MeasuredRows) -> tuple[list[str], MeasuredRows]:
    """Return an axis for each character of the words in a column, and rows that have them."""
    import polars

    values = cells(rows.frame[column])
    # A word of digits in a file of numbers has lost its leading zeros.
    width = max(len(str(value)) for value in values)
    is_number = all(isinstance(value, int) for value in values)
    words = [str(value).zfill(width if is_number else 0) for value in values]
    for place, word in enumerate(words):
        if len(word) < width:
            reason = f"{column} is {word!r}, and others have {width} characters"
            raise rows.refused(place, reason)
    axes = [f"{column}_{place}" for place in range(1, width + 1)]
    characters = (
        polars.Series(axis, [word[place] for word in words]) for place, axis in enumerate(axes)
    )
    return axes, replace(rows, frame=rows.frame.with_columns(characters))


def _dimensions(
    axes: Sequence[str], rows: MeasuredRows, unordered: Collection[str]
) -> tuple[tuple[Dimension, ...], NDArray[np.int64]]:
    dimensions, columns = [], []
    for axis in axes:
        values, codes = rows.choices(axis)
        said = {axis: False} if axis in unordered else {}
        dimensions.append(Dimension(axis, tuple({axis: value} for value in values), said))
        columns.append(codes)
    return tuple(dimensions), np.stack(columns, axis=1)
