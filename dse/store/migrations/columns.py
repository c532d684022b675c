"""Columns as migrations write them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""SQLite numbers rows by itself only in a column of exactly the type INTEGER."""


def id_column() -> sa.Column[Any]:
    """Return the column that numbers rows."""
    return sa.Column("id", ROW_ID, primary_key=True)


def reference(name: str, table: str, **options: Any) -> sa.Column[Any]:
    """Return a column of ids of another table."""
    return sa.Column(name, ROW_ID, sa.ForeignKey(f"{table}.id"), **{"nullable": False, **options})


def text_column(name: str, nullable: bool = False) -> sa.Column[Any]:
    """Return a column of texts."""
    return sa.Column(name, sa.Text, nullable=nullable)
