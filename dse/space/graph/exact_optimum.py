"""The best network of a space within a budget, where the goal is a sum over blocks: exactly.

Ways from a root are followed level by level. A way is dropped where another to the same node is at
least as good and took no more of what is bounded; where nothing behind it can come within the
budget; or where what prices say it can still reach (see `multipliers`) is no better than a network
that is known. What is found last is therefore optimal, unless there was no room for all ways: then
the bound of what was dropped says by how much it may be beaten.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy
from numpy.typing import NDArray

from dse.cost_formulas import is_sum_over_blocks, terms_of
from dse.dominance import non_dominated
from dse.errors import DseError
from dse.limits import limit
from dse.space.budget import Budget
from dse.space.graph.amounts import Amounts, amounts_of, checked_afterwards
from dse.space.graph.frontier import Frontier, Labels, Trail, follow
from dse.space.graph.multipliers import Floats, Prices, price_lists
from dse.space.graph.networks import NetworkGraph
from dse.space.tables import Booleans, Integers

_NARROW = 500
"""A narrow search first: what it finds lets the exact one drop most ways."""

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Optimum:
    """The best network within a budget."""

    path: Integers
    """Its edges."""
    value: float
    bound: float
    """No network within the budget is better than this."""

    @property
    def is_optimal(self) -> bool:
        """Whether it is proven that none is better."""
        return self.value == self.bound


def optimum(graph: NetworkGraph, weights: Mapping[str, float], budget: Budget) -> Optimum | None:
    """Return the network within a budget that has the greatest weighted sum of costs.

    Args:
        graph: of a space.
        weights: of costs that are sums over blocks; negative for costs to be small.
        budget: bounds on such costs, or on `peak_memory`.

    Returns:
        None where no network is within the budget.

    Raises:
        DseError: for a cost that is no sum over blocks, or a bound on what is none.
    """
    value = numpy.zeros(len(graph.source))
    for cost, weight in weights.items():
        if not is_sum_over_blocks(cost):
            raise DseError(f"{cost} is no sum over blocks, so the best of it is not found exactly")
        for base, times in terms_of(cost).items():
            value += times * weight * graph.parts[base]
    wanted = amounts_of(graph, budget)
    if wanted.is_partial:
        left = ", ".join(checked_afterwards(budget)) or "a bound on training"
        raise DseError(f"{left} is no bound on a sum over blocks")
    lists, paths = price_lists(graph, wanted, value)
    # Of whole numbers, the next better value is 1 away.
    step = 1.0 if all(float(weight).is_integer() for weight in weights.values()) else 0.0
    best: Optimum | None = None
    for path in paths:
        if _is_within(graph, wanted, path):
            found = float(value[path].sum())
            if best is None or found > best.value:
                best = Optimum(path, found, math.inf)
    for beam in (_NARROW, limit("optimum_ways")):
        best = _OptimumSearch(graph, wanted, value, lists[-12:], beam, step).found(best)
        if best is not None and best.is_optimal:
            break
    return best


def is_exact_for(weights: Mapping[str, float], budget: Budget, graph: NetworkGraph) -> bool:
    """Return whether `optimum` takes these costs and bounds."""
    return all(map(is_sum_over_blocks, weights)) and not amounts_of(graph, budget).is_partial


def _is_within(graph: NetworkGraph, wanted: Amounts, path: Integers) -> bool:
    if not len(path):
        return False
    root = numpy.flatnonzero(graph.roots == graph.source[path[0]])
    totals = []
    for amount in wanted.amounts:
        total = amount.start[root]
        for edge in path:
            total = amount.after(total, edge[None])
        totals.append(amount.ended(graph.target[path[-1:]], total))
    return all(bool(check.must_hold(totals, totals).all()) for check in wanted.checks)


class _OptimumSearch:
    def __init__(
        self,
        graph: NetworkGraph,
        wanted: Amounts,
        value: Floats,
        lists: Sequence[Prices],
        beam: int,
        step: float,
    ) -> None:
        self.graph, self.wanted, self.value, self.lists = graph, wanted, value, lists
        self.beam, self.step = beam, step
        self.dropped = -math.inf
        self.best: Optimum | None = None
        self.trail = Trail()

    def found(self, known: Optimum | None) -> Optimum | None:
        """Return the best network, given one that is known."""
        self.best = known
        amounts = {str(i): amount.start for i, amount in enumerate(self.wanted.amounts)}
        follow(self.graph, {"value": numpy.zeros(len(self.graph.roots)), **amounts}, self)
        if self.best is None:
            return None
        bound = max(self.best.value, self.dropped)
        return replace(self.best, bound=bound)

    def extended(self, labels: Labels, edge: Integers) -> Labels:
        amounts = {
            str(i): amount.after(labels[str(i)], edge)
            for i, amount in enumerate(self.wanted.amounts)
        }
        return {"value": labels["value"] + self.value[edge], **amounts}

    def goes_on(self, ways: Frontier) -> Booleans:
        """Return which ways may lead to a better network within the budget."""
        return self._is_hopeful(ways)

    def arrived(self, ways: Frontier) -> Frontier:
        """Note the networks that end here, and drop ways that others beat."""
        ways = self.trail.numbered(ways)
        self._note_ends(ways.of(ways.edge >= 0))
        return self._kept(ways)

    def _amounts(self, ways: Frontier) -> list[Integers]:
        return [ways.labels[str(i)] for i in range(len(self.wanted.amounts))]

    def _reach(self, ways: Frontier) -> Floats:
        """Return what networks that begin with ways can reach at most, whatever the prices."""
        reach = numpy.full(len(ways.node), math.inf)
        bounds = []
        for check, total, peaks in self.wanted.sums():
            low, high = numpy.asarray(check.low), numpy.asarray(check.high)
            for index in peaks:
                # What the peak takes at least is not left for the sum.
                amount = self.wanted.amounts[index]
                low = numpy.full(1, check.floor)
                high = high - amount.least(ways.node, ways.labels[str(index)])
            bounds.append((low - ways.labels[str(total)], high - ways.labels[str(total)]))
        for prices in self.lists:
            bound = ways.labels["value"] + prices.rest[ways.node]
            for (low, high), price in zip(bounds, prices.price.tolist(), strict=True):
                bound = bound + price * (high if price > 0 else low)
            reach = numpy.minimum(reach, bound)
        return reach

    def _is_hopeful(self, ways: Frontier) -> Booleans:
        amounts = self.wanted.amounts
        each = list(zip(amounts, self._amounts(ways), strict=True))
        least = [amount.least(ways.node, values) for amount, values in each]
        most = [amount.most(ways.node, values) for amount, values in each]
        kept = numpy.ones(len(ways.node), dtype=numpy.bool_)
        for check in self.wanted.checks:
            kept &= check.may_hold(least, most)
        if self.best is not None:
            slack = _ROUNDING * max(1.0, abs(self.best.value))
            kept &= self._reach(ways) > self.best.value + max(self.step - slack, 0) - slack
        return kept

    def _note_ends(self, ways: Frontier) -> None:
        ends = numpy.flatnonzero(self.graph.ends[ways.node])
        ways = ways.of(ends)
        ended = [
            amount.ended(ways.node, values)
            for amount, values in zip(self.wanted.amounts, self._amounts(ways), strict=True)
        ]
        within = numpy.ones(len(ends), dtype=numpy.bool_)
        for check in self.wanted.checks:
            within &= check.must_hold(ended, ended)
        ways = ways.of(within)
        if not len(ways.node):
            return
        place = int(ways.labels["value"].argmax())
        value = float(ways.labels["value"][place])
        if self.best is None or value > self.best.value:
            self.best = Optimum(self.trail.path(int(ways.way[place])), value, math.inf)

    def _kept(self, ways: Frontier) -> Frontier:
        """Drop ways that others beat, and those for which there is no room."""
        ways, pieces = ways.of(self._is_hopeful(ways)).by_node()
        if not pieces:
            return ways
        columns: list[NDArray[Any]] = [-ways.labels["value"]]
        for index, values in enumerate(self._amounts(ways)):
            columns.append(values)
            if any(check.asks_for_some for check in self.wanted.checks if index in check.amounts):
                # More is no worse where a bound asks for some: only equals can be compared.
                columns.append(-values)
        kept = []
        for piece in pieces:
            rows = numpy.stack([column[piece] for column in columns], axis=1)
            firsts = numpy.unique(rows, axis=0, return_index=True)[1]
            best = non_dominated([rows[firsts, i] for i in range(rows.shape[1])])
            kept.append(piece.start + firsts[best])
        ways = ways.of(numpy.concatenate(kept))
        if len(ways.node) > self.beam:
            reach = self._reach(ways)
            order = numpy.argsort(-reach, kind="stable")
            self.dropped = max(self.dropped, float(reach[order[self.beam]]))
            ways = ways.of(order[: self.beam])
        return ways
