"""A budget as a text: bounds that hold together, such as `macs <= 200M and params >= 1M`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dse.errors import DseError
from dse.language import (
    Comparison,
    Fault,
    Junction,
    Name,
    Node,
    Number,
    parse_condition,
    parse_quantity,
    told,
)

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "==": "="}


class _Side(NamedTuple):
    name: str
    operator: str
    value: int


def bounds_in(text: str) -> dict[str, list[int | None]]:
    """Return the lower and the upper bound of each name in a text, both included.

    Args:
        text: comparisons of a name with a number, or of one between two, joined by `and`.

    Raises:
        DseError: that points at whatever else there is.
    """
    found: dict[str, list[int | None]] = {}
    try:
        for name, operator, value in _sides(parse_condition(text)):
            bounds = found.setdefault(name, [None, None])
            if operator in ("<", "<=", "="):
                high = value - (operator == "<")
                bounds[1] = high if bounds[1] is None else min(bounds[1], high)
            if operator in (">", ">=", "="):
                low = value + (operator == ">")
                bounds[0] = low if bounds[0] is None else max(bounds[0], low)
    except Fault as fault:
        raise told(text, fault, "budget") from None
    return found


def _sides(node: Node) -> Iterator[_Side]:
    if isinstance(node, Junction) and node.every:
        for part in node.parts:
            yield from _sides(part)
    elif isinstance(node, Comparison):
        pairs = zip(node.operands, node.operands[1:], node.operators, strict=False)
        for left, right, operator in pairs:
            yield _side(left, right, operator)
    else:
        raise Fault(node.at, "a budget is of bounds joined by 'and', such as macs <= 200M")


def _side(left: Node, right: Node, operator: str) -> _Side:
    if operator not in _TURNED:
        raise Fault(right.at, f"{operator!r} is no bound; use <=, >=, <, > or =")
    if isinstance(left, Number) and isinstance(right, Name):
        left, right, operator = right, left, _TURNED[operator]
    if not (isinstance(left, Name) and isinstance(right, Number)):
        raise Fault(left.at, "a bound is of a name and a number, such as macs <= 200M")
    try:
        value = parse_quantity(right.text, None, left.name)
    except DseError as error:
        raise Fault(right.at, str(error)) from error
    return _Side(left.name, _TURNED[_TURNED[operator]], value)
