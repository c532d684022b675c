"""A table of measured candidates, to compare samplers on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dse.errors import DseError, nearest
from dse.search.candidate_pool import Pool
from dse.search.table_bounds import Bounds
from dse.space import Dimension
from dse.tables import read_table

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MeasuredTable:
    """Every row of a table as a candidate, with its value."""

    pool: Pool
    values: Floats
    """Of which more is better, of shape (candidates,)."""

    def within(self, bounds: Bounds) -> MeasuredTable:
        """Return the rows that bounds admit."""
        kept = np.flatnonzero(bounds.admits(self.pool.costs)) if bounds else slice(None)
        costs = {name: column[kept] for name, column in self.pool.costs.items()}
        pool = Pool(self.pool.dimensions, self.pool.choices[kept], costs, self.pool.keys[kept])
        return MeasuredTable(pool, self.values[kept])


def read_measured(
    file: Path,
    value: str,
    costs: Sequence[str],
    axes: Sequence[str] = (),
    characters: str | None = None,
    minimize: bool = False,
) -> MeasuredTable:
    """Return a table of measured candidates; of several rows of one the mean counts.

    Args:
        file: csv, json, jsonl or parquet; rows without a value are left out.
        value: the column to optimise.
        costs: columns of numbers, 0 or more, that are known of a candidate beforehand.
        axes: columns that tell candidates apart.
        characters: in their place, a column of equally long words, each character an axis.
        minimize: whether less of the value is better.

    Raises:
        DseError: for a column that is not there, values that are no numbers, a negative cost, or
            one that differs between rows of the same settings.
    """
    rows = read_table(file)
    wanted = [value, *costs, *axes, *([characters] if characters else [])]
    for column in wanted:
        if not any(column in row for row in rows):
            raise DseError(f"{file}: no column {column!r}; {nearest(column, rows[0])}")
    if bool(axes) == bool(characters):
        raise DseError("name the columns of the settings in --axes, or one in --characters")
    rows = [row for row in rows if all(column in row for column in wanted)]
    if not rows:
        raise DseError(f"{file}: no row has a value in each of the columns {', '.join(wanted)}")
    if characters:
        axes, rows = _spelled(file, characters, rows)
    dimensions, choices = _dimensions(axes, rows)
    values = _numbers(file, value, rows)
    known = {name: _cost(file, name, rows) for name in costs}
    first, candidate_of = _candidates(choices)
    for name, known_cost in known.items():
        if not np.array_equal(known_cost, known_cost[first][candidate_of]):
            raise DseError(f"{file}: column {name!r} differs between rows of the same settings")
    means = np.bincount(candidate_of, values) / np.bincount(candidate_of)
    # A mean of equal values may differ from them in the last digit.
    several = np.bincount(candidate_of) > 1
    values = np.where(several, means, values[first])
    costs_of = {name: known_cost[first] for name, known_cost in known.items()}
    pool = Pool(dimensions, choices[first], costs_of, np.arange(len(first)))
    return MeasuredTable(pool, -values if minimize else values)


def _candidates(choices: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first row of each candidate, in order, and which candidate each row is of."""
    _, first, of = np.unique(choices, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return first[order], place[of.ravel()]


def _spelled(
    file: Path, column: str, rows: list[dict[str, Any]]
) -> tuple[list[str], list[dict[str, Any]]]:
    # A word of digits is read as a number, which has lost its leading zeros.
    width = max(len(str(row[column])) for row in rows)
    is_number = all(isinstance(row[column], int) for row in rows)
    words = [str(row[column]).zfill(width if is_number else 0) for row in rows]
    if len({len(word) for word in words}) > 1:
        raise DseError(f"{file}: the words of {column!r} are of unequal length")
    axes = [f"{column}_{place}" for place in range(1, width + 1)]
    spelled = [
        {**row, **dict(zip(axes, word, strict=True))} for row, word in zip(rows, words, strict=True)
    ]
    return axes, spelled


def _dimensions(
    axes: Sequence[str], rows: list[dict[str, Any]]
) -> tuple[tuple[Dimension, ...], NDArray[np.int64]]:
    dimensions, columns = [], []
    for axis in axes:
        values = sorted({row[axis] for row in rows}, key=lambda v: (isinstance(v, str), v))
        place = {value: number for number, value in enumerate(values)}
        dimensions.append(Dimension(axis, tuple({axis: value} for value in values)))
        columns.append([place[row[axis]] for row in rows])
    return tuple(dimensions), np.array(columns, dtype=np.int64).T


def _cost(file: Path, column: str, rows: list[dict[str, Any]]) -> NDArray[np.int64] | Floats:
    numbers = _numbers(file, column, rows)
    if (numbers < 0).any():
        least = f"{numbers.min():g}"
        raise DseError(f"{file}: column {column!r} holds {least}, and a cost is 0 or more")
    with np.errstate(invalid="ignore"):
        whole = numbers.astype(np.int64)
    return whole if (whole == numbers).all() else numbers


def _numbers(file: Path, column: str, rows: list[dict[str, Any]]) -> Floats:
    try:
        numbers = np.array([float(row[column]) for row in rows])
    except (TypeError, ValueError) as error:
        raise DseError(f"{file}: column {column!r}: {error}") from error
    if not np.isfinite(numbers).all():
        raise DseError(f"{file}: column {column!r} holds numbers that are not finite")
    return numbers
