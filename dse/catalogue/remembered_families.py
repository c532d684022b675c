"""What pages of the user's own were read to say, so that listing them again takes no PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dse.extras import DISTRIBUTION
from dse.files import cache_files


def remembered_entry(digest: str) -> Mapping[str, Any] | None:
    """Return what a page of this digest says, as an entry of the index; None if it is not known."""
    found = cache_files.cached(_file(digest), digest)
    return found if isinstance(found, dict) else None


def remember_entry(entry: Mapping[str, Any]) -> None:
    """Keep an entry; a cache that cannot be written is left as it is."""
    digest = str(entry["digest"])
    cache_files.cache(_file(digest), digest, entry)


def _file(digest: str) -> Path:
    return cache_files.cache_file("families", f"{version(DISTRIBUTION)}-{digest}.json")
