"""The index of what ships: `python -m dse.project.indexing` makes it of pages and blocks."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

INDEX = Path(__file__).with_name("index.json")


@cache
def shipped_index() -> dict[str, dict[str, Any]]:
    """Return `families`, `blocks` and `conventions`, by name; empty where there is no index."""
    if not INDEX.is_file():
        return {"families": {}, "blocks": {}, "conventions": {}}
    content: dict[str, dict[str, Any]] = json.loads(INDEX.read_text(encoding="utf-8"))
    return content
