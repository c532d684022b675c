"""What pages of the user's own were read to say, so that listing them again takes no PyTorch."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dse.errors import DseError
from dse.extras import DISTRIBUTION
from dse.whole_files import written_whole


def remembered_entry(digest: str) -> Mapping[str, Any] | None:
    """Return what a page of this digest says, as an entry of the index; None if it is not known."""
    try:
        found = json.loads(_file(digest).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # Not there, or not what was written: the page is read, and this is written again.
        return None
    return found if isinstance(found, dict) and found.get("digest") == digest else None


def remember_entry(entry: Mapping[str, Any]) -> None:
    """Keep an entry; a cache that cannot be written is left as it is."""
    with contextlib.suppress(DseError), written_whole(_file(str(entry["digest"]))) as part:
        part.write_text(json.dumps(entry), encoding="utf-8")


def _file(digest: str) -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "dse" / "families" / f"{version(DISTRIBUTION)}-{digest}.json"
