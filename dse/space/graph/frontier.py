"""Ways through the graph of networks, followed level by level: dynamic programming in one place.

A way is a beginning of networks that ends at a node, with labels: what is followed along it. All
ways to a node have arrived when its level is reached, so that there ways can be compared, merged or
dropped before they go on. What the labels are and which ways are kept is told by a `Follower`: for
the extremes of a cost, for the networks within a budget, or for the best of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Protocol

import numpy
from numpy.typing import NDArray

from dse.space.costing import Integers
from dse.space.graph.networks import NetworkGraph, edges_out, runs_of
from dse.space.tables import Booleans

Labels = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Frontier:
    """Ways side by side."""

    node: Integers
    """Where each has come to."""
    edge: Integers
    """By which it came there; −1 at a root."""
    way: Integers
    """The number of the way that it goes on from, or its own once it has got one."""
    labels: Labels

    def __len__(self) -> int:
        return len(self.node)

    def of(self, which: Booleans | Integers) -> Frontier:
        """Return some of the ways."""
        labels = {name: values[which] for name, values in self.labels.items()}
        return Frontier(self.node[which], self.edge[which], self.way[which], labels)

    def by_node(self) -> tuple[Frontier, list[slice]]:
        """Return the ways in the order of their nodes, and where the ways to each node are."""
        if not len(self):
            return self, []
        ways = self.of(numpy.argsort(self.node, kind="stable"))
        starts = runs_of(ways.node)[0].tolist()
        return ways, [slice(*ends) for ends in pairwise([*starts, len(ways)])]


class Follower(Protocol):
    """What is followed along ways, and which of them are kept."""

    def extended(self, labels: Labels, edge: Integers) -> Labels:
        """Return the labels of ways that go on along edges."""

    def goes_on(self, ways: Frontier) -> Booleans:
        """Return which ways are worth following, as they are about to arrive."""

    def arrived(self, ways: Frontier) -> Frontier:
        """Return the ways to the nodes of a level that are kept, with numbers of their own."""


def follow(graph: NetworkGraph, labels: Labels, follower: Follower) -> None:
    """Follow all ways through a graph from its roots, whose labels are given."""
    number = len(graph.roots)
    nowhere = numpy.full(number, -1, dtype=numpy.int64)
    ways = Frontier(graph.roots, nowhere, nowhere, labels)
    waiting: dict[int, list[Frontier]] = {0: [ways.of(follower.goes_on(ways))]}
    for level in range(int(graph.level.max(initial=0)) + 1):
        if level not in waiting:
            continue
        ways = follower.arrived(joined(waiting.pop(level)))
        edge, at = edges_out(graph, ways.node)
        here = ways.of(at)
        more = Frontier(graph.target[edge], edge, here.way, follower.extended(here.labels, edge))
        more = more.of(follower.goes_on(more))
        levels = graph.level[more.node]
        for behind in numpy.unique(levels).tolist():
            waiting.setdefault(behind, []).append(more.of(levels == behind))


def joined(several: Sequence[Frontier]) -> Frontier:
    """Return all of several ways."""
    return Frontier(
        numpy.concatenate([ways.node for ways in several]),
        numpy.concatenate([ways.edge for ways in several]),
        numpy.concatenate([ways.way for ways in several]),
        {
            name: numpy.concatenate([ways.labels[name] for ways in several])
            for name in several[0].labels
        },
    )


@dataclass
class Trail:
    """How ways came about: by which edge, and from which way before."""

    edges: list[Integers] = field(default_factory=list)
    before: list[Integers] = field(default_factory=list)
    total: int = 0

    def numbered(self, ways: Frontier) -> Frontier:
        """Return ways with numbers of their own."""
        self.edges.append(ways.edge)
        self.before.append(ways.way)
        self.total += len(ways)
        return replace(ways, way=numpy.arange(self.total - len(ways), self.total))

    def paths(self, ways: Integers) -> Integers:
        """Return the edges of each way from the root on, of shape (ways, most); −1 behind the end.

        Args:
            ways: their numbers.
        """
        self.edges = [numpy.concatenate(self.edges)]
        self.before = [numpy.concatenate(self.before)]
        edges, before = self.edges[0], self.before[0]
        steps: list[Integers] = []
        while len(ways) and (taken := edges[ways]).max() >= 0:
            steps.append(taken)
            ways = numpy.where(taken >= 0, before[ways], ways)
        backwards = numpy.stack(steps, axis=1) if steps else numpy.empty((len(ways), 0), int)
        # The first step is at the end of each row, whatever is behind it.
        lengths = (backwards >= 0).sum(axis=1, keepdims=True)
        place = lengths - 1 - numpy.arange(backwards.shape[1])
        taken = numpy.take_along_axis(backwards, numpy.maximum(place, 0), axis=1)
        paths: Integers = numpy.where(place >= 0, taken, -1)
        return paths

    def path(self, way: int) -> Integers:
        """Return the edges of a way, from the root on."""
        path: Integers = self.paths(numpy.array([way]))[0]
        return path
