"""Plain SQL over a connection that can do nothing but read."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.engine.interfaces import DBAPICursor

from dse.errors import DseError, nearest
from dse.store.asked_words import checked_limit
from dse.store.layout import view_name
from dse.store.opening import pass_on_interruption, reading
from dse.store.questions.answers import Answer

_READS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}


def answer_sql(engine: Engine, statement: str, limit: int | None = None) -> Answer:
    """Return what one SELECT statement finds.

    The connection reads only, as does the transaction; on SQLite everything but reading is refused
    while the statement is prepared, on a server it has to make sense as a part of a SELECT.

    Args:
        engine: a store opened for reading.
        statement: plain SQL of the database at hand.
        limit: how many rows to return at most; the total of the answer counts the others too.

    Raises:
        DseError: for a statement that does not read, or that the database refuses.
    """
    limit = checked_limit(limit)
    if not isinstance(statement, str):
        raise DseError(f"SQL {statement!r}: write a text, such as 'select count(*) from candidate'")
    plain = statement.strip().rstrip(";").strip()
    if not plain:
        raise DseError("the statement is empty; write one such as 'select count(*) from candidate'")
    if "\0" in plain:
        raise DseError("the statement holds a NUL character")
    if any("\ud800" <= character <= "\udfff" for character in plain):
        raise DseError("the statement holds half of a character, which no text of a store does")
    with reading(engine) as connection:
        connection.exec_driver_sql("SELECT 1")
        try:
            columns, rows = _execute(connection, plain)
        except connection.dialect.loaded_dbapi.Error as error:
            pass_on_interruption(error)
            reason = str(error).partition("\n")[0]
            connection.rollback()
            raise DseError(f"SQL: {reason}{_hint(connection, reason)}") from error
    names = _distinct(columns)
    found = [dict(zip(names, row, strict=True)) for row in rows[:limit]]
    return Answer(tuple(names), found, len(rows))


def _execute(connection: Connection, plain: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run a statement by the driver itself, which changes nothing in it."""
    cursor = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        with _reading_only(connection):
            cursor.execute(plain)
            return _fetched(cursor)
    # Inside a SELECT no statement that writes can stand, and prepared it is a single one.
    cursor.execute(f"SELECT * FROM (\n{plain}\n) AS answer", prepare=True)  # type: ignore[call-arg]
    return _fetched(cursor)


_UNKNOWN = re.compile(
    r'no such (?P<kind>table|column): "?(?:\w+\.)?(?P<name>[^"]+)"?'
    r'|(?P<kind2>relation|column) "?(?:\w+\.)?(?P<name2>[^"]+?)"? does not exist'
)
"""What SQLite and PostgreSQL say of a name that they do not know."""


def _hint(connection: Connection, reason: str) -> str:
    """Return a clause that names the table or column nearest to one that is not there."""
    unknown = _UNKNOWN.search(reason)
    if unknown is None:
        return ""
    inspector = inspect(connection)
    tables = [*inspector.get_view_names(), *inspector.get_table_names()]
    if (unknown["kind"] or unknown["kind2"]) == "column":
        columns = {column["name"] for table in tables for column in inspector.get_columns(table)}
        return f"; {nearest(unknown['name'] or unknown['name2'], columns)}"
    name = unknown["name"] or unknown["name2"]
    # A family's view has its name behind a word of its own.
    view = view_name(name)
    return f"; {nearest(view if view in tables else name, tables)}"


def _fetched(cursor: DBAPICursor) -> tuple[list[str], list[tuple[Any, ...]]]:
    if cursor.description is None:
        raise DseError("SQL: the statement finds no rows; write a SELECT")
    return [column[0] for column in cursor.description], list(cursor.fetchall())


@contextmanager
def _reading_only(connection: Connection) -> Iterator[None]:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)

    def judge(action: int, first: str | None, second: str | None, *_: object) -> int:
        is_loading = action == sqlite3.SQLITE_FUNCTION and second == "load_extension"
        return sqlite3.SQLITE_OK if action in _READS and not is_loading else sqlite3.SQLITE_DENY

    driver.set_authorizer(judge)
    try:
        yield
    finally:
        driver.set_authorizer(None)


def _distinct(columns: list[str]) -> list[str]:
    """Number columns of one name, as rows are dictionaries."""
    names: list[str] = []
    for column in columns:
        name, number = column, 1
        while name in names:
            number += 1
            name = f"{column}_{number}"
        names.append(name)
    return names
