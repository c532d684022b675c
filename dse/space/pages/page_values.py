"""What every part of a page is checked with: the kind of a value, and its keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dse.counting import canonical_dtype
from dse.errors import DseError, nearest
from dse.language import LONGEST, Place, Value, Where, checked_number, shortened


def check_keys(content: Mapping[str, Any], allowed: Iterable[str], where: Place) -> None:
    """Raise a `DseError` for a key that is not allowed."""
    for key in content:
        if key not in allowed:
            hint = nearest(str(key), allowed)
            raise DseError(f"{where / key}: unknown key {shortened(key)}; {hint}")


def mapping(value: Any, where: Place) -> Mapping[str, Any]:
    """Return names with values, or raise a `DseError`."""
    if not isinstance(value, Mapping):
        raise DseError(f"{where}: expected names with values, not {shortened(value)}")
    return value


def sequence(value: Any, where: Place) -> Sequence[Any]:
    """Return a list of at least one value, or raise a `DseError`."""
    if not is_list(value) or not value:
        raise DseError(f"{where}: expected a list, not {shortened(value)}")
    found: Sequence[Any] = value
    return found


def is_list(value: Any) -> bool:
    """Return whether a value is a list."""
    return isinstance(value, Sequence) and not isinstance(value, str)


def scalar(value: Any, where: Where) -> Value:
    """Return a number that is finite, a word or a boolean, or raise a `DseError`."""
    if isinstance(value, str):
        if len(value) > LONGEST:
            raise DseError(f"{where}: a word has at most {LONGEST:,} characters")
        return value
    if not isinstance(value, (int, float)):
        raise DseError(f"{where}: expected a number or a word, not {shortened(value)}")
    try:
        return checked_number(value)
    except DseError as error:
        raise DseError(f"{where}: {error}") from error


def checked_values(shape: tuple[int, ...], dtype: str | None, values: Any) -> Any:
    """Return the values of an input as numbers and tuples of them; None where it has none.

    Raises:
        DseError: for an unknown dtype, or values that it does not hold or that do not fill the
            shape.
    """
    if values is None:
        if dtype is not None:
            canonical_dtype(dtype)
        return None
    # Which numbers a dtype holds is PyTorch's to say, and few pages have any.
    from dse.counting import Input

    return Input(shape, dtype, values).values
