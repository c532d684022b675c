"""Costs as objectives: the baselines that a score has to beat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dse.costs import COSTS, Costs
from dse.errors import DseError, nearest
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
    """Return any cost, of `dse.costs.COSTS`.

    Raises:
        DseError: for a cost of training of a candidate that cannot be trained.
    """
    assert isinstance(candidate.costs, Costs)
    value = candidate.costs[cost]
    if value is None:
        raise DseError(f"a candidate that cannot be trained has no {cost}")
    return float(value)


def check_cost(cost: str) -> None:
    """Refuse a cost that is not known.

    Raises:
        DseError: naming the nearest.
    """
    if cost not in COSTS:
        raise DseError(f"objective.cost: unknown {cost!r}; {nearest(cost, COSTS)}")


def cost_of(function: Callable[..., Any], options: Mapping[str, Any]) -> str | None:
    """Return the cost that an objective gives; None for an objective that measures something."""
    if function is cost:
        return str(options.get("cost"))
    return {params: "params", macs: "macs"}.get(function)
