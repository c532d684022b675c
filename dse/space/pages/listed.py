"""A grid of listed points: the rows of a file, with an axis a column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy

from dse.errors import DseError, nearest
from dse.files import Table, is_numeral, read_columns
from dse.language import Value
from dse.space.pages.coded_columns import CodedColumn, ListedPoints, coded, distinct_points
from dse.space.pages.family import Family


def read_listed(family: Family, path: Path) -> ListedPoints:
    """Return the settings that the rows of a table name, each once, in the order of the table.

    Columns that are no axes of the family are passed over, such as measurements; so are rows of
    another family where the table has a column `family`. An axis that a row leaves out is at its
    default.

    Raises:
        DseError: for a file that cannot be read, or without a row and an axis of the family.
    """
    table = with_texts(family, path, read_columns(path))
    rows = list(range(table.size))
    if "family" in table.columns:
        of = table.columns["family"]
        rows = [row for row, name in enumerate(of) if name in (None, family.name)]
        table = table.of(rows)
    if not table.size:
        raise DseError(f"{path}: no row is of family {family.name!r}")
    axes = [name for name in family.axis_names if name in table.columns]
    if not axes:
        first = min(table.columns)
        raise DseError(
            f"{path}: no column is an axis of family {family.name!r}; {first!r} is none, "
            f"{nearest(first, family.axis_names)}"
        )
    columns = settings_columns(family, given_columns(family, table, axes))
    points = distinct_points(columns.values(), table.size)
    numbers = numpy.array(rows, dtype=numpy.int64)[points] + 1
    return ListedPoints({name: column.at(points) for name, column in columns.items()}, numbers)


def with_texts(family: Family, path: Path, table: Table) -> Table:
    """Return a table in which axes of texts are texts, those of CSV such as `01` among them."""
    known = [name for name in table.columns if name in family.axis_names]
    texts = [name for name in known if _takes_texts(family, name)]
    is_read = all(
        value is None or isinstance(value, str) for name in texts for value in table.columns[name]
    )
    return table if is_read else read_columns(path, texts)


def _takes_texts(family: Family, axis: str) -> bool:
    return all(family.column_types[column] == "text" for column in family.columns_of(axis))


def given_columns(
    family: Family, table: Table, axes: Sequence[str]
) -> dict[str, Sequence[Value | None]]:
    """Return the columns of settings that some columns of a table name, None where a row does not.

    Of two columns that stand for the same settings, such as `kernel` and `kernel_1_2`, the one that
    stands for fewer counts.

    Args:
        family: whose axes they are.
        table: the rows.
        axes: its columns that are axes.
    """
    given: dict[str, Sequence[Value | None]] = {}
    for axis in family.widest_first(axes):
        values = table.columns[axis]
        for column in family.columns_of(axis):
            given[column] = _or_else(values, given[column]) if column in given else values
    return {column: given[column] for axis in axes for column in family.columns_of(axis)}


def settings_columns(
    family: Family, given: Mapping[str, Sequence[Value | None]]
) -> dict[str, CodedColumn]:
    """Return columns of settings, where what a row leaves out is at its default."""
    return {
        column: coded(_or_else(values, repeat(family.defaults[column])))
        for column, values in given.items()
    }


def _or_else(values: Sequence[Value | None], others: Iterable[Value | None]) -> Sequence[Any]:
    """Return values, with others in the place of those that are missing."""
    if None not in values:
        return values
    return [b if a is None else a for a, b in zip(values, others, strict=False)]


def first_fault(
    columns: Mapping[str, CodedColumn], is_faulty: Mapping[str, Sequence[bool]]
) -> tuple[int, str] | None:
    """Return the first row that has a faulty value, and the first such column of it.

    One text makes a column of a CSV file one of texts: numbers that are texts for no other reason
    are faulty where nothing else of the column is.

    Args:
        columns: of the rows.
        is_faulty: of each column, which of its distinct values are.
    """
    found: list[tuple[int, int, str]] = []
    for place, (name, column) in enumerate(columns.items()):
        if any(is_faulty[name]):
            told = zip(column.values, is_faulty[name], strict=True)
            others = [fault and not is_numeral(value) for value, fault in told]
            chosen = others if any(others) else is_faulty[name]
            rows = [row for row, code in enumerate(column.codes.tolist()) if chosen[code]]
            found += [(rows[0], place, name)] if rows else []
    return None if not found else (min(found)[0], min(found)[2])
