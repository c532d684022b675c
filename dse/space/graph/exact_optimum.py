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
from dse.space.budget import Budget
from dse.space.graph.amounts import Amounts, amounts_of, checked_afterwards
from dse.space.graph.multipliers import Floats, Prices, price_lists
from dse.space.graph.networks import NetworkGraph, edges_out, runs_of
from dse.space.tables import Booleans, Integers

MOST_WAYS = 20_000
"""Ways of one level that are followed."""

_BEAMS = (500, MOST_WAYS)
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
    for beam in _BEAMS:
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


@dataclass(frozen=True)
class _Ways:
    """Ways to the nodes of one level or to several."""

    node: Integers
    value: Floats
    amounts: tuple[Integers, ...]
    number: Integers
    """Where each is in the record of how it came about."""

    def of(self, which: Booleans | Integers) -> _Ways:
        """Return some of them."""
        amounts = tuple(each[which] for each in self.amounts)
        return _Ways(self.node[which], self.value[which], amounts, self.number[which])


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
        self.edges: list[Integers] = []
        self.before: list[Integers] = []
        self.total = 0

    def found(self, known: Optimum | None) -> Optimum | None:
        """Return the best network, given one that is known."""
        graph = self.graph
        self.best = known
        number = len(graph.roots)
        nothing = numpy.full(number, -1, dtype=numpy.int64)
        starts = tuple(amount.start for amount in self.wanted.amounts)
        first = _Ways(graph.roots, numpy.zeros(number), starts, numpy.arange(number))
        self._record(nothing, nothing)
        waiting: dict[int, list[_Ways]] = {}
        self._go_on(self._kept(first), waiting)
        for level in range(1, int(graph.level.max(initial=0)) + 1):
            if level in waiting:
                self._go_on(self._kept(_joined(waiting.pop(level))), waiting)
        if self.best is None:
            return None
        bound = max(self.best.value, self.dropped)
        return replace(self.best, bound=bound)

    def _record(self, edge: Integers, before: Integers) -> Integers:
        self.edges.append(edge)
        self.before.append(before)
        self.total += len(edge)
        return numpy.arange(self.total - len(edge), self.total)

    def _go_on(self, ways: _Ways, waiting: dict[int, list[_Ways]]) -> None:
        graph = self.graph
        edge, at = edges_out(graph, ways.node)
        amounts = tuple(
            amount.after(values[at], edge)
            for amount, values in zip(self.wanted.amounts, ways.amounts, strict=True)
        )
        more = _Ways(
            graph.target[edge], ways.value[at] + self.value[edge], amounts, ways.number[at]
        )
        hopeful = self._is_hopeful(more)
        more, edge = more.of(hopeful), edge[hopeful]
        if not len(edge):
            return
        more = replace(more, number=self._record(edge, more.number))
        self._note_ends(more)
        levels = graph.level[more.node]
        for level in numpy.unique(levels).tolist():
            waiting.setdefault(level, []).append(more.of(levels == level))

    def _reach(self, ways: _Ways) -> Floats:
        """Return what networks that begin with ways can reach at most, whatever the prices."""
        reach = numpy.full(len(ways.node), math.inf)
        bounds = []
        for check, total, peaks in self.wanted.sums():
            low, high = numpy.asarray(check.low), numpy.asarray(check.high)
            for index in peaks:
                # What the peak takes at least is not left for the sum.
                amount = self.wanted.amounts[index]
                low = numpy.full(1, check.floor)
                high = high - amount.least(ways.node, ways.amounts[index])
            bounds.append((low - ways.amounts[total], high - ways.amounts[total]))
        for prices in self.lists:
            bound = ways.value + prices.rest[ways.node]
            for (low, high), price in zip(bounds, prices.price.tolist(), strict=True):
                bound = bound + price * (high if price > 0 else low)
            reach = numpy.minimum(reach, bound)
        return reach

    def _is_hopeful(self, ways: _Ways) -> Booleans:
        amounts = self.wanted.amounts
        each = list(zip(amounts, ways.amounts, strict=True))
        least = [amount.least(ways.node, values) for amount, values in each]
        most = [amount.most(ways.node, values) for amount, values in each]
        kept = numpy.ones(len(ways.node), dtype=numpy.bool_)
        for check in self.wanted.checks:
            kept &= check.may_hold(least, most)
        if self.best is not None:
            slack = _ROUNDING * max(1.0, abs(self.best.value))
            kept &= self._reach(ways) > self.best.value + max(self.step - slack, 0) - slack
        return kept

    def _note_ends(self, ways: _Ways) -> None:
        ends = numpy.flatnonzero(self.graph.ends[ways.node])
        ways = ways.of(ends)
        ended = [
            amount.ended(ways.node, values)
            for amount, values in zip(self.wanted.amounts, ways.amounts, strict=True)
        ]
        within = numpy.ones(len(ends), dtype=numpy.bool_)
        for check in self.wanted.checks:
            within &= check.must_hold(ended, ended)
        ways = ways.of(within)
        if not len(ways.node):
            return
        place = int(ways.value.argmax())
        value = float(ways.value[place])
        if self.best is None or value > self.best.value:
            self.best = Optimum(self._path(int(ways.number[place])), value, math.inf)

    def _path(self, number: int) -> Integers:
        edges, before = numpy.concatenate(self.edges), numpy.concatenate(self.before)
        self.edges, self.before = [edges], [before]
        path = []
        while edges[number] >= 0:
            path.append(int(edges[number]))
            number = int(before[number])
        return numpy.array(path[::-1], dtype=numpy.int64)

    def _kept(self, ways: _Ways) -> _Ways:
        """Drop ways that others beat, and those for which there is no room."""
        ways = ways.of(self._is_hopeful(ways))
        if not len(ways.node):
            return ways
        columns: list[NDArray[Any]] = [-ways.value]
        for index, values in enumerate(ways.amounts):
            columns.append(values)
            if any(check.asks_for_some for check in self.wanted.checks if index in check.amounts):
                # More is no worse where a bound asks for some: only equals can be compared.
                columns.append(-values)
        order = numpy.argsort(ways.node, kind="stable")
        starts, _ = runs_of(ways.node[order])
        kept = []
        for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(order)], strict=True):
            some = order[start:end]
            rows = numpy.stack([column[some] for column in columns], axis=1)
            firsts = numpy.unique(rows, axis=0, return_index=True)[1]
            best = non_dominated([rows[firsts, i] for i in range(rows.shape[1])])
            kept.append(some[firsts[best]])
        ways = ways.of(numpy.concatenate(kept))
        if len(ways.node) > self.beam:
            reach = self._reach(ways)
            order = numpy.argsort(-reach, kind="stable")
            self.dropped = max(self.dropped, float(reach[order[self.beam]]))
            ways = ways.of(order[: self.beam])
        return ways


def _joined(several: Sequence[_Ways]) -> _Ways:
    return _Ways(
        numpy.concatenate([ways.node for ways in several]),
        numpy.concatenate([ways.value for ways in several]),
        tuple(
            numpy.concatenate([ways.amounts[i] for ways in several])
            for i in range(len(several[0].amounts))
        ),
        numpy.concatenate([ways.number for ways in several]),
    )
