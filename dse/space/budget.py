"""Bounds on costs: `macs: 300M`, `params: [1M, 5M]`, `peak_memory: {min: 1MiB, max: 64MiB}`.

Weighted sums of costs are bounded as costs are; any other condition is tried on whole candidates.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from dse.cost_formulas import cost_value, find_formula, formula_unit
from dse.costs import COSTS, Costs, unit_of
from dse.errors import DseError, closest, nearest
from dse.language import Condition, format_quantity, parse_fraction, parse_quantity
from dse.space.budget_text import read_where


@dataclass(frozen=True, slots=True)
class Bound:
    """A cost with a lower and an upper bound, both included; None for no bound."""

    cost: str
    """Its name, or a weighted sum of costs."""
    low: int | None
    high: int | None

    def admits(self, costs: Costs) -> bool:
        """Return whether the cost lies within the bounds."""
        value = cost_value(costs, self.cost)
        if value is None:
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def __str__(self) -> str:
        unit = formula_unit(self.cost)
        if self.low is not None and self.low == self.high:
            return f"{self.cost} = {format_quantity(self.low, unit)}"
        low = "" if self.low is None else f"{format_quantity(self.low, unit)} <= "
        high = "" if self.high is None else f" <= {format_quantity(self.high, unit)}"
        return f"{low}{self.cost}{high}"


@dataclass(frozen=True, slots=True)
class Budget:
    """Bounds that hold together."""

    bounds: tuple[Bound, ...] = ()
    conditions: tuple[Condition, ...] = ()
    """What else has to hold."""

    @property
    def costs(self) -> tuple[str, ...]:
        """The costs, and the weighted sums of such, that it is about."""
        named = (name for condition in self.conditions for name in condition.names)
        return tuple(dict.fromkeys([*(bound.cost for bound in self.bounds), *named]))

    @property
    def bounded(self) -> tuple[str, ...]:
        """Those of the costs that all which is within it has; a condition may hold without."""
        return tuple(dict.fromkeys(bound.cost for bound in self.bounds))

    def admits(self, costs: Costs) -> bool:
        """Return whether costs lie within every bound and meet every condition."""
        return all(bound.admits(costs) for bound in self.bounds) and all(
            condition.holds({name: costs[name] for name in condition.names})
            for condition in self.conditions
        )

    def excess(self, costs: Mapping[str, Any]) -> Any:
        """Return by how much costs miss the bounds, relative to them and summed up; 0 within.

        Args:
            costs: by name; a number each, or an array of one for each candidate.
        """
        total: Any = 0.0
        for bound in self.bounds:
            value = costs[bound.cost]
            if bound.high is not None:
                over = (value - bound.high) / max(abs(bound.high), 1)
                total = total + numpy.maximum(over, 0)
            if bound.low is not None:
                under = (bound.low - value) / max(abs(bound.low), 1)
                total = total + numpy.maximum(under, 0)
        for condition in self.conditions:
            total = total + ~condition.holds(costs)
        return total

    def __bool__(self) -> bool:
        return bool(self.bounds or self.conditions)

    def __str__(self) -> str:
        shown = [*map(str, self.bounds), *(condition.as_part for condition in self.conditions)]
        return " and ".join(shown) or "no bounds"


def read_budget(content: Mapping[str, Any] | None) -> Budget:
    """Return the budget that a config describes.

    Each value is an upper bound, a pair `[lower, upper]`, or `{min: …, max: …}`; null is no bound.
    Its key is a cost or a formula over costs; of the key `where` the value is a condition, all of
    which holds beside the others.

    Raises:
        DseError: for an unknown cost or unit, a lower bound above the upper one, or what is no
            condition.
    """
    named: list[Bound] = []
    texts = []
    for key, value in (content or {}).items():
        if value is None:
            continue
        if key == "where":
            texts.append(str(value))
        elif key in COSTS:
            low, high = (_number(key, end) for end in _ends(key, value))
            if low is not None and high is not None and low > high:
                raise DseError(f"budget.{key}: nothing lies between {value!r}")
            named.append(Bound(key, low, high))
        else:
            texts.append(_where(str(key), value))
    conditions: list[Condition] = []
    for text in filter(None, texts):
        found = read_where(text)
        named += [Bound(cost, *ends) for cost, ends in found.bounds.items()]
        conditions += found.conditions
    return Budget(tuple(named), tuple(dict.fromkeys(conditions)))


def unknown_cost(name: str, names: Collection[str]) -> DseError:
    """Return the error for a bound on what is neither a cost nor measured by an objective.

    A name that is like none of those that are known is perhaps that of a measurement.
    """
    hint = nearest(name, names)
    if closest(name, names) is None:
        hint = f"a search bounds what its objective measures too; {hint}"
    return DseError(f"budget: unknown cost {name!r}; {hint}")


def _where(formula: str, value: Any) -> str:
    """Return bounds on a formula as a condition; an empty text for none."""
    if formula.isidentifier():
        raise unknown_cost(formula, COSTS)
    unit = find_formula(formula, "budget").unit
    low, high = _ends(formula, value)
    for end in (low, high):
        if end is not None:
            parse_fraction(end, unit, f"budget.{formula}")
    if low is None and high is None:
        return ""
    before = "" if low is None else f"{low} <= "
    return f"{before}({formula})" + ("" if high is None else f" <= {high}")


def _ends(cost: str, value: Any) -> tuple[Any, Any]:
    if isinstance(value, Mapping):
        for key in value:
            if key not in ("min", "max"):
                raise DseError(f"budget.{cost}: unknown key {key!r}; valid: max, min")
        return value.get("min"), value.get("max")
    if isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) != 2:
            raise DseError(f"budget.{cost}: expected [lower, upper], not {list(value)!r}")
        return value[0], value[1]
    return None, value


def _number(cost: str, value: Any) -> int | None:
    return None if value is None else parse_quantity(value, unit_of(cost), f"budget.{cost}")
