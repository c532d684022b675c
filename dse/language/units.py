"""Quantities as people type and read them: `300M`, `1.5k`, `64MiB`."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal

from dse.errors import DseError, nearest

Kind = Literal["bytes", "count", "time", "number"]
"""What is counted in some unit; a `number` is in a unit that nobody told."""

COUNT_UNITS = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
"""Suffixes of plain counts: decimal multiples; `B` is a billion, as in "7B parameters"."""

BYTE_UNITS = {
    "": 1,
    "B": 1,
    "kB": 10**3,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
"""Suffixes of bytes: decimal (kB, MB) and binary (KiB, MiB) multiples."""

TIME_UNITS = {
    "": 1,
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "min": 60 * 10**9,
    "h": 3600 * 10**9,
}
"""Suffixes of times, which are whole nanoseconds."""

_UNITS: dict[Kind | None, dict[str, int]] = {
    "count": COUNT_UNITS,
    "bytes": BYTE_UNITS,
    "time": TIME_UNITS,
    "number": COUNT_UNITS,
    None: COUNT_UNITS | BYTE_UNITS | TIME_UNITS,
}

_QUANTITY = re.compile(
    r"\s*([+-]?(?:\d{1,30}\.?\d{0,30}|\.\d{1,30})(?:[eE][+-]?\d{1,2})?)\s*([A-Za-zµμ]*)\s*"
)
"""Digits are bounded, so that a typed number cannot take forever to become exact."""


def units_of(kind: Kind | None) -> dict[str, int]:
    """Return the multiple of every suffix that a quantity of this kind may carry.

    With no kind, every suffix is allowed and `B` stands for bytes.
    """
    return _UNITS[kind]


def parse_quantity(value: str | int | float, kind: Kind | None = None, what: str = "value") -> int:
    """Return a whole number from `300M`, `64MiB`, `1.5e6` or a plain number.

    Args:
        value: the text or number.
        kind: which suffixes are allowed; None allows all of them.
        what: how an error message names the quantity.

    Raises:
        DseError: for text that is no number, an unknown unit, or a number that is not whole.
    """
    exact = parse_fraction(value, kind, what)
    if exact.denominator != 1:
        raise DseError(f"{what}: {str(value)!r} is not a whole number")
    return int(exact)


def parse_fraction(
    value: str | int | float, kind: Kind | None = None, what: str = "value"
) -> Fraction:
    """Return the exact number that `parse_quantity` reads, whole or not; it raises likewise."""
    if isinstance(value, bool):
        raise DseError(f"{what}: {value!r} is not a number")
    match = _QUANTITY.fullmatch(str(value))
    if match is None:
        raise DseError(f"{what}: {value!r} is not a number with a unit, such as 300M or 64MiB")
    number, unit = match.groups()
    units = units_of(kind)
    if unit not in units:
        raise DseError(
            f"{what}: unknown unit {unit!r} in {str(value)!r}; {nearest(unit, filter(None, units))}"
        )
    return Fraction(number) * units[unit]


_BINARY = {"TiB": 2**40, "GiB": 2**30, "MiB": 2**20, "KiB": 2**10}
_TIMES = {"s": 10**9, "ms": 10**6, "us": 10**3}

BYTE_MULTIPLES = {**_BINARY, "B": 1}
"""In which bytes are shown, the largest first."""

TIME_MULTIPLES = {**_TIMES, "ns": 1}
"""In which nanoseconds are shown, the largest first."""


def numbered(number: int, name: str) -> str:
    """Return how many of something there are, such as `1 block` or `2 blocks`."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def format_count(number: float) -> str:
    """Return a count in three or four digits, such as `300.8M`."""
    for suffix, multiple in (("T", 10**12), ("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if abs(number) >= multiple:
            return f"{_four_digits(number / multiple)}{suffix}"
    return str(number) if isinstance(number, int) else f"{number:g}"


def format_bytes(number: int) -> str:
    """Return a number of bytes in binary units, such as `44.67MiB`."""
    for suffix, multiple in _BINARY.items():
        if abs(number) >= multiple:
            return f"{_four_digits(number / multiple)}{suffix}"
    return f"{number}B"


def format_time(number: int) -> str:
    """Return nanoseconds in the unit that suits their size, such as `30.04ms`."""
    for suffix, multiple in _TIMES.items():
        if abs(number) >= multiple:
            return f"{_four_digits(number / multiple)}{suffix}"
    return f"{number}ns"


def _four_digits(number: float) -> str:
    """Return a number in four digits; what has more before its point keeps them all."""
    return f"{number:.4g}" if abs(number) < 9999.5 else f"{number:.0f}"


def format_quantity(number: int, kind: Kind) -> str:
    """Return a quantity with the unit that suits its kind and its size."""
    return {"bytes": format_bytes, "count": format_count, "time": format_time}[kind](number)


def format_beside(number: int, kind: Kind, bound: str) -> str:
    """Return a quantity as `format_quantity`, to the last digit where a bound would look equal.

    Args:
        number: that breaks the bound.
        kind: of its unit.
        bound: as it is shown, such as `macs <= 1.814G`.
    """
    rounded = format_quantity(number, kind)
    return f"{number:,}" if rounded in bound.split() else rounded
