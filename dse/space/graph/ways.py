"""Ways through the graph of networks as a graph of their own: counted, listed and drawn from.

Its paths are the networks that may be within a budget, so that they are counted by dynamic
programming, and a draw that goes on in proportion to these counts is uniform.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy
from numpy.typing import NDArray

from dse.html_tables import FieldsShown
from dse.space.graph.networks import NetworkGraph, runs_of
from dse.space.tables import Booleans, Integers

Floats = NDArray[numpy.float64]

_ROUNDING = 1e-12
"""Relative error of sums of so many positive numbers in double precision, generously."""


@dataclass(frozen=True, slots=True)
class NetworkCount(FieldsShown):
    """How many networks are within a budget: bounds that hold for certain."""

    least: int
    most: int

    @property
    def is_exact(self) -> bool:
        """Whether the number is known."""
        return self.least == self.most

    def narrowed(self, other: NetworkCount) -> NetworkCount:
        """Return the bounds that hold where those of two counts of the same do."""
        return NetworkCount(max(self.least, other.least), min(self.most, other.most))

    def __str__(self) -> str:
        return f"{self.most:,}" if self.is_exact else f"between {self.least:,} and {self.most:,}"


@dataclass(frozen=True)
class Ways:
    """Ways through a graph: nodes with ranges of amounts, and the edges between them."""

    graph: NetworkGraph
    node: Integers
    may_end: Booleans
    """Whether a network that is within the budget may end here."""
    must_end: Booleans
    """Whether every network that ends here is within it."""
    source: Integers
    """Of each edge between ways, in order."""
    target: Integers
    edge: Integers
    """The edge of the graph."""
    roots: Integers
    low: tuple[Integers, ...] = ()
    """Of each amount of the budget: what networks that end at a way have at least."""
    high: tuple[Integers, ...] = ()
    """The same at most."""

    @cached_property
    def completions(self) -> Floats:
        """How many rests of networks each way has, that end where they may."""
        return self._counted(self.may_end)

    def number(self) -> NetworkCount:
        """Return bounds on how many networks are within the budget."""
        most = float(self.completions[self.roots].sum())
        least = float(self._counted(self.must_end)[self.roots].sum())
        if most < 2**53:
            return NetworkCount(round(least), round(most))
        return NetworkCount(math.floor(least * (1 - _ROUNDING)), math.ceil(most * (1 + _ROUNDING)))

    def _counted(self, ends: Booleans) -> Floats:
        ways = ends.astype(numpy.float64)
        starts, sources = runs_of(self.source) if len(self.source) else (self.source, self.source)
        # Ways are numbered from the roots on, level by level, and so are the sources of edges.
        levels = self.graph.level[self.node[sources]]
        bounds = numpy.r_[starts, len(self.source)]
        for level in reversed(numpy.unique(levels).tolist()):
            first, last = numpy.searchsorted(levels, [level, level + 1])
            piece = slice(bounds[first], bounds[last])
            sums = numpy.add.reduceat(ways[self.target[piece]], starts[first:last] - bounds[first])
            ways[sources[first:last]] += sums
        return ways

    @cached_property
    def beginnings(self) -> Floats:
        """How many beginnings of networks lead to each way."""
        ways = numpy.zeros(len(self.node))
        ways[self.roots] = 1
        order = numpy.argsort(self.target, kind="stable")
        target = self.target[order]
        levels = self.graph.level[self.node[target]]
        for level in numpy.unique(levels).tolist():
            first, last = numpy.searchsorted(levels, [level, level + 1])
            numpy.add.at(ways, target[first:last], ways[self.source[order[first:last]]])
        return ways

    def all(self) -> Integers:
        """Return every network that may be within the budget, as `draw` returns them."""
        at = numpy.searchsorted(self.source, numpy.arange(len(self.node)))
        number = numpy.searchsorted(self.source, numpy.arange(len(self.node)), side="right") - at
        way = self.roots
        paths = numpy.empty((len(way), 0), dtype=numpy.int64)
        found = []
        while len(way):
            found.append(paths[self.may_end[way]])
            rows = numpy.repeat(numpy.arange(len(way)), number[way])
            begun = numpy.cumsum(number[way]) - number[way]
            taken = at[way][rows] + numpy.arange(len(rows)) - begun[rows]
            paths = numpy.concatenate([paths[rows], self.edge[taken][:, None]], axis=1)
            way = self.target[taken]
        width = max(each.shape[1] for each in found)
        filled = [
            numpy.pad(each, ((0, 0), (0, width - each.shape[1])), constant_values=-1)
            for each in found
        ]
        return numpy.concatenate(filled)

    def draw(self, number: int, random: numpy.random.Generator) -> Integers:
        """Return networks drawn uniformly from those that may be within the budget, with repeats.

        Returns:
            Edges of the graph, of shape (networks, most blocks); −1 behind the end.
        """
        total = self.completions[self.roots]
        # Shares of each way's completions, laid end to end: one search finds the next edge.
        share = self.completions[self.target] / self.completions[self.source]
        reach = numpy.cumsum(share)
        first = numpy.searchsorted(self.source, numpy.arange(len(self.node)))
        begun = numpy.where(first > 0, reach[numpy.maximum(first, 1) - 1], 0.0)
        last = numpy.searchsorted(self.source, numpy.arange(len(self.node)), side="right")
        ending = self.may_end / numpy.maximum(self.completions, 1)
        way = self.roots[random.choice(len(total), number, p=total / total.sum())]
        steps: list[Integers] = []
        on = numpy.arange(number)
        while len(on):
            chance = random.random(len(on))
            goes_on = chance >= ending[way[on]]
            on, chance = on[goes_on], chance[goes_on]
            if not len(on):
                break
            at = way[on]
            wanted = begun[at] + (chance - ending[at])
            taken = numpy.searchsorted(reach, wanted, side="right")
            taken = numpy.clip(taken, first[at], last[at] - 1)
            step = numpy.full(number, -1, dtype=numpy.int64)
            step[on] = self.edge[taken]
            way[on] = self.target[taken]
            steps.append(step)
        return numpy.stack(steps, axis=1)
