"""What SQLite and PostgreSQL do differently when rows are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import (
    Connection,
    String,
    Table,
    bindparam,
    func,
    literal,
    null,
    select,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

_ROWS_A_CALL = 10_000


class moment_in(FunctionElement[str]):
    """The moment that lies so many seconds ahead, by the clock of the database, as a text.

    Texts of one database can be compared: all that claims depend on is read from one clock.
    """

    type = String()
    inherit_cache = True

    def __init__(self, seconds: float) -> None:
        super().__init__(literal(float(seconds)))


@compiles(moment_in, "sqlite")
def _moment_in_sqlite(element: moment_in, compiler: Any, **options: Any) -> str:
    seconds = compiler.process(element.clauses, **options)
    form = "'%Y-%m-%dT%H:%M:%fZ'"
    return f"strftime({form}, 'now', printf('%+.3f seconds', {seconds}))"


@compiles(moment_in, "postgresql")
def _moment_in_postgresql(element: moment_in, compiler: Any, **options: Any) -> str:
    seconds = compiler.process(element.clauses, **options)
    form = '\'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\''
    there = f"clock_timestamp() + make_interval(secs => {seconds})"
    return f"to_char(({there}) AT TIME ZONE 'UTC', {form})"


Insert: TypeAlias = "sqlite.Insert | postgresql.Insert"


def insert_into(connection: Connection, table: Table) -> Insert:
    """Return an insert statement that knows `ON CONFLICT`."""
    return insert_for(connection.dialect.name, table)


def one_at_a_time(connection: Connection, what: str, changes: bool = True) -> None:
    """Wait until no other transaction goes on that changes the same, and keep those waiting.

    For what reads the store before it changes it. In a file one transaction writes at a time.

    Args:
        connection: within a transaction that writes.
        what: is changed by what was read.
        changes: whether this one does; those that only rely on it go on side by side.
    """
    if connection.dialect.name == "postgresql":
        key = func.hashtextextended(f"dse {what}", 0)
        lock = func.pg_advisory_xact_lock if changes else func.pg_advisory_xact_lock_shared
        connection.execute(select(lock(key)))


def insert_for(dialect: str, table: Table) -> Insert:
    """Return an insert statement of a kind of database."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


Same = Mapping[str, int | None]
"""Columns that have one value in all rows, which is written into the statement."""

NOTHING_SAME: Same = MappingProxyType({})


def varied_columns(table: Table, same: Same = NOTHING_SAME) -> list[str]:
    """Return the columns that a row brings: not the number that the database gives it."""
    return [column.name for column in table.columns if column.name not in ("id", *same)]


def insert_rows(
    connection: Connection,
    table: Table,
    rows: Iterable[tuple[Any, ...]],
    statement: Insert | None = None,
    same: Same = NOTHING_SAME,
) -> int:
    """Insert many rows and return how many the database counts as inserted or changed.

    Args:
        connection: within a transaction that writes.
        table: where to.
        rows: a value for every column of the table but `id` each, in the order of the table; JSON
            values come as text.
        statement: an insert that says what happens to rows that are present; by default that is
            an error.
        same: columns that the rows leave out, as all have one value.
    """
    if statement is None:
        statement = insert_into(connection, table)
    names = varied_columns(table, same)
    written = {name: null() if value is None else text(str(value)) for name, value in same.items()}
    statement = statement.values({name: bindparam(name) for name in names} | written)
    compiled = statement.compile(dialect=connection.dialect)
    if compiled.positional:
        assert compiled.positiontup == names, "rows are in the order of the table"
    inserted = 0
    waiting = iter(rows)
    # The driver takes the values as they are: twice as fast as SQLAlchemy's own binding.
    while some := list(islice(waiting, _ROWS_A_CALL)):
        parameters: Any = some
        if not compiled.positional:
            parameters = [dict(zip(names, row, strict=True)) for row in some]
        inserted += connection.exec_driver_sql(str(compiled), parameters).rowcount
    return inserted


def insert_missing(
    connection: Connection,
    table: Table,
    rows: Iterable[tuple[Any, ...]],
    same: Same = NOTHING_SAME,
) -> int:
    """Do what `insert_rows` does, and pass over rows that are present."""
    statement = insert_into(connection, table).on_conflict_do_nothing()
    return insert_rows(connection, table, rows, statement, same)
