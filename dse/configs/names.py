"""Names of families, pages and choices: what may become part of a path, of code or of a view."""

from __future__ import annotations

import re

from dse.errors import DseError

_NAME = re.compile(r"\w[\w.-]*")
GRID_WORDS = ("exclude", "file", "from", "union", "zip")
"""Keys of a grid that are no axes."""
LONGEST = 100
"""Characters of a name."""


def is_name(text: object) -> bool:
    """Return whether something is a name: letters, digits, `_`, `-` and `.`, but no `..`."""
    return (
        isinstance(text, str)
        and _NAME.fullmatch(text) is not None
        and ".." not in text
        and len(text) <= LONGEST
    )


def checked_name(text: object, where: str) -> str:
    """Return a name as it is.

    Raises:
        DseError: for what is no name; it says where it stands.
    """
    if not is_name(text):
        raise DseError(f"{where}: {_short(text)} is no name: letters, digits, _, - and . make one")
    return str(text)


def _short(text: object) -> str:
    shown = repr(text)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
