"""The least and the greatest that a cost can be in a space, with a network that attains it.

Costs are followed from the first block to the last as the fields that they are made of. A field of
a whole network never falls where one of its parts rises (see `part_algebra`), so of two ways to the
same node one can be dropped where it is nowhere lower; what is left at the ends holds the least.
The greatest is found in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
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
        kept = [numpy.empty(0, dtype=numpy.int64)]
        ways, pieces = ways.by_node()
        for piece in pieces:
            labels = {name: values[piece] for name, values in ways.labels.items()}
            kept.append(piece.start + self._kept(labels, labels["root"]))
        ways = self.trail.numbered(ways.of(numpy.concatenate(kept)))
        self._note_ends(ways.of(self.graph.ends[ways.node]))
        return ways

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
        summed = [base for base in self.terms if COSTS[base].composes == "sum"]
        sums = [self.terms[base] * fields[base] for base in summed]
        columns = [self.sign * sum(sums[1:], start=sums[0])] if sums else []
        for base, times in self.terms.items():
            if base in summed:
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
        firsts = numpy.unique(rows, axis=0, return_index=True)[1]
        best = firsts[non_dominated([rows[firsts, i] for i in range(rows.shape[1])])]
        if len(best) > limit("extreme_ways"):
            self.is_proven = False
            order = rows[best].astype(float).sum(axis=1).argsort(kind="stable")
            best = best[order[: limit("extreme_ways")]]
        return numpy.sort(best)
