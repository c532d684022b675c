"""What a file is before SQLite touches it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from dse.errors import DseError

_MAGIC = b"SQLite format 3\0"


def check_file(path: Path) -> bool:
    """Return whether a SQLite database with content is there; an empty file has none.

    Raises:
        DseError: for a directory, a file that cannot be read, or one that is not a database.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(_MAGIC))
    except FileNotFoundError:
        return False
    except OSError as error:
        raise DseError(f"store {path} cannot be opened: {error.strerror}") from error
    if start and start != _MAGIC:
        raise DseError(f"{path} is not a SQLite database; name another file for the store")
    return bool(start)


def read_only_uri(path: Path) -> str:
    """Return the SQLite URI that opens a file without the right to write it."""
    uri = f"file:{quote(str(path.absolute()))}?mode=ro"
    # A reader of a write-ahead log shares a small file beside it with other processes. In a
    # directory where none can be made, nobody can be writing either.
    log = path.with_name(path.name + "-wal")
    unshared = not log.exists() and not os.access(path.parent, os.W_OK)
    return uri + "&immutable=1" if unshared else uri
