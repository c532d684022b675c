"""Costs as objectives: the baselines that a score has to beat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dse.cost_formulas import find_formula, formula_value
from dse.costs import Costs
from dse.errors import DseError
from dse.space import CostedPoint


def params(candidate: CostedPoint) -> float:
    """Return the number of parameters: the largest network that fits is the best."""
    assert isinstance(candidate.costs, Costs)
    return float(candidate.costs.params)


def macs(candidate: CostedPoint) -> float:
    """Return the multiply-accumulates: the network that works hardest is the best."""
    assert isinstance(candidate.costs, Costs)
    return float(candidate.costs.macs)


def cost(candidate: CostedPoint, cost: str) -> float:
    """Return any cost, or a formula over costs such as `macs / params`.

    Raises:
        DseError: for a cost of training of a candidate that cannot be trained, and a ratio to 0.
    """
    assert isinstance(candidate.costs, Costs)
    value = formula_value(candidate.costs, cost)
    if value is None:
        raise DseError(f"a candidate that cannot be trained, or has 0 of a divisor, has no {cost}")
    return value


def check_cost(cost: str) -> None:
    """Refuse a text that is no formula over costs.

    Raises:
        DseError: that points at the mistake and names the nearest cost.
    """
    find_formula(cost, "objective.cost")


def cost_of(function: Callable[..., Any], options: Mapping[str, Any]) -> str | None:
    """Return the formula of an objective of costs; None for one that measures something."""
    if function is cost:
        return str(options.get("cost"))
    return {params: "params", macs: "macs"}.get(function)
