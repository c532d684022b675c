"""A budget as a text: bounds such as `macs <= 200M and params >= 1M`, or any other condition."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from dse.cost_formulas import cost_of_terms, expanded, is_safe, kind_of
from dse.costs import COSTS, RATIOS
from dse.errors import DseError
from dse.language import (
    Comparison,
    Condition,
    Fault,
    Junction,
    Linear,
    Node,
    check_test,
    conjuncts,
    linear,
    names_in,
    parse_condition,
    told,
    unit_in,
    written,
)

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}

Ends = tuple[int | None, int | None]


class Side(NamedTuple):
    """A weighted sum of names that a number bounds on one side, or on both for `=`."""

    terms: dict[str, int]
    """Without a common divisor; the first is positive."""
    operator: str
    value: Fraction

    @property
    def low(self) -> int | None:
        """The least whole number that meets it."""
        if self.operator not in (">", ">=", "="):
            return None
        return math.floor(self.value) + 1 if self.operator == ">" else math.ceil(self.value)

    @property
    def high(self) -> int | None:
        """The greatest whole number that meets it."""
        if self.operator not in ("<", "<=", "="):
            return None
        return math.ceil(self.value) - 1 if self.operator == "<" else math.floor(self.value)


class WhereParts(NamedTuple):
    """What a text asks for: all of it."""

    bounds: dict[str, Ends]
    """By cost or weighted sum of costs: its least and its greatest whole number."""
    conditions: tuple[Condition, ...]
    """What is no bound on such."""
    others: tuple[Side, ...] = ()
    """Bounds on names that are no costs."""
    of_costs: str | None = None
    """The text without what is about those; None where nothing is left."""


def read_where(text: str, others: Collection[str] = ()) -> WhereParts:
    """Return what a text asks for.

    Args:
        text: a condition on costs.
        others: further names, which may be bounded one by one.

    Raises:
        DseError: that points at what is no condition, a name that is not known, and where a bound
            leaves nothing.
    """
    bounds: dict[str, Ends] = {}
    conditions, further, of_costs = [], [], []
    try:
        root = parse_condition(text)
        check_test(root, (*COSTS, *RATIOS, *others), kind_of)
        for part in conjuncts(root):
            foreign = [name for name in names_in(part) if name not in COSTS]
            sides = _sides(part)
            if foreign:
                further += _simple(part, sides)
                continue
            of_costs.append(part)
            if sides is None:
                conditions.append(Condition(written(part), part, kind_of))
            else:
                for side in sides:
                    cost = _bounded(part, side)
                    bounds[cost] = _both(bounds.get(cost, (None, None)), side)
    except Fault as fault:
        raise told(text, fault, "budget") from None
    for cost, (low, high) in bounds.items():
        if low is not None and high is not None and low > high:
            raise DseError(f"budget {text!r}: no network has {cost} >= {low:,} and <= {high:,}")
    return WhereParts(bounds, tuple(conditions), tuple(further), _joined(of_costs))


def _joined(parts: Sequence[Node]) -> str | None:
    if len(parts) < 2:
        return written(parts[0]) if parts else None
    return written(Junction(0, tuple(parts), every=True))


def _sides(node: Node) -> list[Side] | None:
    """Return a comparison as bounds on weighted sums; None where it is none."""
    if not isinstance(node, Comparison) or {"!=", "<>"} & {*node.operators}:
        return None
    unit = unit_in(node.operands, kind_of)
    sums = [linear(operand, kind_of, unit) for operand in node.operands]
    found = []
    for operator, (left, right) in zip(node.operators, pairwise(sums), strict=True):
        if left is None or right is None:
            return None
        difference = left.plus(right.times(Fraction(-1)))
        if not difference.weights:
            return None
        found.append(_side(difference, "=" if operator == "==" else operator))
    return found if all(is_safe(side.terms) for side in found) else None


def _side(difference: Linear, operator: str) -> Side:
    weights = list(difference.weights.values())
    divisor = math.lcm(*(weight.denominator for weight in weights))
    scale = Fraction(divisor, math.gcd(*(int(weight * divisor) for weight in weights)))
    if weights[0] < 0:
        scale, operator = -scale, _TURNED[operator]
    scaled = difference.times(scale)
    terms = {name: int(weight) for name, weight in scaled.weights.items()}
    return Side(terms, operator, -scaled.constant)


def _bounded(node: Node, side: Side) -> str:
    if not expanded(side.terms):
        raise Fault(node.at, f"{cost_of_terms(side.terms)} is the same for every network")
    return cost_of_terms(side.terms)


def _both(ends: Ends, side: Side) -> Ends:
    lows = [low for low in (ends[0], side.low) if low is not None]
    highs = [high for high in (ends[1], side.high) if high is not None]
    return max(lows, default=None), min(highs, default=None)


def _simple(node: Node, sides: list[Side] | None) -> list[Side]:
    if sides is None or any(len(side.terms) > 1 for side in sides):
        raise Fault(node.at, "what an objective measures is bounded by a number, and by itself")
    return sides
