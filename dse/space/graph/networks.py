"""The distinct networks of a space as a graph: every path from a root to an end is one network.

Different choices may build the same network: a layer beyond a stage's depth makes no difference,
identities commute. The graph of choices is an automaton that reads blocks one by one; made
deterministic, each sequence of blocks has one path, so that paths can be counted and drawn where
networks are meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy
from numpy.typing import NDArray

from dse.costs import lack_of
from dse.space.costing import Part
from dse.space.graph.automaton import Automaton, determinized
from dse.space.graph.choices import ChoiceGraph, choice_graph
from dse.space.tables import Booleans, Compiled, Integers


@dataclass(frozen=True)
class NetworkGraph:
    """Nodes and edges as arrays; nodes stand in such an order that edges lead to later ones."""

    space: Compiled
    choices: ChoiceGraph
    automaton: Automaton
    roots: Integers
    """Nodes before the first block."""
    ends: Booleans
    """Whether a network may end at a node."""
    states: Integers
    """The state at each node."""
    source: Integers
    target: Integers
    letter: Integers
    """The edge of the automaton that each edge stands for."""
    transition: Integers
    segment: Integers
    """Of the edge's block in a training step; 0 where it cannot be trained."""
    level: Integers
    """Of each node: the most blocks that may be before it."""

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.states)

    @cached_property
    def parts(self) -> Part[Integers]:
        """The fields of each edge's block."""
        return self.space.part_arrays().at(self.transition, self.segment)

    @cached_property
    def can_train(self) -> bool:
        """Whether every network of the space can be trained."""
        return bool((self.segment > 0).all())

    @cached_property
    def inputs(self) -> tuple[Integers, Integers]:
        """The bytes of the network's input at each root, in inference and in a training step."""
        states = [self.space.table.states[state] for state in self.states[self.roots].tolist()]
        plain = [state.entering.network_input for state in states]
        steps = [0 if state.step is None else sum(state.step.entering.nbytes) for state in states]
        return numpy.array(plain, dtype=numpy.int64), numpy.array(steps, dtype=numpy.int64)

    @cached_property
    def by_source(self) -> Integers:
        """Edges ordered by their source."""
        return numpy.argsort(self.source, kind="stable")

    @cached_property
    def by_target(self) -> Integers:
        """Edges ordered by their target."""
        return numpy.argsort(self.target, kind="stable")

    @cached_property
    def _layers(self) -> tuple[list[slice], list[slice]]:
        last = int(self.level.max(initial=0))
        found = []
        for ordered in (self.source[self.by_source], self.target[self.by_target]):
            at = numpy.searchsorted(self.level[ordered], numpy.arange(last + 2))
            found.append([slice(at[i], at[i + 1]) for i in range(last + 1)])
        return found[0], found[1]

    def backwards(self) -> list[Integers]:
        """Return edges in groups: the last first, those of a source together and in order."""
        groups = [self.by_source[piece] for piece in reversed(self._layers[0])]
        return [group for group in groups if len(group)]

    def forwards(self) -> list[Integers]:
        """Return edges in groups: the first first, those of a target together and in order."""
        groups = [self.by_target[piece] for piece in self._layers[1]]
        return [group for group in groups if len(group)]

    def count(self) -> int:
        """Return the exact number of distinct networks."""
        return int(self.rests(object)[self.roots].sum())

    def rests(self, numbers: type = numpy.float64) -> NDArray[Any]:
        """Return how many rests of networks there are behind each node.

        Args:
            numbers: of NumPy's kind, or Python's own, which are exact however large.
        """
        rests: NDArray[Any] = self.ends.astype(numbers)
        for edges in self.backwards():
            starts, nodes = runs_of(self.source[edges])
            rests[nodes] += numpy.add.reduceat(rests[self.target[edges]], starts)
        return rests

    def choices_at(self, paths: Integers) -> Integers:
        """Return choices that build each network, of shape (networks, dimensions).

        Args:
            paths: edges of the graph, of shape (networks, most blocks); −1 behind the end.
        """
        letters = numpy.where(paths >= 0, self.letter[paths], -1)
        return self.automaton.choices_at(letters, len(self.space.sizes))


def bearing(graph: NetworkGraph, costs: Iterable[str]) -> NetworkGraph:
    """Return the networks of a graph that have some costs which blocks are given, as a graph.

    A network has one where none of its blocks lacks a number.
    """
    lacking = sum((graph.parts[lack_of(cost)] for cost in costs), start=0 * graph.source)
    return without_edges(graph, lacking > 0)


def without_edges(graph: NetworkGraph, dropped: Booleans) -> NetworkGraph:
    """Return the networks of a graph that go along none of some edges; nodes keep their numbers."""
    leads = graph.ends.copy()
    kept = ~dropped
    for edges in graph.backwards():
        kept[edges] &= leads[graph.target[edges]]
        leads[graph.source[edges[kept[edges]]]] = True
    columns = ("source", "target", "letter", "transition", "segment")
    edges_kept = {name: getattr(graph, name)[kept] for name in columns}
    return replace(graph, roots=graph.roots[leads[graph.roots]], **edges_kept)


def runs_of(values: Integers) -> tuple[Integers, Integers]:
    """Return where each run of equal values starts, and those values."""
    starts = numpy.flatnonzero(numpy.r_[True, values[1:] != values[:-1]])
    return starts, values[starts]


def edges_out(graph: NetworkGraph, node: Integers) -> tuple[Integers, Integers]:
    """Return the edges out of each of some nodes, and whose of the nodes each is."""
    ordered = graph.source[graph.by_source]
    first = numpy.searchsorted(ordered, node)
    number = numpy.searchsorted(ordered, node, side="right") - first
    at = numpy.repeat(numpy.arange(len(node)), number)
    offset = numpy.arange(len(at)) - numpy.repeat(numpy.cumsum(number) - number, number)
    return graph.by_source[first[at] + offset], at


def network_graph(space: Compiled) -> NetworkGraph:
    """Return the graph of the distinct networks of a space that can be built.

    Raises:
        EntangledError: where the graph is too large.
    """
    choices = choice_graph(space)
    automaton = determinized(space.table, choices)
    return _with_gradients(space, choices, automaton)


def _with_gradients(space: Compiled, choices: ChoiceGraph, automaton: Automaton) -> NetworkGraph:
    """Tell nodes apart by the layout of the gradient that arrives there from behind.

    It is contiguous at the end; a block may hand on another one.
    """
    table = space.table
    variants: list[list[int]] = [[] for _ in automaton.states]
    edges: list[tuple[tuple[int, int], tuple[int, int], int, int, int]] = []
    order = automaton.order()
    for node in reversed(order):
        found = variants[node]
        if automaton.ends[node]:
            found.append(0)
        for letter in automaton.edges_of(node):
            target, done = automaton.target[letter], automaton.transition[letter]
            for gradient in variants[target]:
                segment, back = table.segment(automaton.states[node], done, gradient)
                if back not in found:
                    found.append(back)
                edges.append(((node, back), (target, gradient), letter, done, segment))
    names = [(node, gradient) for node in order for gradient in variants[node]]
    number = {name: index for index, name in enumerate(names)}
    origin = numpy.array([node for node, _ in names], dtype=numpy.int64)
    roots = [number[node, g] for node in automaton.roots for g in variants[node]]
    levels: NDArray[numpy.int64] = numpy.array(automaton.levels(), dtype=numpy.int64)[origin]
    return NetworkGraph(
        space,
        choices,
        automaton,
        roots=numpy.array(roots, dtype=numpy.int64),
        # A network that ends at a node has the contiguous gradient of a loss there.
        ends=numpy.array([automaton.ends[node] and not g for node, g in names], dtype=numpy.bool_),
        states=numpy.array([automaton.states[node] for node, _ in names], dtype=numpy.int64),
        source=numpy.array([number[edge[0]] for edge in edges], dtype=numpy.int64),
        target=numpy.array([number[edge[1]] for edge in edges], dtype=numpy.int64),
        letter=numpy.array([edge[2] for edge in edges], dtype=numpy.int64),
        transition=numpy.array([edge[3] for edge in edges], dtype=numpy.int64),
        segment=numpy.array([edge[4] for edge in edges], dtype=numpy.int64),
        level=levels,
    )
