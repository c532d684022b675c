"""Rows as Polars frames, every number as exact as it is stored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dse.costs import COSTS

if TYPE_CHECKING:
    import polars

Row = Mapping[str, Any]


_MOST = 2**63
"""Whole numbers of a column are below this."""


def frame_of(rows: Sequence[Row], columns: Sequence[str] | None = None) -> polars.DataFrame:
    """Return rows as a frame; values of several types, or whole numbers beyond 64 bits, are text.

    Args:
        rows: the rows; a value may be missing.
        columns: which columns, in order; by default all that the rows have.
    """
    # Polars takes a while to load, and most commands print without it.
    import polars

    names = columns_of(rows) if columns is None else dict.fromkeys(columns)
    return polars.DataFrame([_series(name, [row.get(name) for row in rows]) for name in names])


def columns_of(rows: Sequence[Row]) -> list[str]:
    """Return the columns that rows have, in the order in which they come up."""
    return list(dict.fromkeys(column for row in rows for column in row))


def plain_value(value: Any) -> Any:
    """Return a value as JSON has one; bytes as SQL writes them, what is left as its text."""
    if value is None or isinstance(value, str | int | float | list | dict):
        return value
    if isinstance(value, bytes | memoryview):
        return f"X'{bytes(value).hex().upper()}'"
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def encodable(text: str) -> str:
    """Return a text in which halves of characters, which no encoding has, are escaped."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _series(column: str, values: Sequence[Any]) -> polars.Series:
    import polars

    column = encodable(column)
    values = [encodable(v) if isinstance(v, str) else v for v in map(plain_value, values)]
    types = {type(value) for value in values if value is not None}
    if types == {int, float}:
        return polars.Series(column, values, dtype=polars.Float64, strict=False)
    if not types and column in COSTS:
        return polars.Series(column, values, dtype=polars.Int64)
    is_large = types == {int} and any(v is not None and not -_MOST <= v < _MOST for v in values)
    if len(types) > 1 or types & {list, dict} or is_large:
        texts = [None if v is None else v if isinstance(v, str) else json.dumps(v) for v in values]
        return polars.Series(column, texts, dtype=polars.String)
    return polars.Series(column, values, strict=True)
