"""The least and the greatest that a cost can be in a space, with a network that attains it.

Costs are followed from the first block to the last as the fields that they are made of. A field of
a whole network never falls where one of its parts rises (see `part_algebra`), so of two ways to the
same node one can be dropped where it is nowhere lower; what is left at the ends holds the least.
The greatest is found in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

import numpy

from dse.cost_formulas import needs_training, terms_of
from dse.costs import COSTS
from dse.dominance import non_dominated
from dse.limits import limit
from dse.space.costing import Part, costs_of, fields_for, nothings, then
from dse.space.graph.frontier import Frontier, Labels, Trail, follow
from dse.space.graph.networks import NetworkGraph
from dse.space.tables import Booleans, Integers

_FLAGS = ("is_view", "replaces_left")


@dataclass(frozen=True)
class Extreme:
    """The least or the greatest value of a cost."""

    value: int
    path: Integers
    """Edges of a network that has it."""
    is_proven: bool
    """False where a further network might be beyond it, as too many ways had to be dropped."""


def extreme(graph: NetworkGraph, cost: str, direction: Literal["min", "max"]) -> Extreme | None:
    """Return the least or the greatest value of a cost over all networks of a graph.

    Args:
        graph: of a space.
        cost: of `COST_NAMES`.
        direction: which.

    Returns:
        None where no network has the cost: there is none, or none that can be trained.
    """
    search = _ExtremeSearch(graph, cost, 1 if direction == "min" else -1)
    number = len(graph.roots)
    follow(graph, {**nothings(search.names, number), "root": numpy.arange(number)}, search)
    return search.found()


class _ExtremeSearch:
    def __init__(self, graph: NetworkGraph, cost: str, sign: int) -> None:
        self.graph, self.cost, self.sign = graph, cost, sign
        self.terms, self.names = terms_of(cost), fields_for([cost])
        self.parts = {name: graph.parts[name] for name in self.names}
        self.is_proven = True
        self.trail = Trail()
        self.best: tuple[int, int] | None = None
        """The best value of a whole network, and the way that has it."""

    def found(self) -> Extreme | None:
        if self.best is None:
            return None
        value, way = self.best
        return Extreme(value, self.trail.path(way), self.is_proven)

    def extended(self, labels: Labels, edge: Integers) -> Labels:
        more = {name: values[edge] for name, values in self.parts.items()}
        so_far = {name: labels[name] for name in self.names}
        return {**then(so_far, more), "root": labels["root"]}

    def goes_on(self, ways: Frontier) -> Booleans:
        """Only what can be trained has what a training step costs."""
        if not needs_training(self.cost):
            return numpy.ones(len(ways), dtype=numpy.bool_)
        return (ways.edge < 0) | (self.graph.segment[ways.edge] > 0)

    def arrived(self, ways: Frontier) -> Frontier:
        ways, pieces = ways.by_node()
        starts = [piece.start for piece in pieces]
        if not pieces:
            kept = numpy.empty(0, dtype=numpy.int64)
        elif self._is_sum:
            (total,) = self._sums(ways.labels)
            kept = first_lowest(total, starts)
        else:
            kept = numpy.concatenate([piece.start + self._kept_of(ways, piece) for piece in pieces])
        ways = self.trail.numbered(ways.of(kept))
        self._note_ends(ways.of(self.graph.ends[ways.node]))
        return ways

    def _kept_of(self, ways: Frontier, piece: slice) -> Integers:
        if piece.stop - piece.start == 1:
            return numpy.zeros(1, dtype=numpy.int64)
        labels = {name: values[piece] for name, values in ways.labels.items()}
        return self._kept(labels, labels["root"])

    @cached_property
    def _summed(self) -> list[str]:
        return [base for base in self.terms if COSTS[base].composes == "sum"]

    @property
    def _is_sum(self) -> bool:
        """Whether ways differ in one number alone."""
        return len(self._summed) == len(self.terms) > 0

    def _sums(self, fields: Labels) -> list[Integers]:
        sums = [self.terms[base] * fields[base] for base in self._summed]
        return [self.sign * sum(sums[1:], start=sums[0])] if sums else []

    def _note_ends(self, ways: Frontier) -> None:
        if not len(ways):
            return
        plain, step = self.graph.inputs
        root = ways.labels["root"]
        values = costs_of(ways.labels, [self.cost], plain[root], step[root])[self.cost]
        place = int((self.sign * values).argmin())
        value = int(values[place])
        if self.best is None or self.sign * value < self.sign * self.best[0]:
            self.best = value, int(ways.way[place])

    def _compared(self, fields: Part[Integers], root: Integers) -> list[Integers]:
        """Return columns that are all lower in a way than in another only where it is better."""
        columns = self._sums(fields)
        for base, times in self.terms.items():
            if base in self._summed:
                continue
            sign = self.sign if times > 0 else -self.sign
            for name in fields_for([base]):
                columns.append(sign * fields[name])
                if name in _FLAGS:
                    # Only ways with equal flags can be compared.
                    columns.append(-sign * fields[name])
            columns += [sign * each[root] for each in self.graph.inputs]
        return [column for column in columns if (column != column[0]).any()]

    def _kept(self, fields: Part[Integers], root: Integers) -> Integers:
        """Return the ways to one node that no other one beats."""
        columns = self._compared(fields, root)
        if not columns:
            return numpy.zeros(1, dtype=numpy.int64)
        if len(columns) == 1:
            return numpy.array([columns[0].argmin()])
        rows = numpy.stack(columns, axis=1)
        best = unbeaten(rows)
        if len(best) > limit("extreme_ways"):
            self.is_proven = False
            order = rows[best].astype(float).sum(axis=1).argsort(kind="stable")
            best = best[order[: limit("extreme_ways")]]
        return numpy.sort(best)


def first_lowest(values: Integers, starts: Sequence[int]) -> Integers:
    """Return where the first of the lowest values is in each of the pieces that begin at starts."""
    lengths = numpy.diff([*starts, len(values)])
    lowest = numpy.repeat(numpy.minimum.reduceat(values, starts), lengths)
    places = numpy.flatnonzero(values == lowest)
    found: Integers = places[numpy.searchsorted(places, starts)]
    return found


def unbeaten(rows: Integers) -> Integers:
    """Return the first of each of the rows that no other one is nowhere above, in any order."""
    if len(rows) > _FEW:
        firsts = numpy.unique(rows, axis=0, return_index=True)[1]
        few: Integers = firsts[non_dominated([rows[firsts, i] for i in range(rows.shape[1])])]
        return few
    is_no_higher = (rows[:, None] <= rows[None]).all(axis=2)
    # Of equal ones the first beats the others.
    beats = is_no_higher & (~is_no_higher.T | _earlier(len(rows)))
    found: Integers = numpy.flatnonzero(~beats.any(axis=0))
    return found


@cache
def _earlier(number: int) -> Booleans:
    return numpy.triu(numpy.ones((number, number), dtype=numpy.bool_), 1)


_FEW = 64
"""Rows that are compared each with each other."""
