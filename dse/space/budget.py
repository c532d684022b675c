"""Bounds on costs: `macs: 300M`, `params: [1M, 5M]`, `peak_memory: {min: 1MiB, max: 64MiB}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from dse.costs import COSTS, Costs, unit_of
from dse.errors import DseError, nearest
from dse.language import format_quantity, parse_quantity


@dataclass(frozen=True, slots=True)
class Bound:
    """A cost with a lower and an upper bound, both included; None for no bound."""

    cost: str
    low: int | None
    high: int | None

    def admits(self, costs: Costs) -> bool:
        """Return whether the cost lies within the bounds."""
        value = costs[self.cost]
        if value is None:
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def __str__(self) -> str:
        unit = unit_of(self.cost)
        low = "" if self.low is None else f"{format_quantity(self.low, unit)} <= "
        high = "" if self.high is None else f" <= {format_quantity(self.high, unit)}"
        return f"{low}{self.cost}{high}"


@dataclass(frozen=True, slots=True)
class Budget:
    """Bounds that hold together."""

    bounds: tuple[Bound, ...] = ()

    def admits(self, costs: Costs) -> bool:
        """Return whether costs lie within every bound."""
        return all(bound.admits(costs) for bound in self.bounds)

    def excess(self, costs: Mapping[str, Any]) -> Any:
        """Return by how much costs miss the bounds, relative to them and summed up; 0 within.

        Args:
            costs: by name; a number each, or an array of one for each candidate.
        """
        total: Any = 0.0
        for bound in self.bounds:
            value = costs[bound.cost]
            if bound.high is not None:
                total = total + numpy.maximum(value / max(bound.high, 1) - 1, 0)
            if bound.low:
                total = total + numpy.maximum(1 - value / bound.low, 0)
        return total

    def __bool__(self) -> bool:
        return bool(self.bounds)

    def __str__(self) -> str:
        return " and ".join(map(str, self.bounds)) or "no bounds"


def read_budget(content: Mapping[str, Any] | None) -> Budget:
    """Return the budget that a config describes.

    Each value is an upper bound, a pair `[lower, upper]`, or `{min: …, max: …}`; null is no bound.

    Raises:
        DseError: for an unknown cost or unit, or a lower bound above the upper one.
    """
    bounds = []
    for cost, value in (content or {}).items():
        if cost not in COSTS:
            raise DseError(f"budget: unknown cost {cost!r}; {nearest(str(cost), COSTS)}")
        if value is None:
            continue
        low, high = (_number(cost, end) for end in _ends(cost, value))
        if low is not None and high is not None and low > high:
            raise DseError(f"budget.{cost}: nothing lies between {value!r}")
        bounds.append(Bound(cost, low, high))
    return Budget(tuple(bounds))


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
