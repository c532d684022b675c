"""The arithmetic of expressions: operators and functions of numbers, whose results stay small.

A page may come from anybody, and must not stop the machine: no number grows beyond `MOST_BITS`, and
words are only compared.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from dse.errors import DseError
from dse.language.rounding import round_to

MOST_BITS = 1024
"""Of a whole number, as many as the greatest that is a float has."""
MOST_DIGITS = 300
"""To which a number is rounded."""


def checked_number(value: Any) -> int | float:
    """Return a number as it is.

    Raises:
        DseError: for a word, and for a number that is not finite or too large.
    """
    if isinstance(value, str):
        raise DseError(f"{value[:40]!r} is a word, not a number")
    if isinstance(value, int):
        if value.bit_length() > MOST_BITS:
            raise DseError(f"a number of {value.bit_length():,} bits is too large")
        return value
    if not isinstance(value, float) or not math.isfinite(value):
        raise DseError(f"{value!r} is not a finite number")
    return value


def is_number(value: Any) -> bool:
    """Return whether something is a number that is finite and not too large."""
    try:
        return checked_number(value) is value
    except DseError:
        return False


def _of_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that takes and returns numbers alone."""

    def bounded(*values: Any) -> int | float:
        return checked_number(function(*map(checked_number, values)))

    return bounded


def _power(base: int | float, exponent: int | float) -> Any:
    if isinstance(base, int) and isinstance(exponent, int):
        # Worked out first, it would be too late to see how large it is.
        if abs(exponent) * max(abs(base).bit_length() - 1, 0) > MOST_BITS:
            raise DseError("a power is too large")
        if abs(base) < 2 and exponent > 0:
            exponent = 2 - exponent % 2
    return base**exponent


def _shifted(value: Any, places: Any) -> Any:
    if abs(places) > MOST_BITS:
        raise DseError(f"a shift by {places} is too far")
    return value << places


def _rounded(value: int | float, digits: Any = None) -> Any:
    if digits is not None and abs(digits) > MOST_DIGITS:
        raise DseError(f"rounding to {digits} digits goes too far")
    return round(value) if digits is None else round(value, digits)


_CALLED: dict[str, Callable[..., Any]] = {
    "round_to": round_to,
    "ceil": math.ceil,
    "floor": math.floor,
    "round": _rounded,
    "int": int,
    "abs": abs,
    "min": min,
    "max": max,
    "sqrt": math.sqrt,
    "log2": math.log2,
}

FUNCTIONS = {name: _of_numbers(function) for name, function in _CALLED.items()}
"""The functions that an expression may call."""

_OF_NUMBERS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
    ast.LShift: _shifted,
    ast.RShift: operator.rshift,
    ast.BitXor: operator.xor,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.Invert: operator.invert,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}

OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    **{node: _of_numbers(function) for node, function in _OF_NUMBERS.items()},
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.Gt: operator.gt,
    ast.LtE: operator.le,
    ast.GtE: operator.ge,
    ast.Not: operator.not_,
    ast.In: lambda value, values: operator.contains(values, value),
    ast.NotIn: lambda value, values: not operator.contains(values, value),
}
"""What stands between values; other operators there are not."""
