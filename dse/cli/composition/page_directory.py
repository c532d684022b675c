"""The directory of pages that a command line names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dse.errors import DseError


def own_directory(words: Sequence[str]) -> Path | None:
    """Return the directory that `--config-dir DIR` or `--config-dir=DIR` names.

    Raises:
        DseError: for two of them.
    """
    named: list[str] = []
    for flag in ("--config-dir", "-cd"):
        for index, word in enumerate(words):
            if word == flag and index + 1 < len(words):
                named.append(words[index + 1])
            if word.startswith(f"{flag}="):
                named.append(word.partition("=")[2])
    if len({*named}) > 1:
        raise DseError(f"--config-dir: {' and '.join(named)}; name one directory")
    return Path(named[0]) if named else None
