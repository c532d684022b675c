"""A grid of listed points: the rows of a file, with an axis a column."""

from __future__ import annotations

from pathlib import Path

from dse.errors import DseError, nearest
from dse.language import Value
from dse.space.pages.family import Family
from dse.tables import read_table

Row = dict[str, Value]


def read_listed(family: Family, path: Path) -> list[Row]:
    """Return the settings that the rows of a table name, each once, in the order of the table.

    Columns that are no axes of the family are passed over, such as measurements; so are rows of
    another family where the table has a column `family`. An axis that a row leaves out is at its
    default.

    Raises:
        DseError: for a file that cannot be read, or without a row and an axis of the family.
    """
    rows = [row for row in read_table(path) if row.get("family", family.name) == family.name]
    if not rows:
        raise DseError(f"{path}: no row is of family {family.name!r}")
    names = {name for row in rows for name in row}
    axes = [name for name in (*family.axes, *family.column_axes) if name in names]
    if not axes:
        first = min(names)
        raise DseError(
            f"{path}: no column is an axis of family {family.name!r}; {first!r} is none, "
            f"{nearest(first, {**family.axes, **family.column_axes})}"
        )
    columns = [column for axis in axes for column in family.columns_of(axis)]
    defaults = {column: family.defaults[column] for column in columns}
    points = [
        defaults
        | {column: row[axis] for axis in axes if axis in row for column in family.columns_of(axis)}
        for row in rows
    ]
    return [dict(point) for point in dict.fromkeys(tuple(point.items()) for point in points)]
