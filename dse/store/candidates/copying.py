"""Rows that PostgreSQL takes as a stream: inserts cost several times as much."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DatabaseError, OperationalError

from dse.store.dialects import NOTHING_SAME, Same, varied_columns

_ON_THE_WAY = "incoming"


def takes_copies(connection: Connection) -> bool:
    """Return whether the driver of a connection can stream rows."""
    return connection.dialect.name == "postgresql" and connection.dialect.driver == "psycopg"


def copy_rows(
    connection: Connection,
    table: Table,
    rows: Iterable[tuple[Any, ...]],
    same: Same = NOTHING_SAME,
) -> int:
    """Insert many rows, pass over those that are present, and return how many were not.

    Args:
        connection: within a transaction that writes, whose driver `takes_copies`.
        table: where to.
        rows: a value for every column of the table but `id` each, in the order of the table; JSON
            values come as text, or as numbers.
        same: columns that the rows leave out, as all have one value.
    """
    quote = connection.dialect.identifier_preparer.quote
    columns, name = ", ".join(map(quote, varied_columns(table, same))), quote(table.name)
    written = {quote(each): "NULL" if value is None else str(value) for each, value in same.items()}
    into, chosen = ", ".join([columns, *written]), ", ".join([columns, *written.values()])
    # A stream knows no conflicts, so that it goes through a table that has none.
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE {_ON_THE_WAY} ON COMMIT DROP AS "
        f"SELECT {columns} FROM {name} WITH NO DATA"
    )
    _stream(connection, f"COPY {_ON_THE_WAY} ({columns}) FROM STDIN", rows)
    stored = connection.exec_driver_sql(
        f"INSERT INTO {name} ({into}) SELECT {chosen} FROM {_ON_THE_WAY} ON CONFLICT DO NOTHING"
    ).rowcount
    connection.exec_driver_sql(f"DROP TABLE {_ON_THE_WAY}")
    return stored


def _stream(connection: Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    driver: Any = connection.dialect.loaded_dbapi
    server: Any = connection.connection.driver_connection
    try:
        with server.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except driver.OperationalError as error:
        raise OperationalError(None, None, error) from error
    except driver.Error as error:
        raise DatabaseError(None, None, error) from error
