"""What a question is given, held to its types: a mistake there is none of the store."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any

from dse.errors import DseError

Words = str | Sequence[str]
"""Columns, or arithmetic over them: as a list, or as a text with commas between them."""

_LARGEST = 2**63 - 1


def checked_condition(condition: Any) -> str | None:
    """Return a condition, or None for none.

    Raises:
        DseError: for what is no text.
    """
    if condition is not None and not isinstance(condition, str):
        raise DseError(f"where {condition!r}: write a text, such as 'macs < 300M and width >= 1'")
    return condition


def checked_limit(limit: Any) -> int | None:
    """Return a number of rows, or None for all.

    Raises:
        DseError: for what is no whole number, or a negative one.
    """
    number = whole_number(limit)
    if limit is not None and (number is None or not 0 <= number <= _LARGEST):
        raise DseError(f"limit {limit!r}: give a whole number of rows, 0 or more")
    return number


def checked_id(id: Any) -> int | None:
    """Return an id; None for what is the id of no row."""
    number = whole_number(id)
    return number if number is not None and 0 < number <= _LARGEST else None


def whole_number(given: Any) -> int | None:
    """Return a whole number, NumPy's too; None for what is none."""
    if isinstance(given, bool) or not hasattr(given, "__index__"):
        return None
    return operator.index(given)


def words_of(given: Any, what: str) -> list[str]:
    """Return columns or expressions one by one; none of nothing.

    Args:
        given: `Words`, or None.
        what: the option that they were given for.

    Raises:
        DseError: for what is neither a text nor a list of texts.
    """
    if isinstance(given, str):
        return split_terms(given)
    if given is None:
        return []
    listed = list(given) if isinstance(given, Iterable) else [given]
    for each in listed:
        if not isinstance(each, str):
            raise DseError(f"{what} {each!r}: write a text, or a list of texts, such as 'macs'")
    return listed


def split_terms(text: str) -> list[str]:
    """Return the parts of a list between the commas that are in no parentheses and no quotes."""
    parts = [""]
    depth, quote = 0, ""
    for character in text:
        if character == "," and not depth and not quote:
            parts.append("")
            continue
        parts[-1] += character
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"`":
            quote = character
        else:
            depth += (character in "([") - (character in ")]")
    return [part.strip() for part in parts]
