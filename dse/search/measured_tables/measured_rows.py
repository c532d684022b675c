"""Rows of a table of measured candidates, and what stands in them; what is wrong, by its row."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dse.errors import DseError, nearest
from dse.files import cells, is_held, is_numeral, read_frame, telling_row
from dse.search.measured_tables.table_cells import Floats, Indices, choices, floats

if TYPE_CHECKING:
    import polars


@dataclass(frozen=True)
class MeasuredRows:
    """Rows that have a value in every column that is asked for."""

    file: Path
    frame: polars.DataFrame
    numbers: Indices
    """Of the rows in the file, from 1 on."""

    def refused(self, place: int, reason: str) -> DseError:
        """Return what tells that something of a row does not hold."""
        return DseError(f"{self.file}: row {self.numbers[place]}: {reason}")

    def floats(self, column: str) -> Floats:
        """Return a column as finite numbers.

        Raises:
            DseError: naming the first row that holds none.
        """
        try:
            found = floats(self.frame[column])
        except (TypeError, ValueError):
            held = cells(self.frame[column])
            place = telling_row(held, 0)
            reason = f"{column} is {held[place]!r:.100}, which is no number"
            raise self.refused(place, reason) from None
        if not np.isfinite(found).all():
            place = int(np.argmin(np.isfinite(found)))
            raise self.refused(place, f"{column} is {found[place]}, not a finite number")
        return found

    def cost(self, column: str) -> Indices | Floats:
        """Return a column as a cost: whole numbers where all are.

        Raises:
            DseError: naming the first row that holds no number, or a negative one.
        """
        found = self.floats(column)
        if (found < 0).any():
            place = int(np.argmax(found < 0))
            raise self.refused(place, f"{column} is {found[place]:g}, and a cost is 0 or more")
        with np.errstate(invalid="ignore"):
            whole = found.astype(np.int64)
        return whole if (whole == found).all() else found

    def choices(self, axis: str) -> tuple[list[Any], Indices]:
        """Return the distinct values of an axis in their order, and which each row has.

        Raises:
            DseError: naming the first row that holds NaN, which equals nothing.
        """
        column = self.frame[axis]
        is_nan = _is_nan(column)
        if is_nan.any():
            reason = f"{axis} is NaN, which is no choice; a row of an empty cell is left out"
            raise self.refused(int(np.argmax(is_nan)), reason)
        return choices(column)


def read_rows(file: Path, wanted: Sequence[str], texts: Collection[str] = ()) -> MeasuredRows:
    """Return the rows of a table that have a value in each of some columns.

    Args:
        file: csv, json, jsonl or parquet.
        wanted: the columns.
        texts: those of them that hold texts, whatever these look like.

    Raises:
        DseError: for a file that cannot be read, a column that is not there or holds nothing, or
            where no row is left.
    """
    table = read_frame(file, texts, wanted)
    for column in wanted:
        if column not in table.columns:
            raise DseError(f"{file}: no column {column!r}; {nearest(column, table.columns)}")
    rows = MeasuredRows(file, table, np.arange(1, table.height + 1))
    for column in wanted:
        if rows.frame[column].null_count():
            held = is_held(rows.frame[column])
            rows = replace(
                rows, frame=rows.frame.filter(held), numbers=rows.numbers[held.to_numpy()]
            )
    if not rows.frame.height:
        raise DseError(f"{file}: no row has a value in each of the columns {', '.join(wanted)}")
    return rows


def _is_nan(column: polars.Series) -> NDArray[np.bool_]:
    """Return which cells are NaN; among texts that are numbers otherwise, also as a text."""
    if column.dtype.is_float():
        return np.asarray(np.isnan(column.to_numpy()))
    if str(column.dtype) != "String":
        return np.zeros(len(column), dtype=bool)
    named = {text for text in column.alias("").unique() if text.strip().lower() == "nan"}
    if not named or not all(map(is_numeral, {*column.alias("").unique()} - named)):
        return np.zeros(len(column), dtype=bool)
    return np.array([text in named for text in column])
