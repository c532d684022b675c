"""What one process found out and the next need not: small files in the user's cache.

Each is JSON that says what it follows from. One that is missing, damaged or of something else is
as good as none: what it would tell is found out again.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from dse.errors import DseError
from dse.files.whole_files import written_whole


def cache_file(*parts: str) -> Path:
    """Return where a file of the cache lies: in XDG_CACHE_HOME, or ~/.cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache, "dse", *parts)


def cached(path: Path, follows_from: Any) -> Any:
    """Return what a file of the cache holds; None where it tells nothing of this.

    Args:
        path: of the file.
        follows_from: what it must have been written for, as JSON has it.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    is_of_this = isinstance(found, dict) and found.get("follows_from") == follows_from
    return found.get("content") if is_of_this else None


def cache(path: Path, follows_from: Any, content: Any) -> None:
    """Keep content in a file of the cache; a cache that cannot be written is left as it is."""
    with contextlib.suppress(DseError, OSError), written_whole(path) as part:
        text = json.dumps({"follows_from": follows_from, "content": content})
        part.write_text(text, encoding="utf-8")
