"""Tables in files: rows of CSV, JSON, JSON lines or parquet, as plain dictionaries."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dse.errors import DseError, nearest
from dse.files.csv_frames import read_csv

if TYPE_CHECKING:
    import polars

ENDINGS = (".csv", ".json", ".jsonl", ".parquet")


@dataclass(frozen=True)
class Table:
    """The rows of a table, a column at a time."""

    columns: Mapping[str, list[Any]]
    """By name, in the order in which the rows first have a value; None where one is missing."""
    size: int
    """How many rows there are."""

    def row(self, number: int) -> dict[str, Any]:
        """Return a row, without the values that are missing."""
        values = ((name, column[number]) for name, column in self.columns.items())
        return {name: value for name, value in values if value is not None}

    def of(self, rows: Sequence[int]) -> Table:
        """Return some of the rows."""
        some = {name: [values[row] for row in rows] for name, values in self.columns.items()}
        return Table(_in_order(some), len(rows))


def read_table(path: Path, texts: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return the rows of a table; a value that is missing is left out of its row.

    Args:
        path: of the table.
        texts: as of `read_frame`.

    Raises:
        DseError: as `read_columns`.
    """
    table = read_columns(path, texts)
    return [table.row(number) for number in range(table.size)]


def read_columns(path: Path, texts: Collection[str] = ()) -> Table:
    """Return a table, without the columns that hold nothing.

    A value is a boolean, a number or a text; dates, lists and the like are what they are written
    as.

    Args:
        path: of the table.
        texts: as of `read_frame`.

    Raises:
        DseError: as `read_frame`.
    """
    frame = read_frame(path, texts)
    return Table({column.name: cells(column) for column in frame}, frame.height)


def read_frame(
    path: Path, texts: Collection[str] = (), wanted: Collection[str] = ()
) -> polars.DataFrame:
    """Return a table as a frame, without the columns that hold nothing.

    Those columns stand first of which an earlier row has a value.

    Args:
        path: of the table.
        texts: columns that hold texts; in a CSV file these may look like numbers, such as `01`.
        wanted: columns that have to hold something, if they are there.

    Raises:
        DseError: for a file that cannot be read, of another kind, that holds no rows or no
            values, two columns of one name, or a row of CSV of another length.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise DseError(f"{path}: unknown ending {ending!r}; {nearest(ending, ENDINGS)}")
    if not path.is_file():
        raise DseError(f"{path}: there is no such file")
    # Takes 0.2 s to load, and only few commands read tables.
    import polars

    try:
        # Polars takes no path that is not UTF-8.
        with path.open("rb") as file:
            if ending == ".csv":
                table = read_csv(file.read(), texts)
            elif ending == ".parquet":
                table = polars.read_parquet(file)
            elif ending == ".jsonl":
                table = polars.read_ndjson(file, infer_schema_length=None)
            else:
                table = polars.read_json(file, infer_schema_length=None)
    except (
        polars.exceptions.PolarsError,
        polars.exceptions.PanicException,
        OSError,
        ValueError,
    ) as error:
        raise DseError(f"{path}: {str(error).partition(chr(10))[0]}") from error
    # Polars gives the second column of one name another one.
    names = Counter(_DUPLICATED.sub("", name.strip()) for name in table.columns)
    for name, number in names.items():
        if number > 1:
            raise DseError(f"{path}: {number} columns are named {name!r}")
    if not table.height:
        raise DseError(f"{path}: holds no rows")
    held = [column for column in table if column.null_count() < table.height]
    if not held:
        raise DseError(f"{path}: holds no values")
    empty = {column.name.strip() for column in table} - {column.name.strip() for column in held}
    for name in wanted:
        if name in empty:
            raise DseError(f"{path}: column {name!r} holds nothing")
    held.sort(key=lambda column: is_held(column).arg_max() or 0)
    return polars.DataFrame({column.name.strip(): column for column in held})


def is_numeral(value: Any) -> bool:
    """Return whether a value is a text that a CSV file writes a finite number as."""
    try:
        return isinstance(value, str) and math.isfinite(float(value))
    except ValueError:
        return False


def telling_row(values: Sequence[Any], row: int) -> int:
    """Return the row whose text is no number, where a column has one; otherwise the row given.

    One such text makes a column of a CSV file one of texts, what are numbers above it included.
    """
    texts = (n for n, v in enumerate(values) if isinstance(v, str) and not is_numeral(v))
    return next(texts, row)


def is_held(column: polars.Series) -> polars.Series:
    """Return which rows have a value."""
    # Of a column that is named `^…$` Polars takes the name for a pattern.
    return column.alias("").is_not_null()


_DUPLICATED = re.compile(r"_duplicated_\d+$")


def _in_order(columns: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """Return columns that hold something, those first of which an earlier row has a value."""
    first = {
        name: next((row for row, value in enumerate(values) if value is not None), None)
        for name, values in columns.items()
    }
    held = {name: row for name, row in first.items() if row is not None}
    return {name: columns[name] for name in sorted(held, key=lambda name: held[name])}


def cells(column: polars.Series) -> list[Any]:
    """Return what the rows hold in a column: booleans, numbers and texts, None where nothing is."""
    values = column.to_list()
    if column.dtype.is_integer() or column.dtype.is_float() or str(column.dtype) in _PLAIN:
        return values
    return [None if value is None else _cell(value) for value in values]


_PLAIN = ("Boolean", "String")


def _cell(value: Any) -> bool | int | float | str:
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value if isinstance(value, bool | int | float | str) else str(value)
