"""The bounds of a budget on single numbers, as lines of a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dse.costs import COSTS, unit_of
from dse.errors import DseError
from dse.language import (
    Comparison,
    Fault,
    Kind,
    Name,
    Node,
    Number,
    Sign,
    conjuncts,
    number_of,
    parse_condition,
    parse_quantity,
    told,
    unit_in,
)

Interval = tuple[float | None, float | None]


def bound_lines(budget: str | Mapping[str, Any] | None) -> dict[str, Interval]:
    """Return the least and the most of each number that a budget bounds by itself.

    Args:
        budget: a text such as `macs <= 300M and accuracy >= 70`, or bounds by cost as on a page.

    Raises:
        DseError: for a text that is no condition, or one that bounds no single number.
    """
    if budget is None or budget == "":
        return {}
    if isinstance(budget, Mapping):
        return {str(name): _interval(str(name), value) for name, value in budget.items()}
    found: dict[str, Interval] = {}
    try:
        for part in conjuncts(parse_condition(budget)):
            for name, low, high in _bounds(part):
                before = found.get(name, (None, None))
                found[name] = (
                    before[0] if low is None else low,
                    before[1] if high is None else high,
                )
    except Fault as fault:
        raise told(budget, fault, "budget") from None
    if not found:
        raise DseError(f"budget {budget!r}: bounds no single number, as 'macs <= 300M' does")
    return found


def _interval(name: str, value: Any) -> Interval:
    kind = _kind(name)
    if isinstance(value, list | tuple):
        low, high = (None if each is None else parse_quantity(each, kind, name) for each in value)
        return low, high
    return None, parse_quantity(value, kind, name)


def _bounds(node: Node) -> list[tuple[str, float | None, float | None]]:
    """Return bounds of a comparison of a name with numbers; of anything else none."""
    if not isinstance(node, Comparison):
        return []
    found: list[tuple[str, float | None, float | None]] = []
    for left, sign, right in zip(node.operands, node.operators, node.operands[1:], strict=False):
        if isinstance(right, Name):
            left, right, sign = right, left, sign.translate(_TURNED)
        number = _number(right, left)
        if isinstance(left, Name) and number is not None:
            if sign in ("<", "<=", "=", "=="):
                found.append((left.name, None, number))
            if sign in (">", ">=", "=", "=="):
                found.append((left.name, number, None))
    return found


_TURNED = str.maketrans("<>", "><")


def _number(node: Node, beside: Node) -> float | None:
    """Return the number that is written, in the unit of what it is compared with."""
    if isinstance(node, Sign):
        number = _number(node.operand, beside)
        return -number if number is not None and node.sign == "-" else number
    return float(number_of(node, unit_in((beside,), _kind))) if isinstance(node, Number) else None


def _kind(name: str) -> Kind | None:
    return unit_of(name) if name in COSTS else "number"
