"""What a number in a text is worth: its unit is that of the names that it stands beside."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from dse.errors import DseError, nearest
from dse.language.faults import Fault
from dse.language.syntax import Arithmetic, Name, Node, Number, Sign
from dse.language.units import Kind, parse_quantity, units_of

UnitOf = Callable[[str], Kind | None]
"""The kind of unit of what has a name; None where any number does."""


class AskedUnit(NamedTuple):
    """The kind of unit that a number may carry, and the name that asks for it."""

    kind: Kind
    name: str


_LARGEST = 2**63 - 1
_LONGEST_NUMBER = 40
_LARGEST_EXPONENT = 320


def unit_in(operands: Sequence[Node], unit_of: UnitOf) -> AskedUnit | None:
    """Return the kind of unit that the first value with one asks for, and its name."""
    found = (_unit(operand, unit_of) for operand in operands)
    return next((unit for unit in found if unit is not None), None)


def exact_number(node: Number, unit: AskedUnit | None) -> Fraction:
    """Return what a number with or without a unit is worth.

    Raises:
        Fault: for a unit that does not suit, or a number that no database holds.
    """
    match = re.fullmatch(r"([\d.]+(?:[eE]([+-]?\d+))?)(\w*)", node.text)
    assert match is not None, "the grammar has no other numbers"
    digits, exponent, suffix = match.groups()
    # Looked at before it is worked out: exact arithmetic on 1e-999999999 would never end.
    if len(digits) > _LONGEST_NUMBER or abs(int(exponent or 0)) > _LARGEST_EXPONENT:
        raise Fault(node.at, "the number has more digits than a database can hold")
    kind = unit.kind if unit else None
    if suffix not in units_of(kind):
        raise Fault(node.at, _wrong_unit(suffix, unit))
    try:
        exact = (
            Fraction(parse_quantity(node.text, kind, "the number")) if suffix else Fraction(digits)
        )
    except DseError as error:
        raise Fault(node.at, str(error)) from None
    if exact > _LARGEST and (suffix or not set(".eE") & set(node.text)):
        raise Fault(node.at, f"{node.text} is too large; whole numbers go up to {_LARGEST:,}")
    return exact


def number_of(node: Number, unit: AskedUnit | None) -> int | float:
    """Return what `exact_number` does, as a whole number or the nearest float."""
    exact = exact_number(node, unit)
    is_whole = exact.denominator == 1 and exact <= _LARGEST
    try:
        return int(exact) if is_whole else float(exact)
    except OverflowError:
        raise Fault(node.at, f"{node.text} is beyond what a number holds") from None


def _unit(node: Node, unit_of: UnitOf) -> AskedUnit | None:
    match node:
        case Name(name=name):
            kind = unit_of(name)
            return None if kind is None else AskedUnit(kind, name)
        case Sign(operand=operand):
            return _unit(operand, unit_of)
        case Arithmetic(operator=operator, left=left, right=right):
            units = _unit(left, unit_of), _unit(right, unit_of)
            if operator in "*/" and None not in units:
                # A ratio or a product of two costs is measured in neither unit.
                return None
            return units[0] or (None if operator == "/" else units[1])
        case _:
            return None


_MEASURES: Mapping[Kind, str] = {
    "bytes": "in bytes",
    "count": "a count",
    "time": "a time",
    "number": "a plain number",
}


def _wrong_unit(suffix: str, unit: AskedUnit | None) -> str:
    hint = nearest(suffix, filter(None, units_of(unit.kind if unit else None)))
    if unit is None:
        return f"unknown unit {suffix!r}; {hint}"
    measure = _MEASURES[unit.kind]
    return f"{unit.name} is {measure}, which has no unit {suffix!r}; {hint}"
