"""Lagrange multipliers of a budget: prices on amounts that bound what any network can reach.

With a price on each bounded amount, the best network is a longest path, found at once; its value,
and what the budget is worth at these prices, bound the best within the budget from above. Prices
that bound it well come from a linear program over the paths found so far (column generation, also
known as Kelley's cutting planes).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy
from numpy.typing import NDArray

from dse.space.graph.amounts import Amounts, Check, rest
from dse.space.graph.networks import NetworkGraph
from dse.space.tables import Integers

Floats = NDArray[numpy.float64]

_MOST_ROUNDS = 60
_MISSED = 1e4
"""What missing a bound by the most that a network has costs, relative to the value of one."""


@dataclass(frozen=True)
class Prices:
    """A price on each check of a budget, and the best value of every rest of a network at them."""

    price: Floats
    """Positive on an upper bound, negative on a lower one."""
    rest: Floats
    """For each node: the greatest value that the rest has, its amounts paid for."""


def price_lists(
    graph: NetworkGraph, wanted: Amounts, value: Floats
) -> tuple[list[Prices], list[Integers]]:
    """Return prices that bound the best value well, and the networks that were best at some.

    Args:
        graph: of a space.
        wanted: what the budget asks for; the sum in each check has a price.
        value: of each edge, to be as large as can be in sum.
    """
    bounds = [_of_sum(graph, wanted, check, peaks) for check, _, peaks in wanted.sums()]
    amounts = [wanted.amounts[total].of_edge for _, total, _ in wanted.sums()]
    # Of the order of what a path has, for the sake of the solver.
    sizes = [_reach_of(graph, each) for each in amounts]
    price = numpy.zeros(len(bounds))
    lists: list[Prices] = []
    paths: list[Integers] = []
    values: list[float] = []
    used: list[list[float]] = []
    for _ in range(_MOST_ROUNDS):
        paid = value - sum((p * a for p, a in zip(price, amounts, strict=True)), numpy.zeros(()))
        best_rest = rest(graph, paid, numpy.zeros(graph.nodes), lowest=False)
        lists.append(Prices(price, best_rest))
        path = _followed(graph, paid, best_rest)
        if any(numpy.array_equal(path, other) for other in paths):
            break
        paths.append(path)
        values.append(float(value[path].sum()))
        used.append([float(a[path].sum()) for a in amounts])
        if not bounds:
            break
        scaled = numpy.array(used) / sizes
        # No path has more than the size of a bound, so a wider one is none.
        lows = [low / size for (low, _), size in zip(bounds, sizes, strict=True)]
        highs = [min(high / size, 2.0) for (_, high), size in zip(bounds, sizes, strict=True)]
        price = _duals(numpy.array(values), scaled, numpy.array(lows), numpy.array(highs)) / sizes
    return lists, paths


def _reach_of(graph: NetworkGraph, of_edge: Integers) -> float:
    """Return how far from 0 a sum along a path can be, at least 1."""
    empty = numpy.zeros(graph.nodes, dtype=numpy.int64)
    ends = (rest(graph, of_edge, empty, lowest=lowest)[graph.roots] for lowest in (True, False))
    return float(max(1, *(int(numpy.abs(each).max()) for each in ends)))


def _of_sum(
    graph: NetworkGraph, wanted: Amounts, check: Check, peaks: tuple[int, ...]
) -> tuple[int, int]:
    """Return the bounds of a sum that a check leaves, whatever its peaks are."""
    if not peaks:
        return check.low, check.high
    lowest = sum(
        int(wanted.amounts[i].least(graph.roots, wanted.amounts[i].start).min()) for i in peaks
    )
    return check.floor, check.high - lowest


def _duals(values: Floats, used: Floats, low: Floats, high: Floats) -> Floats:
    """Return the prices at which no mixture of paths is better than the best within the bounds."""
    # What optimises takes a fifth of a second to load, and few commands need it.
    from scipy.optimize import linprog

    number, checks = used.shape
    scale = max(1.0, float(numpy.abs(values).max()))
    goal = numpy.r_[-values / scale, numpy.full(2 * checks, _MISSED)]
    slack = numpy.eye(checks)
    none = numpy.zeros((checks, checks))
    solved = linprog(
        goal,
        A_ub=numpy.block([[used.T, -slack, none], [-used.T, none, -slack]]),
        b_ub=numpy.r_[high, -low],
        A_eq=numpy.r_[numpy.ones(number), numpy.zeros(2 * checks)][None],
        b_eq=[1.0],
        method="highs",
    )
    marginals = solved.ineqlin.marginals
    upper, lower = -marginals[:checks], -marginals[checks:]
    return numpy.asarray((upper - lower) * scale, dtype=numpy.float64)


def _followed(graph: NetworkGraph, paid: Floats, best_rest: Floats) -> Integers:
    """Return the path of the greatest value."""
    node = int(graph.roots[best_rest[graph.roots].argmax()])
    ordered = graph.source[graph.by_source]
    path: list[int] = []
    while True:
        edges = graph.by_source[slice(*numpy.searchsorted(ordered, [node, node + 1]))]
        reached = paid[edges] + best_rest[graph.target[edges]]
        if graph.ends[node] and not (len(edges) and reached.max() > 0):
            return numpy.array(path, dtype=numpy.int64)
        best = int(edges[reached.argmax()])
        path.append(best)
        node = int(graph.target[best])
