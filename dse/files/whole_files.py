"""Files that are written whole, or not at all."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dse.errors import DseError


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield a path beside another one, whose file takes its place at the end, unless that fails.

    Args:
        path: of the file; directories on the way are made.

    Raises:
        DseError: where the place cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        place = tempfile.TemporaryDirectory(prefix=".dse-", dir=path.parent)
    except OSError as error:
        raise DseError(f"{path}: {error.strerror}") from error
    with place as directory:
        part = Path(directory) / path.name
        yield part
        try:
            part.replace(path)
        except OSError as error:
            raise DseError(f"{path}: {error.strerror}") from error
