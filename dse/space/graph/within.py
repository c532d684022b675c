"""The networks of a space that are within a budget: how many there are, and uniform draws of them.

Ways from a root are followed through the graph with the amounts that the budget bounds, rounded to
bins, so that ways of nearly the same amounts run together; each holds the exact range of what ran
together in it. Ways that no rest of a network brings within the bounds are dropped. What is left is
a graph whose paths are the networks that may be within the budget (see `ways`). Where bins were
coarse, a draw is checked exactly afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy

from dse.space.budget import Budget
from dse.space.graph.amounts import Amounts, amounts_of
from dse.space.graph.networks import NetworkGraph, edges_out
from dse.space.graph.ways import Ways
from dse.space.tables import Booleans, Integers

MOST_WAYS = 4_000_000
"""Edges between ways, at about 40 bytes each."""

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


@dataclass(frozen=True)
class _Piece:
    """Edges that ways take, with the amounts behind them."""

    source: Integers
    edge: Integers
    low: list[Integers]
    high: list[Integers]

    def of(self, which: Booleans) -> _Piece:
        """Return some of them."""
        low, high = [v[which] for v in self.low], [v[which] for v in self.high]
        return _Piece(self.source[which], self.edge[which], low, high)


def _joined(pieces: list[_Piece]) -> _Piece:
    several = range(len(pieces[0].low))
    return _Piece(
        numpy.concatenate([piece.source for piece in pieces]),
        numpy.concatenate([piece.edge for piece in pieces]),
        [numpy.concatenate([piece.low[i] for piece in pieces]) for i in several],
        [numpy.concatenate([piece.high[i] for piece in pieces]) for i in several],
    )


class _WaysBuilder:
    """Follows ways level by level."""

    def __init__(self, graph: NetworkGraph, wanted: Amounts, bins: int) -> None:
        self.graph, self.wanted, self.amounts, self.bins = graph, wanted, wanted.amounts, bins
        self.waiting: dict[int, list[_Piece]] = {}
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
        graph, amounts = self.graph, self.amounts
        low = [amount.start for amount in amounts]
        kept = self._may_go_on(graph.roots, low, low)
        node, low = graph.roots[kept], [values[kept] for values in low]
        high, total, edges = low, len(node), 0
        nodes, lows, highs = [node], [low], [high]
        taken: list[tuple[Integers, Integers, Integers]] = []
        roots = numpy.arange(total)
        self._pass_on(node, roots, low, high)
        for level in range(1, int(graph.level.max(initial=0)) + 1):
            if level not in self.waiting:
                continue
            piece = _joined(self.waiting.pop(level))
            node, low, high, place = self._merged(piece)
            taken.append((piece.source, total + place, piece.edge))
            edges += len(piece.edge)
            if edges > MOST_WAYS:
                return None
            numbers = total + numpy.arange(len(node))
            total += len(node)
            nodes.append(node)
            lows.append(low)
            highs.append(high)
            self._pass_on(node, numbers, low, high)
        ends = [numpy.concatenate(nodes)]
        for several in (lows, highs):
            ends += [numpy.concatenate([v[i] for v in several]) for i in range(len(amounts))]
        return self._finished(ends, taken, roots)

    def _pass_on(
        self, node: Integers, numbers: Integers, low: list[Integers], high: list[Integers]
    ) -> None:
        """Follow all edges out of ways, as far as they may still come within the budget."""
        graph = self.graph
        edge, at = edges_out(graph, node)
        piece = _Piece(
            numbers[at],
            edge,
            [a.after(v[at], edge) for a, v in zip(self.amounts, low, strict=True)],
            [a.after(v[at], edge) for a, v in zip(self.amounts, high, strict=True)],
        )
        piece = piece.of(self._may_go_on(graph.target[edge], piece.low, piece.high))
        levels = graph.level[graph.target[piece.edge]]
        for level in numpy.unique(levels).tolist():
            self.waiting.setdefault(level, []).append(piece.of(levels == level))

    def _may_go_on(self, node: Integers, low: list[Integers], high: list[Integers]) -> Booleans:
        least = [a.least(node, v) for a, v in zip(self.amounts, low, strict=True)]
        most = [a.most(node, v) for a, v in zip(self.amounts, high, strict=True)]
        kept = numpy.ones(len(node), dtype=numpy.bool_)
        for check in self.wanted.checks:
            kept &= check.may_hold(least, most)
        return kept

    def _merged(self, piece: _Piece) -> tuple[Integers, list[Integers], list[Integers], Integers]:
        """Merge ways to the same node whose amounts fall into the same bins."""
        node = self.graph.target[piece.edge]
        code = node - node.min()
        for index, (amount, values) in enumerate(zip(self.amounts, piece.low, strict=True)):
            # Bins of what the whole network has at least: choices that cost nothing add no error.
            least = amount.least(node, values) - self.base[index]
            place = least * self.bins // self.span[index]
            code = code * (int(place.max(initial=0)) + 1) + place
        _, firsts, place = numpy.unique(code, return_index=True, return_inverse=True)
        place = place.reshape(-1)
        order = numpy.argsort(place, kind="stable")
        starts = numpy.searchsorted(place[order], numpy.arange(len(firsts)))
        low = [numpy.minimum.reduceat(values[order], starts) for values in piece.low]
        high = [numpy.maximum.reduceat(values[order], starts) for values in piece.high]
        return node[firsts], low, high, place

    def _finished(
        self,
        ends: list[Integers],
        taken: list[tuple[Integers, Integers, Integers]],
        roots: Integers,
    ) -> Ways:
        graph = self.graph
        node, *values = ends
        ended = [
            a.ended(node, v) for a, v in zip((*self.amounts, *self.amounts), values, strict=True)
        ]
        low, high = ended[: len(self.amounts)], ended[len(self.amounts) :]
        may = graph.ends[node]
        must = may & (not self.wanted.is_partial)
        for check in self.wanted.checks:
            may = may & check.may_hold(low, high)
            must = must & check.must_hold(low, high)
        empty = numpy.empty(0, dtype=numpy.int64)
        source, target, edge = (
            numpy.concatenate([empty, *(each[i] for each in taken)]) for i in range(3)
        )
        order = numpy.argsort(source, kind="stable")
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
