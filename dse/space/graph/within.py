"""The networks of a space that are within a budget: how many there are, and uniform draws of them.

Ways from a root are followed through the graph with the amounts that the budget bounds, rounded to
bins, so that ways of nearly the same amounts run together; each holds the exact range of what ran
together in it. Ways that no rest of a network brings within the bounds are dropped. What is left is
a graph whose paths are the networks that may be within the budget (see `ways`). Where bins were
coarse, a draw is checked exactly afterwards.
"""

from __future__ import annotations

from dataclasses import replace

import numpy

from dse.limits import limit
from dse.space.budget import Budget
from dse.space.graph.amounts import Amounts, amounts_of
from dse.space.graph.frontier import Frontier, Labels, follow, joined
from dse.space.graph.networks import NetworkGraph
from dse.space.graph.ways import Ways
from dse.space.tables import Booleans, Integers

_BINS = {0: 1, 1: 4_096, 2: 256, 3: 64}
"""Bins of each amount, by the number of amounts."""


def ways_within(graph: NetworkGraph, budget: Budget) -> Ways:
    """Return the ways through a graph that may be within a budget.

    Bounds on `train_memory` are left out here, and are for the exact check of what is drawn.
    """
    return ways_of(graph, amounts_of(graph, budget))


def ways_of(graph: NetworkGraph, wanted: Amounts) -> Ways:
    """Return the ways through a graph with some amounts, in bins as fine as there is room for."""
    bins = _BINS.get(len(wanted.amounts), 16)
    while True:
        ways = _WaysBuilder(graph, wanted, bins).built()
        if ways is not None:
            return ways
        bins //= 2


class _TooManyError(Exception):
    """There is no room for so many ways in bins so fine."""


class _WaysBuilder:
    """Follows ways level by level."""

    def __init__(self, graph: NetworkGraph, wanted: Amounts, bins: int) -> None:
        self.graph, self.wanted, self.amounts, self.bins = graph, wanted, wanted.amounts, bins
        self.met: list[Frontier] = []
        """Ways with numbers of their own, in the order of these."""
        self.taken: list[tuple[Integers, Integers, Integers]] = []
        """Steps between ways: from which, to which, along which edge."""
        self.total = self.edges = 0
        # The least and the greatest that each amount can be in all, for the width of its bins.
        self.base = [int(a.least(graph.roots, a.start).min()) for a in self.amounts]
        self.span = [
            max(int(a.most(graph.roots, a.start).max()) - base, 1)
            for a, base in zip(self.amounts, self.base, strict=True)
        ]
        for check in wanted.checks:
            if len(check.amounts) == 1:
                (index,) = check.amounts
                reach = min(self.span[index], check.high - self.base[index])
                self.span[index] = max(reach, 1)

    def built(self) -> Ways | None:
        """Return the ways; None where there are too many of them."""
        starts: dict[str, Integers] = {}
        for index, amount in enumerate(self.amounts):
            starts |= {f"low {index}": amount.start, f"high {index}": amount.start}
        try:
            follow(self.graph, starts, self)
        except _TooManyError:
            return None
        return self._finished()

    def extended(self, labels: Labels, edge: Integers) -> Labels:
        return {
            f"{end} {index}": amount.after(labels[f"{end} {index}"], edge)
            for index, amount in enumerate(self.amounts)
            for end in ("low", "high")
        }

    def goes_on(self, ways: Frontier) -> Booleans:
        """Return which ways may still come within the budget."""
        low, high = self._ends(ways)
        return self._may_go_on(ways.node, low, high)

    def arrived(self, ways: Frontier) -> Frontier:
        """Merge ways to the same node whose amounts fall into the same bins."""
        came = ways.edge >= 0
        self.edges += int(came.sum())
        # Merging is what takes long, and the most where there is no room.
        if self.edges > limit("budget_ways"):
            raise _TooManyError
        merged, place = self._merged(ways)
        self.taken.append((ways.way[came], self.total + place[came], ways.edge[came]))
        numbered = replace(merged, way=self.total + numpy.arange(len(merged)))
        self.total += len(merged)
        self.met.append(numbered)
        return numbered

    def _ends(self, ways: Frontier) -> tuple[list[Integers], list[Integers]]:
        several = range(len(self.amounts))
        low, high = ([ways.labels[f"{end} {i}"] for i in several] for end in ("low", "high"))
        return low, high

    def _may_go_on(self, node: Integers, low: list[Integers], high: list[Integers]) -> Booleans:
        least = [a.least(node, v) for a, v in zip(self.amounts, low, strict=True)]
        most = [a.most(node, v) for a, v in zip(self.amounts, high, strict=True)]
        kept = numpy.ones(len(node), dtype=numpy.bool_)
        for check in self.wanted.checks:
            kept &= check.may_hold(least, most)
        return kept

    def _merged(self, ways: Frontier) -> tuple[Frontier, Integers]:
        """Return merged ways, and which of them each way is in."""
        code = ways.node - ways.node.min(initial=0)
        low, _ = self._ends(ways)
        for index, (amount, values) in enumerate(zip(self.amounts, low, strict=True)):
            # Bins of what the whole network has at least: choices that cost nothing add no error.
            least = amount.least(ways.node, values) - self.base[index]
            place = least * self.bins // self.span[index]
            code = code * (int(place.max(initial=0)) + 1) + place
        _, firsts, place = numpy.unique(code, return_index=True, return_inverse=True)
        place = place.reshape(-1)
        order = numpy.argsort(place, kind="stable")
        starts = numpy.searchsorted(place[order], numpy.arange(len(firsts)))
        reduced = {
            name: (numpy.minimum if name.startswith("low") else numpy.maximum).reduceat(
                values[order], starts
            )
            for name, values in ways.labels.items()
        }
        return replace(ways.of(firsts), labels=reduced), place

    def _finished(self) -> Ways:
        graph = self.graph
        met = joined(self.met)
        node = met.node
        low, high = (
            [amount.ended(node, values) for amount, values in zip(self.amounts, end, strict=True)]
            for end in self._ends(met)
        )
        may = graph.ends[node]
        must = may & (not self.wanted.is_partial)
        for check in self.wanted.checks:
            may = may & check.may_hold(low, high)
            must = must & check.must_hold(low, high)
        empty = numpy.empty(0, dtype=numpy.int64)
        source, target, edge = (
            numpy.concatenate([empty, *(each[i] for each in self.taken)]) for i in range(3)
        )
        order = numpy.argsort(source, kind="stable")
        roots = numpy.arange(len(self.met[0]))
        ways = Ways(graph, node, may, must, source[order], target[order], edge[order], roots)
        # Only what leads to an end is a way.
        leads = ways.completions > 0
        used = leads[ways.target]
        return Ways(
            *(graph, node, may, must, ways.source[used], ways.target[used], ways.edge[used]),
            roots[leads[roots]],
            tuple(low),
            tuple(high),
        )
