"""Values read from a store, held to the types in which dse writes them.

SQLite keeps a text in a column of numbers, and JSON holds anything. The errors become one line
where the store is read, by `dse.store.opening.database.trusted`.
"""

from __future__ import annotations

from typing import Any


def mapping(value: Any) -> dict[str, Any]:
    """Return a JSON object.

    Raises:
        TypeError: for anything else.
    """
    if not isinstance(value, dict):
        raise TypeError(f"a JSON object is expected, not {type(value).__name__}")
    return value


def text(value: Any) -> str:
    """Return a text.

    Raises:
        TypeError: for anything else.
    """
    if not isinstance(value, str):
        raise TypeError(f"a text is expected, not {type(value).__name__}")
    return value


def whole(value: Any) -> int | None:
    """Return a whole number, or None for a missing one.

    Raises:
        TypeError: for anything else.
    """
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise TypeError(f"a whole number is expected, not {value!r:.40}")
    return value


def number(value: Any) -> float | None:
    """Return a number, or None for a missing one.

    Raises:
        TypeError: for anything else.
    """
    if value is not None and not isinstance(value, int | float):
        raise TypeError(f"a number is expected, not {value!r:.40}")
    return value
