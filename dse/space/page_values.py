"""What every part of a page is checked with: the kind of a value, and its keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dse.errors import DseError, nearest
from dse.space.expressions import Value
from dse.space.place import Place


def check_keys(content: Mapping[str, Any], allowed: Iterable[str], where: Place) -> None:
    """Raise a `DseError` for a key that is not allowed."""
    for key in content:
        if key not in allowed:
            raise DseError(f"{where / key}: unknown key {key!r}; {nearest(str(key), allowed)}")


def mapping(value: Any, where: Place) -> Mapping[str, Any]:
    """Return names with values, or raise a `DseError`."""
    if not isinstance(value, Mapping):
        raise DseError(f"{where}: expected names with values, not {value!r}")
    return value


def sequence(value: Any, where: Place) -> Sequence[Any]:
    """Return a list of at least one value, or raise a `DseError`."""
    if not is_list(value) or not value:
        raise DseError(f"{where}: expected a list, not {value!r}")
    found: Sequence[Any] = value
    return found


def is_list(value: Any) -> bool:
    """Return whether a value is a list."""
    return isinstance(value, Sequence) and not isinstance(value, str)


def scalar(value: Any, where: Place) -> Value:
    """Return a number, a word or a boolean, or raise a `DseError`."""
    if isinstance(value, (bool, int, float, str)):
        return value
    raise DseError(f"{where}: expected a number or a word, not {value!r}")
