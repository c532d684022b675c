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
from dse.dominance import non_dominated
from dse.space.costing import Part, costs_of, fields_for, nothings, then
from dse.space.graph.networks import NetworkGraph, runs_of
from dse.space.tables import Integers

MOST_LABELS = 4_000
"""Ways to one node that are followed; where there are more, the result is a bound found."""

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
    return search.found()


class _ExtremeSearch:
    def __init__(self, graph: NetworkGraph, cost: str, sign: int) -> None:
        self.graph, self.cost, self.sign = graph, cost, sign
        self.terms, self.names = terms_of(cost), fields_for([cost])
        self.parts = {name: graph.parts[name] for name in self.names}
        self.is_proven = True
        number = len(graph.roots)
        self.fields = [nothings(self.names, number)]
        self.root = [numpy.arange(number)]
        self.edge = [numpy.full(number, -1)]
        self.before = [numpy.full(number, -1)]
        self.first = numpy.zeros(graph.nodes, dtype=numpy.int64)
        self.number = numpy.zeros(graph.nodes, dtype=numpy.int64)
        self.first[graph.roots] = numpy.arange(number)
        self.number[graph.roots] = 1
        self.total = number

    def found(self) -> Extreme | None:
        for edges in self.graph.forwards():
            trained = self.graph.segment[edges] > 0
            self._advance(edges[trained] if needs_training(self.cost) else edges)
        fields = self._all(self.fields)
        root, edge, before = (
            numpy.concatenate(each) for each in (self.root, self.edge, self.before)
        )
        nodes = numpy.flatnonzero(self.graph.ends & (self.number > 0))
        if not len(nodes):
            return None
        labels = numpy.concatenate(
            [numpy.arange(self.first[n], self.first[n] + self.number[n]) for n in nodes.tolist()]
        )
        values = self._costs({name: v[labels] for name, v in fields.items()}, root[labels])
        best = int((self.sign * values).argmin())
        path = []
        label = int(labels[best])
        while edge[label] >= 0:
            path.append(int(edge[label]))
            label = int(before[label])
        return Extreme(
            int(values[best]), numpy.array(path[::-1], dtype=numpy.int64), self.is_proven
        )

    def _costs(self, fields: Part[Integers], root: Integers) -> Integers:
        plain, step = self.graph.inputs
        return costs_of(fields, [self.cost], plain[root], step[root])[self.cost]

    @staticmethod
    def _all(several: list[dict[str, Integers]]) -> dict[str, Integers]:
        return {name: numpy.concatenate([f[name] for f in several]) for name in several[0]}

    def _advance(self, edges: Integers) -> None:
        """Follow the edges into the nodes of one level, whose sources are all done."""
        self.fields = [self._all(self.fields)]
        self.root = [numpy.concatenate(self.root)]
        sources = self.graph.source[edges]
        numbers = self.number[sources]
        edge = numpy.repeat(edges, numbers)
        if not len(edge):
            return
        offsets = numpy.arange(len(edge)) - numpy.repeat(numpy.cumsum(numbers) - numbers, numbers)
        before = self.first[self.graph.source[edge]] + offsets
        held = {name: values[before] for name, values in self.fields[0].items()}
        fields = then(held, {name: values[edge] for name, values in self.parts.items()})
        root = self.root[0][before]
        starts, nodes = runs_of(self.graph.target[edge])
        kept = []
        for start, end, node in zip(
            starts.tolist(), [*starts[1:].tolist(), len(edge)], nodes.tolist(), strict=True
        ):
            piece = slice(start, end)
            some = start + self._kept({n: v[piece] for n, v in fields.items()}, root[piece])
            self.first[node], self.number[node] = self.total, len(some)
            self.total += len(some)
            kept.append(some)
        left = numpy.concatenate(kept)
        self.fields.append({name: values[left] for name, values in fields.items()})
        self.root.append(root[left])
        self.edge.append(edge[left])
        self.before.append(before[left])

    def _compared(self, fields: Part[Integers], root: Integers) -> list[Integers]:
        """Return columns that are all lower in a way than in another only where it is better."""
        sums = [times * fields[base] for base, times in self.terms.items() if base in fields]
        columns = [self.sign * sum(sums[1:], start=sums[0])] if sums else []
        for base, times in self.terms.items():
            if base in fields:
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
        if len(best) > MOST_LABELS:
            self.is_proven = False
            best = best[rows[best].astype(float).sum(axis=1).argsort(kind="stable")[:MOST_LABELS]]
        return numpy.sort(best)
