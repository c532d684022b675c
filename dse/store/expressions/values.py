"""Values inside a condition: columns, literals and arithmetic, as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Double, String, cast, func, literal

from dse.errors import nearest
from dse.language import (
    Arithmetic,
    AskedUnit,
    Fault,
    Name,
    Node,
    Number,
    ReplicateCall,
    Sign,
    Text,
    Truth,
    number_of,
    unit_in,
)
from dse.store.expressions.unbounded_numbers import unbounded
from dse.store.expressions.vocabulary import Vocabulary
from dse.store.layout import FUNCTIONS, AxisType

TYPE_IN_WORDS = {"number": "a number", "text": "text", "boolean": "true or false"}


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
    node: Node, kind: AxisType, vocabulary: Vocabulary, unit: AskedUnit | None = None
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
            inner = unit_in((left, right), vocabulary.unit) or unit
            a = value_of(left, "number", vocabulary, inner)
            b = value_of(right, "number", vocabulary, inner)
            return _calculated(operator, a, b)
        case _:
            raise Fault(node.at, "a condition is not a value; compare columns or numbers")


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
        if not isinstance(operand, Name):
            raise
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


def _calculated(
    operator: str, left: ColumnElement[Any], right: ColumnElement[Any]
) -> ColumnElement[Any]:
    if operator == "+":
        return unbounded(left) + right
    if operator == "-":
        return unbounded(left) - right
    if operator == "*":
        return unbounded(left) * right
    return cast(left, Double) / func.nullif(cast(right, Double), literal(0.0, Double))
