"""Values as people read them: costs with a unit, numbers in six digits, whole seconds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from dse.costs import COSTS, Costs, Unit, telling, unit_of
from dse.html_tables import MOST_ROWS, html_table
from dse.language import format_quantity

_OF_A_COST = re.compile(r"(?:min|mean|max|std)\s*\(\s*(\w+)\s*\)")

_MOMENT = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+Z$")
"""A moment with parts of a second, which people do not read."""

NO_UNITS: Mapping[str, Unit] = MappingProxyType({})


def shown_value(column: str, value: Any, units: Mapping[str, Unit] = NO_UNITS) -> str:
    """Return a plain value as tables for people show it.

    Args:
        column: the name of what it is a value of.
        value: as JSON has one.
        units: of columns that are costs which users declared.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    cost = _OF_A_COST.sub(r"\1", column)
    if (cost in COSTS or cost in units) and isinstance(value, int | float):
        return format_quantity(round(value), units.get(cost) or unit_of(cost))
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str):
        return _MOMENT.sub(r"\1Z", value)
    return json.dumps(value, ensure_ascii=False, default=str)


def html_rows(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None, most: int = MOST_ROWS
) -> str:
    """Return rows as a table of HTML.

    Args:
        rows: the rows; a value may be missing.
        columns: which columns, in order; by default all in which a row that is shown has a value.
        most: rows that are shown; a line tells how many others there are.
    """
    first = rows[:most]
    if columns is None:
        columns = [*dict.fromkeys(c for row in first for c in row if row[c] is not None)]
    numbers = [c for c in columns if all(_is_number(row.get(c)) for row in first)]
    texts = [[shown_value(c, row.get(c)) for c in columns] for row in first]
    return html_table(columns, texts, numbers=numbers, left=len(rows) - len(first))


def html_costs(costs: Costs) -> str:
    """Return costs as a table of HTML, each as it is read and to the last integer."""
    rows = [
        (name, shown_value(name, value), f"{value:,}")
        for name, value in telling(costs.as_dict()).items()
        if value is not None
    ]
    return html_table(("cost", "value", "exact"), rows, numbers=("value", "exact"))


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
