"""Making a new store: its directory, its file and its tables."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection

from dse.errors import DseError
from dse.store.layout import create_views
from dse.store.schema import SCHEMA_VERSION, dse_schema, metadata


def create_tables(connection: Connection) -> None:
    """Create every table and view, and note the version of their layout."""
    metadata.create_all(connection)
    create_views(connection)
    connection.execute(dse_schema.insert().values(version_num=str(SCHEMA_VERSION)))


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
