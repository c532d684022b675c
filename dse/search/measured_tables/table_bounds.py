"""Bounds on the columns of a table of measured candidates."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dse.language import (
    Comparison,
    Condition,
    Fault,
    Node,
    check_test,
    conjuncts,
    format_count,
    linear,
    parse_condition,
    told,
    written,
)
from dse.search.measured_tables.quantile_bounds import (
    Column,
    Resolved,
    quantiles_in,
    resolve_quantiles,
)

Ends = tuple[float | None, float | None]

_TURNED = {"<=": ">=", ">=": "<=", "=": "=", "==": "="}
_COMMA = re.compile(r",(?![^()]*\))")
"""One that stands in no list in parentheses."""


@dataclass(frozen=True)
class Bounds:
    """What has to hold of the columns of a table."""

    ends: Mapping[str, Ends]
    """By column: the lower bound and the upper one, both included, or None."""
    conditions: tuple[Condition, ...] = ()
    """What else has to hold."""
    quantiles: Mapping[tuple[str, float], str] = field(default_factory=dict, compare=False)
    """How the ends that are quantiles were written, by their columns and values."""

    def admits(self, costs: Mapping[str, Column]) -> NDArray[np.bool_]:
        """Return which candidates lie within every bound and meet every condition."""
        size = len(next(iter(costs.values()))) if costs else 0
        admitted = np.ones(size, dtype=bool)
        for name, (low, high) in self.ends.items():
            admitted &= costs[name] >= low if low is not None else True
            admitted &= costs[name] <= high if high is not None else True
        for condition in self.conditions:
            admitted &= condition.holds(costs)
        return admitted

    def violations(self, costs: Mapping[str, float]) -> dict[str, float]:
        """Return by how much a candidate breaks each bound; 1 for a condition that it misses."""
        found: dict[str, float] = {}
        for name, (low, high) in self.ends.items():
            if low is not None:
                found[f"{name} low"] = (low - costs[name]) / (abs(low) or 1)
            if high is not None:
                found[f"{name} high"] = (costs[name] - high) / (abs(high) or 1)
        for condition in self.conditions:
            found[str(condition)] = 0.0 if condition.holds(costs) else 1.0
        return found

    def __bool__(self) -> bool:
        return bool(self.ends or self.conditions)

    def __str__(self) -> str:
        def end(name: str, value: float) -> str:
            quantile = self.quantiles.get((name, value))
            return format_count(value) + (f" ({quantile})" if quantile else "")

        def shown(name: str, low: float | None, high: float | None) -> str:
            before = "" if low is None else f"{end(name, low)} <= "
            return before + name + ("" if high is None else f" <= {end(name, high)}")

        parts = [shown(name, *ends) for name, ends in self.ends.items()]
        parts += [condition.as_part for condition in self.conditions]
        return " and ".join(parts) or "no bounds"


_NO_ROWS: Mapping[str, Column] = {}


def parse_bounds(
    text: str, costs: Collection[str], rows: Mapping[str, Column] = _NO_ROWS
) -> Bounds:
    """Return the bounds that a text describes, such as `flops <= 40M and params >= q10`.

    Args:
        text: a condition, or several with commas between them; empty for no bounds.
        costs: the columns that it may name.
        rows: the values in these columns, of which `q10` is a quantile.

    Raises:
        DseError: that points at an unknown column or unit, or at what is no condition.
    """
    ends: dict[str, Ends] = {}
    conditions: list[Condition] = []
    quantiles: dict[tuple[str, float], str] = {}
    for condition in filter(None, map(str.strip, _COMMA.split(text))):
        try:
            root = parse_condition(_quoted(condition, costs))
            for typed in conjuncts(root):
                check_test(typed, [*costs, *quantiles_in(typed)], _of_any_unit)
                resolved = resolve_quantiles(typed, rows) if rows else Resolved(typed, {})
                part = resolved.node
                check_test(part, costs, _of_any_unit)
                quantiles |= resolved.quantiles
                sides = _sides(part)
                if sides is None:
                    conditions.append(Condition(_told(resolved), part, _of_any_unit))
                for name, low, high in sides or ():
                    ends[name] = _both(ends.get(name, (None, None)), low, high)
        except Fault as fault:
            raise told(condition, fault, "--budget") from None
    return Bounds(ends, tuple(conditions), quantiles)


def _told(resolved: Resolved) -> str:
    behind = ", ".join(dict.fromkeys(resolved.quantiles.values()))
    return written(resolved.node) + (f" ({behind})" if behind else "")


def _quoted(condition: str, costs: Collection[str]) -> str:
    """Return a condition with its first name quoted, where that is a column's with odd letters."""
    for name in sorted(costs, key=len, reverse=True):
        if not name.isidentifier() and condition.startswith(name):
            return f"`{name}`{condition[len(name) :]}"
    return condition


def _of_any_unit(name: str) -> None:
    """Return no kind of unit: what a column of a table is measured in is not known."""


def _sides(node: Node) -> list[tuple[str, float | None, float | None]] | None:
    """Return a comparison as bounds on single columns; None where it is none."""
    if not isinstance(node, Comparison) or not {*node.operators} <= {*_TURNED}:
        return None
    found = []
    sums = [linear(operand, _of_any_unit) for operand in node.operands]
    for operator, (left, right) in zip(node.operators, pairwise(sums), strict=True):
        if left is None or right is None:
            return None
        difference = left.plus(right.times(Fraction(-1)))
        if len(difference.weights) != 1:
            return None
        ((name, weight),) = difference.weights.items()
        sign = _TURNED[operator] if weight < 0 else operator
        exact = -difference.constant / weight
        value = int(exact) if exact.denominator == 1 else float(exact)
        found.append((name, None if sign == "<=" else value, None if sign == ">=" else value))
    return found


def _both(ends: Ends, low: float | None, high: float | None) -> Ends:
    lows = [end for end in (ends[0], low) if end is not None]
    highs = [end for end in (ends[1], high) if end is not None]
    return max(lows, default=None), min(highs, default=None)
