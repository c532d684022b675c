"""The directory of pages that a command line names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def own_directory(words: Sequence[str]) -> Path | None:
    """Return the directory that `--config-dir DIR` or `--config-dir=DIR` names."""
    for flag in ("--config-dir", "-cd"):
        for index, word in enumerate(words):
            if word == flag and index + 1 < len(words):
                return Path(words[index + 1])
            if word.startswith(f"{flag}="):
                return Path(word.partition("=")[2])
    return None
