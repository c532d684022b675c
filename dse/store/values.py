"""Values inside a condition: columns, literals and arithmetic, as SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Double, String, cast, func, literal

from dse.errors import DseError, nearest
from dse.language import (
    Arithmetic,
    Fault,
    Kind,
    Name,
    Node,
    Number,
    ReplicateCall,
    Sign,
    Text,
    Truth,
    parse_quantity,
    units_of,
)
from dse.store.replicates import FUNCTIONS
from dse.store.stored_axes import AxisType
from dse.store.vocabulary import Vocabulary

TYPE_IN_WORDS = {"number": "a number", "text": "text", "boolean": "true or false"}

_LARGEST = 2**63 - 1
_LONGEST_NUMBER = 40
_LARGEST_EXPONENT = 250


def types_of(node: Node, vocabulary: Vocabulary) -> tuple[AxisType, ...]:
    """Return the types that a value may have; none for a condition.

    Raises:
        Fault: for an unknown column or function.
    """
    match node:
        case Name(at=at, name=name):
            types = vocabulary.types(name)
            if not types:
                raise Fault(at, f"unknown column {name!r}; {vocabulary.hint(name)}")
            return types
        case ReplicateCall():
            _measured(node, vocabulary)
            return ("number",)
        case Number() | Sign() | Arithmetic():
            return ("number",)
        case Text():
            return ("text",)
        case Truth():
            return ("boolean",)
        case _:
            return ()


def common_type(operands: Sequence[Node], vocabulary: Vocabulary) -> AxisType:
    """Return the one type in which values can be compared.

    Raises:
        Fault: for values of different types, or a condition in place of a value.
    """
    types = [_types_near(operand, operands, vocabulary) for operand in operands]
    for operand, found in zip(operands, types, strict=True):
        if not found:
            raise Fault(operand.at, "a condition cannot be compared; use 'and' or 'or'")
    shared = [kind for kind in types[0] if all(kind in found for found in types)]
    if shared:
        return shared[0]
    first, other = next(
        (operands[0], operand)
        for operand, found in zip(operands, types, strict=True)
        if not set(found) & set(types[0])
    )
    raise Fault(other.at, f"{_described(first, vocabulary)}, and {_described(other, vocabulary)}")


def value_of(
    node: Node, kind: AxisType, vocabulary: Vocabulary, unit: tuple[Kind, str] | None = None
) -> ColumnElement[Any]:
    """Return a value as SQL; whatever was typed goes in as a parameter.

    Args:
        node: a column, a literal, or arithmetic.
        kind: one of its types.
        vocabulary: the columns of the store.
        unit: the kind of unit that a number may carry, and the column that asks for it.

    Raises:
        Fault: for an unknown column, a wrong unit, a number too large, or arithmetic on text.
    """
    match node:
        case Name(name=name):
            return vocabulary.expression(name, kind)
        case Text(value=value):
            return literal(value, String)
        case Truth(value=value):
            return literal(value, Boolean)
        case ReplicateCall(function=function):
            return vocabulary.of_replicates(_measured(node, vocabulary), function)
        case Number():
            number = number_of(node, unit)
            return literal(number, BigInteger if isinstance(number, int) else Double)
        case Sign(sign=sign, operand=operand):
            _check_number(operand, vocabulary)
            unsigned = value_of(operand, "number", vocabulary, unit)
            return -unsigned if sign == "-" else unsigned
        case Arithmetic(operator=operator, left=left, right=right):
            _check_number(left, vocabulary)
            _check_number(right, vocabulary)
            inner = unit_in((left, right), vocabulary) or unit
            a = value_of(left, "number", vocabulary, inner)
            b = value_of(right, "number", vocabulary, inner)
            return _calculated(operator, a, b)
        case _:
            raise Fault(node.at, "a condition is not a value; compare columns or numbers")


def unit_in(operands: Sequence[Node], vocabulary: Vocabulary) -> tuple[Kind, str] | None:
    """Return the kind of unit that the first value with one asks for, and its column."""
    found = (_unit(operand, vocabulary) for operand in operands)
    return next((unit for unit in found if unit is not None), None)


def number_of(node: Number, unit: tuple[Kind, str] | None) -> int | float:
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
    kind = unit[0] if unit else None
    if suffix not in units_of(kind):
        raise Fault(node.at, _wrong_unit(suffix, unit))
    if suffix:
        try:
            number: int | float = parse_quantity(node.text, kind, "the number")
        except DseError as error:
            raise Fault(node.at, str(error)) from None
    else:
        exact = Fraction(digits)
        number = int(exact) if exact.denominator == 1 else float(exact)
    if isinstance(number, int) and number > _LARGEST:
        raise Fault(node.at, f"{node.text} is too large; whole numbers go up to {_LARGEST:,}")
    return number


def _measured(call: ReplicateCall, vocabulary: Vocabulary) -> str:
    """Return the measurement that a call is of."""
    if call.function not in FUNCTIONS:
        known = nearest(call.function, FUNCTIONS)
        raise Fault(call.at, f"unknown function {call.function!r}; {known}")
    types_of(call.operand, vocabulary)
    if not isinstance(call.operand, Name) or not vocabulary.is_measured(call.operand.name):
        raise Fault(
            call.at,
            f"{call.function} is of the replicates of a measurement, or of a group: say which "
            "groups with --group-by",
        )
    return call.operand.name


def _types_near(
    operand: Node, operands: Sequence[Node], vocabulary: Vocabulary
) -> tuple[AxisType, ...]:
    """Return the types of a value; a bare word beside a text column was meant as a text."""
    try:
        return types_of(operand, vocabulary)
    except Fault:
        assert isinstance(operand, Name)
        beside = [other for other in operands if isinstance(other, Name) and other is not operand]
        if any(vocabulary.types(other.name) == ("text",) for other in beside):
            raise Fault(
                operand.at,
                f"unknown column {operand.name!r}; text is written in quotes, '{operand.name}'",
            ) from None
        raise


def _check_number(node: Node, vocabulary: Vocabulary) -> None:
    if "number" not in types_of(node, vocabulary):
        raise Fault(node.at, f"one can only calculate with numbers; {_described(node, vocabulary)}")


def _described(node: Node, vocabulary: Vocabulary) -> str:
    types = types_of(node, vocabulary)
    match node:
        case Name(name=name):
            shown = name
        case Text(value=value):
            shown = repr(value)
        case Number(text=text):
            shown = text
        case _:
            shown = "this"
    if not types:
        return "this is a condition"
    return f"{shown} is {' or '.join(TYPE_IN_WORDS[kind] for kind in types)}"


def _unit(node: Node, vocabulary: Vocabulary) -> tuple[Kind, str] | None:
    match node:
        case Name(name=name):
            kind = vocabulary.unit(name)
            return None if kind is None else (kind, name)
        case Sign(operand=operand):
            return _unit(operand, vocabulary)
        case Arithmetic(operator=operator, left=left, right=right):
            units = _unit(left, vocabulary), _unit(right, vocabulary)
            if operator in "*/" and None not in units:
                # A ratio or a product of two costs is measured in neither unit.
                return None
            return units[0] or (None if operator == "/" else units[1])
        case _:
            return None


def _calculated(
    operator: str, left: ColumnElement[Any], right: ColumnElement[Any]
) -> ColumnElement[Any]:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    return cast(left, Double) / func.nullif(cast(right, Double), literal(0.0, Double))


def _wrong_unit(suffix: str, unit: tuple[Kind, str] | None) -> str:
    kind = unit[0] if unit else None
    hint = nearest(suffix, filter(None, units_of(kind)))
    if unit is None:
        return f"unknown unit {suffix!r}; {hint}"
    measure = "in bytes" if kind == "bytes" else "a count"
    return f"{unit[1]} is {measure}, which has no unit {suffix!r}; {hint}"
