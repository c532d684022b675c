"""What a file is before SQLite touches it."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from dse.errors import DseError

_LEAST_BYTES = 512
"""Of a database: a page."""


def check_file(path: Path) -> bool:
    """Return whether a SQLite database with content is there; an empty file has none.

    Raises:
        DseError: for a directory, a file that cannot be read, or one that is not a database.
    """
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return False
    except OSError as error:
        raise DseError(f"store {path} cannot be opened: {error.strerror}") from error
    reason = errno.EISDIR if path.is_dir() else 0 if os.access(path, os.R_OK) else errno.EACCES
    if reason:
        raise DseError(f"store {path} cannot be opened: {os.strerror(reason)}")
    if size and (size < _LEAST_BYTES or not _is_database(path)):
        raise DseError(f"{path} is not a SQLite database; name another file for the store")
    return bool(size)


def _is_database(path: Path) -> bool:
    """Return whether SQLite does not say that a file is none.

    The file is not opened by any other way: when it was closed again, the system would let go of
    all locks that connections of this process have on it, and another process that closes the
    database would take its write-ahead log away from under them.
    """
    try:
        with contextlib.closing(sqlite3.connect(read_only_uri(path), uri=True)) as connection:
            connection.execute("pragma schema_version")
    except sqlite3.DatabaseError as error:
        return error.sqlite_errorcode != sqlite3.SQLITE_NOTADB
    return True


def read_only_uri(path: Path) -> str:
    """Return the SQLite URI that opens a file without the right to write it."""
    uri = f"file:{quote(str(path.absolute()))}?mode=ro"
    # A reader of a write-ahead log shares a small file beside it with other processes. In a
    # directory where none can be made, nobody can be writing either.
    log = path.with_name(path.name + "-wal")
    unshared = not log.exists() and not os.access(path.parent, os.W_OK)
    return uri + "&immutable=1" if unshared else uri
