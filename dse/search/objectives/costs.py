"""Costs as objectives: the baselines that a score has to beat."""

from __future__ import annotations

from dse.costs import Costs
from dse.space import CostedPoint


def params(candidate: CostedPoint) -> float:
    """Return the number of parameters: the largest network that fits is the best."""
    assert isinstance(candidate.costs, Costs)
    return float(candidate.costs.params)


def macs(candidate: CostedPoint) -> float:
    """Return the multiply-accumulates: the network that works hardest is the best."""
    assert isinstance(candidate.costs, Costs)
    return float(candidate.costs.macs)
