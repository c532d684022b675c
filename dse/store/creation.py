"""Making the tables of a new store, and recognising a store that is there."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, inspect, select

from dse.errors import DseError
from dse.store.address import shown
from dse.store.schema import SCHEMA_VERSION, dse_schema, metadata


def is_store(connection: Connection) -> bool:
    """Return whether the database is a store of this version; False for an empty database.

    Raises:
        DseError: for a database of another program, or a store of another version.
    """
    name = shown(connection.engine.url)
    tables = set(inspect(connection).get_table_names())
    if dse_schema.name not in tables:
        # A server's database may be shared with tables of other programs, a file is one program's.
        foreign = tables if connection.dialect.name == "sqlite" else tables & set(metadata.tables)
        if foreign:
            listed = ", ".join(sorted(foreign)[:3])
            raise DseError(
                f"{name} is a database of another program (tables: {listed}); "
                "name another file for the store"
            )
        return False
    version = connection.execute(select(dse_schema.c.version)).scalar()
    if version != SCHEMA_VERSION:
        age = "newer" if version is not None and version > SCHEMA_VERSION else "unknown"
        raise DseError(
            f"store {name} has the {age} version {version}, and this dse reads version "
            f"{SCHEMA_VERSION}; upgrade dse, or name another file for the store"
        )
    return True


def create_tables(connection: Connection) -> None:
    """Create every table and note the version of their layout."""
    metadata.create_all(connection)
    connection.execute(dse_schema.insert().values(version=SCHEMA_VERSION))


def make_room(path: Path) -> None:
    """Create the directory of a store's file.

    Raises:
        DseError: when it cannot be created.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DseError(f"store {path}: {error.filename}: {error.strerror}") from error


def use_write_ahead_log(path: Path, patience: float) -> None:
    """Let readers and one writer work at once on a file, for as long as it lives.

    SQLite does not wait for other processes here, so the waiting, of `patience` seconds at most,
    is done by hand.

    Raises:
        DseError: when the file cannot be written.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.Error as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise DseError(f"store {path} cannot be opened: {error}") from error
            time.sleep(0.02)
        else:
            return
