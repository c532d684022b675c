"""The best networks of a space within a budget, where the goal is a sum over blocks: exactly.

Ways from a root are followed level by level. Of the best k networks are wanted, so a way is dropped
where k others to the same node are at least as good and took no more of what is bounded: whatever
the rest is, there are k networks that are no worse. It is dropped as well where nothing behind it
can come within the budget; or where what prices say it can still reach (see `multipliers`) is no
better than the k-th best network that is known. What is found last is therefore optimal, unless
there was no room for all ways: then the bound of what was dropped says by how much it may be
beaten.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from numpy.typing import NDArray

from dse.cost_formulas import is_sum_over_blocks, terms_of
from dse.dominance import fronts
from dse.errors import DseError
from dse.limits import limit, shown_limit
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
    """One of the best networks within a budget."""

    path: Integers
    """Its edges."""
    value: float
    bound: float
    """No network within the budget is better than this, but for those that are told before it."""

    @property
    def is_optimal(self) -> bool:
        """Whether it is proven that none is better, but for those that are told before it."""
        return self.value == self.bound


@dataclass(frozen=True)
class EdgeGoal:
    """What each edge adds to a value that is to be large."""

    of_edge: Floats
    step: float
    """By how much two values differ at least that are not equal; 0 where that is not known."""


def optimum(graph: NetworkGraph, weights: Mapping[str, float], budget: Budget) -> Optimum | None:
    """Return the network that `best_networks` tells first; None where none is within the budget."""
    return next(iter(best_networks(graph, weights, budget, 1)), None)


def best_networks(
    graph: NetworkGraph, weights: Mapping[str, float], budget: Budget, number: int
) -> list[Optimum]:
    """Return the networks within a budget that have the greatest weighted sums of costs.

    Args:
        graph: of a space.
        weights: of costs that are sums over blocks; negative for costs to be small.
        budget: bounds on such costs, or on `peak_memory`.
        number: how many at most; they are fewer where fewer are within the budget.

    Returns:
        distinct networks, the best first.

    Raises:
        DseError: for a cost that is no sum over blocks, or a bound on what is none; and where too
            few ways are followed to tell whether anything is within the budget.
    """
    return best_within(graph, edge_goal(graph, weights), followed(graph, budget), number)


def edge_goal(graph: NetworkGraph, weights: Mapping[str, float]) -> EdgeGoal:
    """Return a weighted sum of costs as a goal.

    Raises:
        DseError: for a cost that is no sum over blocks.
    """
    value = numpy.zeros(len(graph.source))
    for cost, weight in weights.items():
        if not is_sum_over_blocks(cost):
            raise DseError(f"{cost} is no sum over blocks, so the best of it is not found exactly")
        for base, times in terms_of(cost).items():
            value += times * weight * graph.parts[base]
    # Of whole numbers, the next better value is 1 away.
    return EdgeGoal(value, 1.0 if all(float(w).is_integer() for w in weights.values()) else 0.0)


def followed(graph: NetworkGraph, budget: Budget) -> Amounts:
    """Return what a budget asks for along the ways through a graph.

    Raises:
        DseError: for a bound that is for whole candidates alone.
    """
    wanted = amounts_of(graph, budget)
    if wanted.is_partial:
        left = ", ".join(checked_afterwards(budget)) or "a bound on training"
        raise DseError(f"{left} is no bound on a sum over blocks")
    return wanted


def best_within(graph: NetworkGraph, goal: EdgeGoal, wanted: Amounts, number: int) -> list[Optimum]:
    """Do what `best_networks` does, for what is followed already."""
    lists, paths = price_lists(graph, wanted, goal.of_edge)
    found = _Known(number)
    for path in paths:
        if _is_within(graph, wanted, path):
            found.add(path, float(goal.of_edge[path].sum()))
    dropped = math.inf
    for beam in (_NARROW, limit("optimum_ways")):
        dropped = _OptimumSearch(graph, wanted, goal, lists[-12:], beam, found).dropped_at()
        if (found.is_full and found.worst >= dropped) or dropped == -math.inf:
            break
    networks = found.ordered()
    if not networks and dropped > -math.inf:
        raise DseError(
            f"{shown_limit('optimum_ways')} ways of a level are too few to tell whether anything "
            "is within the budget; exact=false draws candidates"
        )
    return [Optimum(path, value, max(value, dropped)) for path, value in networks]


def is_exact_for(weights: Mapping[str, float], budget: Budget, graph: NetworkGraph) -> bool:
    """Return whether `best_networks` takes these costs and bounds."""
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
        totals.append(total)
    return bool(wanted.hold(graph.target[path[-1:]], totals).all())


class _Known:
    """The best distinct networks so far, as many as are wanted."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._held: dict[bytes, tuple[Integers, float]] = {}

    @property
    def is_full(self) -> bool:
        return len(self._held) == self.number

    @property
    def worst(self) -> float:
        """What a further one has to be better than."""
        if not self.is_full:
            return -math.inf
        return min(value for _, value in self._held.values())

    def add(self, path: Integers, value: float) -> None:
        """Note a network, and forget the worst where there is one too many."""
        if value <= self.worst:
            return
        path = path[path >= 0]
        self._held.setdefault(path.tobytes(), (path, value))
        if len(self._held) > self.number:
            del self._held[min(self._held, key=lambda key: self._held[key][1])]

    def ordered(self) -> list[tuple[Integers, float]]:
        """Return them, the best first."""
        return sorted(self._held.values(), key=lambda each: -each[1])


class _OptimumSearch:
    def __init__(
        self,
        graph: NetworkGraph,
        wanted: Amounts,
        goal: EdgeGoal,
        lists: Sequence[Prices],
        beam: int,
        known: _Known,
    ) -> None:
        self.graph, self.wanted, self.value, self.lists = graph, wanted, goal.of_edge, lists
        self.step, self.beam, self.known = goal.step, beam, known
        self.dropped = -math.inf
        self.trail = Trail()

    def dropped_at(self) -> float:
        """Note the best networks, and return what one that was passed over may have at most."""
        amounts = {str(i): amount.start for i, amount in enumerate(self.wanted.amounts)}
        follow(self.graph, {"value": numpy.zeros(len(self.graph.roots)), **amounts}, self)
        return self.dropped

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
            # What an end adds need not come from the edges.
            at_end = int(self.wanted.amounts[total].at_end[self.graph.ends].max(initial=0))
            low, high = numpy.asarray(check.low - at_end), numpy.asarray(check.high)
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
        kept = self.wanted.may_hold(ways.node, self._amounts(ways))
        worst = self.known.worst
        if worst > -math.inf:
            slack = _ROUNDING * max(1.0, abs(worst))
            kept &= self._reach(ways) > worst + max(self.step - slack, 0) - slack
        return kept

    def _note_ends(self, ways: Frontier) -> None:
        ways = ways.of(self.graph.ends[ways.node])
        ways = ways.of(self.wanted.hold(ways.node, self._amounts(ways)))
        ways = ways.of(ways.labels["value"] > self.known.worst)
        # One that is known may end here again, so those that are as good as it are looked at too.
        best = ways.of(numpy.argsort(-ways.labels["value"], kind="stable")[: 2 * self.known.number])
        paths = self.trail.paths(best.way)
        for path, value in zip(paths, best.labels["value"].tolist(), strict=True):
            self.known.add(path, value)

    def _kept(self, ways: Frontier) -> Frontier:
        """Drop ways that others beat, and those for which there is no room."""
        ways, pieces = ways.of(self._is_hopeful(ways)).by_node()
        if not pieces:
            return ways
        compared = self.wanted.compared(ways.node, self._amounts(ways))
        columns: list[NDArray[Any]] = [-ways.labels["value"], *compared.values()]
        number = self.known.number
        kept = [
            piece.start + fronts([column[piece] for column in columns], number) for piece in pieces
        ]
        ways = ways.of(numpy.concatenate(kept))
        if len(ways.node) > self.beam:
            reach = self._reach(ways)
            order = numpy.argsort(-reach, kind="stable")
            self.dropped = max(self.dropped, float(reach[order[self.beam]]))
            ways = ways.of(order[: self.beam])
        return ways
