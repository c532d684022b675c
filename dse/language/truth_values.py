"""Formulas and conditions worked out on plain numbers or on arrays.

They mean what they mean in a store: a name may be missing, a division by 0 is missing, and what is
missing satisfies neither a comparison nor the opposite of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy
from numpy.typing import NDArray

from dse.language.faults import Fault
from dse.language.syntax import (
    COMPARISONS,
    Arithmetic,
    Comparison,
    Junction,
    Membership,
    Missing,
    Name,
    Node,
    Not,
    Number,
    Sign,
    Truth,
)
from dse.language.typed_numbers import AskedUnit, UnitOf, number_of, unit_in

Booleans = NDArray[numpy.bool_]

_ARITHMETIC = {"+": numpy.add, "-": numpy.subtract, "*": numpy.multiply}
_SAFE = 2.0**62
"""Whole numbers below this are added and multiplied exactly."""


class KnownNumbers(NamedTuple):
    """Numbers, and which of them are there."""

    numbers: NDArray[Any]
    known: Booleans


class Verdict(NamedTuple):
    """Where a condition holds, and where its opposite does; where neither, something is missing."""

    holds: Booleans
    fails: Booleans


def reading_of(
    node: Node, values: Mapping[str, Any], unit_of: UnitOf, unit: AskedUnit | None = None
) -> KnownNumbers:
    """Return a value, given one of each name: a number, an array or `KnownNumbers`, or None.

    Raises:
        Fault: for what is no value, or a number with a wrong unit.
    """
    match node:
        case Name(name=name):
            return _given(values[name])
        case Number():
            return _given(number_of(node, unit))
        case Sign(sign=sign, operand=operand):
            found = reading_of(operand, values, unit_of, unit)
            return KnownNumbers(-found.numbers, found.known) if sign == "-" else found
        case Arithmetic(left=left, right=right):
            inner = unit_in((left, right), unit_of) or unit
            a, b = (reading_of(side, values, unit_of, inner) for side in (left, right))
            return _calculated(node.operator, a, b)
        case _:
            raise Fault(node.at, "a condition is not a value; compare costs or numbers")


def _given(value: Any) -> KnownNumbers:
    if isinstance(value, KnownNumbers):
        return value
    if value is None:
        return KnownNumbers(numpy.zeros((), dtype=numpy.int64), numpy.zeros((), dtype=numpy.bool_))
    numbers = numpy.asarray(value)
    return KnownNumbers(numbers, ~numpy.isnan(numbers))


def _calculated(symbol: str, left: KnownNumbers, right: KnownNumbers) -> KnownNumbers:
    a, b = left.numbers, right.numbers
    known = left.known & right.known
    if symbol == "/":
        nothing = b == 0
        return KnownNumbers(a / numpy.where(nothing, 1, b), known & ~nothing)
    apply = _ARITHMETIC[symbol]
    # Whole numbers that grow too large would wrap around; floats of them only lose digits.
    rough = apply(a.astype(numpy.float64), b.astype(numpy.float64))
    is_exact = not rough.size or float(numpy.abs(rough).max()) < _SAFE
    return KnownNumbers(apply(a, b) if is_exact else rough, known)


def verdict_of(node: Node, values: Mapping[str, Any], unit_of: UnitOf) -> Verdict:
    """Return where a condition holds; it takes and raises as `reading_of`."""
    match node:
        case Junction(parts=parts, every=every):
            found = [verdict_of(part, values, unit_of) for part in parts]
            holds = _folded([each.holds for each in found], every)
            return Verdict(holds, _folded([each.fails for each in found], not every))
        case Not(operand=operand):
            holds, fails = verdict_of(operand, values, unit_of)
            return Verdict(fails, holds)
        case Comparison(operands=operands, operators=operators):
            unit = unit_in(operands, unit_of)
            readings = [reading_of(operand, values, unit_of, unit) for operand in operands]
            links = zip(operators, pairwise(readings), strict=True)
            compared = [_compared(symbol, *pair) for symbol, pair in links]
            holds = _folded([each.holds for each in compared], True)
            return Verdict(holds, _folded([each.fails for each in compared], False))
        case Membership(operand=operand, items=items, negated=negated):
            unit = unit_in((operand, *items), unit_of)
            value = reading_of(operand, values, unit_of, unit)
            equal = [_compared("=", value, reading_of(i, values, unit_of, unit)) for i in items]
            holds = _folded([each.holds for each in equal], False)
            fails = _folded([each.fails for each in equal], True)
            return Verdict(fails, holds) if negated else Verdict(holds, fails)
        case Missing(operand=operand, negated=negated):
            known = reading_of(operand, values, unit_of).known
            return Verdict(known, ~known) if negated else Verdict(~known, known)
        case Truth(value=value):
            truth = numpy.asarray(value)
            return Verdict(truth, ~truth)
        case _:
            raise Fault(node.at, "this is no condition on numbers")


def _compared(symbol: str, left: KnownNumbers, right: KnownNumbers) -> Verdict:
    known = left.known & right.known
    compared = numpy.asarray(COMPARISONS[symbol](left.numbers, right.numbers))
    return Verdict(known & compared, known & ~compared)


def _folded(several: list[Booleans], every: bool) -> Booleans:
    found = several[0]
    for other in several[1:]:
        found = found & other if every else found | other
    return found
