"""Whole numbers that may be calculated with beyond what 64 bits hold, on either database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class _unbounded(FunctionElement[Any]):
    inherit_cache = True

    def __init__(self, value: ColumnElement[Any]) -> None:
        super().__init__(value)
        self.type = value.type


def unbounded(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a value whose sums and products may exceed 64 bits, where it is a whole number.

    SQLite goes on with a float there by itself, where PostgreSQL ends in an error.
    """
    return _unbounded(value) if isinstance(value.type, Integer) else value


@compiles(_unbounded)
def _as_it_is(element: _unbounded, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)})"


@compiles(_unbounded, "postgresql")
def _as_numeric(element: _unbounded, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS NUMERIC)"
