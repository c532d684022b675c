"""Rows of a store as the tables of a report."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from dse.costs import Unit
from dse.project.frames import columns_of, plain_value
from dse.report import DataTable, TableCell
from dse.shown_values import NO_UNITS, shown_value

MOST_ROWS = 500
"""Of one table: a page has to open on a phone."""


def table_of(
    caption: str,
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str] | None = None,
    units: Mapping[str, Unit] = NO_UNITS,
    total: int | None = None,
    once: Collection[str] = (),
) -> DataTable:
    """Return rows as a table, of which columns without any value are left out.

    Args:
        caption: above the table.
        rows: the rows; a value may be missing.
        columns: which columns, in order; by default all that the rows have.
        units: of columns that are costs which users declared.
        total: rows in all, where those that are given are the first of more.
        once: columns that are told once, below, where they are the same in every row.
    """
    named = columns_of(rows) if columns is None else columns
    kept = [name for name in named if any(row.get(name) is not None for row in rows)]
    shown = rows[:MOST_ROWS]
    same = {
        name: shown_value(name, plain_value(shown[0].get(name)), units)
        for name in kept
        if name in once and len(shown) > 1 and len({repr(row.get(name)) for row in shown}) == 1
    }
    columns = tuple(name for name in kept if name not in same)
    of_all = max(len(rows), total or 0)
    notes = [f"{len(shown):,} of {of_all:,} rows"] if len(shown) < of_all else []
    if same:
        notes.append(
            "in every row: " + ", ".join(f"{name} {text}" for name, text in same.items() if text)
        )
    cells = tuple(tuple(_cell(name, row.get(name), units) for name in columns) for row in shown)
    return DataTable(caption, columns, cells, "; ".join(notes))


def _cell(column: str, value: Any, units: Mapping[str, Unit]) -> TableCell:
    plain = plain_value(value)
    is_number = isinstance(plain, int | float) and not isinstance(plain, bool)
    number = float(plain) if is_number and math.isfinite(plain) else None
    return TableCell(shown_value(column, plain, units), number)
