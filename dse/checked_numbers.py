"""Numbers that somebody gives, refused in one line where they cannot be meant."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

from dse.errors import DseError


def check_number(name: str, value: Any, kind: type[int | float], least: float, most: float) -> None:
    """Refuse what is no finite number of a kind between two.

    Raises:
        DseError: naming the key.
    """
    _check_kind(name, value, kind)
    if not math.isfinite(value):
        raise DseError(f"{name}: {value} is no finite number")
    if value < least:
        raise DseError(f"{name}: {value:g} is below {least:g}")
    if value > most:
        raise DseError(f"{name}: {value:g} is above {most:g}")


def check_counts(numbers: Mapping[str, Any]) -> None:
    """Refuse what counts nothing: each has to be a whole number above 0, or None where none is set.

    Args:
        numbers: by their keys, for the message.

    Raises:
        DseError: naming the first such key.
    """
    for name, value in numbers.items():
        if value is None:
            continue
        _check_kind(name, value, int)
        if value < 1:
            raise DseError(f"{name}: {value} is not positive")


def checked_seed(seed: int, most: int = sys.maxsize) -> int:
    """Return a seed of draws.

    Args:
        seed: of whatever draws.
        most: that it takes; by default what a store holds.

    Raises:
        DseError: for what is no whole number, a negative one, or one that is greater.
    """
    _check_kind("seed", seed, int)
    if seed < 0:
        raise DseError(f"seed: {seed} is negative")
    if seed > most:
        raise DseError(f"seed: {seed} is above {most}")
    return seed


def _check_kind(name: str, value: Any, kind: type[int | float]) -> None:
    # Python counts truth values among the whole numbers, and NumPy's numbers too.
    is_number = isinstance(value, Integral if kind is int else Real)
    if not is_number or isinstance(value, bool):
        what = "whole number" if kind is int else "number"
        raise DseError(f"{name}: {value!r} is no {what}")
