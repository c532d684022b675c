"""The choices of a grid as a layered graph: a node for what enters a slot, an edge for its blocks.

A node is the state between two slots (the layout of the tensor there) with the choices made so far
that later slots depend on as well. So the graph stays small where the grid has any number of
points: it grows with what slots share, not with the product of everything.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy

from dse.limits import limit, shown_limit
from dse.space.tables import (
    Compiled,
    EntangledError,
    Factor,
    Failed,
    Integers,
    Run,
    Tabulated,
    projection,
    strides,
)


class ChoiceNode(NamedTuple):
    """What a slot and all behind it depend on."""

    cut: int
    """The number of slots before it."""
    state: int
    """Of the tensor that enters, in the numbering of `Transitions`."""
    live: tuple[int, ...]
    """The choices of `ChoiceGraph.live[cut]`."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Choices at a slot: all that lead to the same blocks and the same node are one edge."""

    target: int
    run: Run
    """Its blocks, in order; those that do nothing are left out."""
    choices: tuple[tuple[int, int], ...]
    """Dimensions that are chosen here, each with its first choice."""
    times: int
    """How many combinations of choices the edge stands for."""


@dataclass(frozen=True)
class ChoiceGraph:
    """Nodes in the order of their cuts, and the edges out of each."""

    nodes: list[ChoiceNode]
    edges: list[list[Edge]]
    roots: list[tuple[int, Edge]]
    """Nodes before the first slot, each with the choices that lead there."""
    slots: int
    free: int
    """Combinations of the dimensions that no slot and no exclusion depends on."""

    def count(self) -> int:
        """Return the number of points of the grid that can be built."""
        ways = [0] * len(self.nodes)
        for number in reversed(range(len(self.nodes))):
            is_end = self.nodes[number].cut == self.slots
            ways[number] = int(is_end) + sum(e.times * ways[e.target] for e in self.edges[number])
        return self.free * sum(edge.times * ways[root] for root, edge in self.roots)


@dataclass(frozen=True)
class _Slot:
    """A slot with the exclusions that can be decided there."""

    runs: Tabulated[Run]
    rules: tuple[Factor, ...]

    @property
    def dimensions(self) -> set[int]:
        """All that it depends on."""
        return {*self.runs.dimensions, *(d for rule in self.rules for d in rule.dimensions)}


def choice_graph(space: Compiled) -> ChoiceGraph:
    """Return the graph of a compiled space.

    Raises:
        EntangledError: where slots share so many dimensions that the graph is too large.
    """
    return _ChoiceBuilder(space).built()


class _ChoiceBuilder:
    def __init__(self, space: Compiled) -> None:
        self.space, self.sizes = space, space.sizes
        self.slots = self._slots()
        self.nodes: list[ChoiceNode] = []
        self.edges: list[list[Edge]] = []
        self._numbers: dict[ChoiceNode, int] = {}
        # Dimensions that were chosen before a cut and are asked for behind it.
        self.live: list[tuple[int, ...]] = []
        seen = {*space.page.shapes.dimensions}
        for cut in range(len(self.slots) + 1):
            later = {d for slot in self.slots[cut:] for d in slot.dimensions}
            self.live.append(tuple(sorted(seen & later)))
            if cut < len(self.slots):
                seen |= self.slots[cut].dimensions
        self.seen = seen

    def _slots(self) -> list[_Slot]:
        """Put each exclusion to the first slot where its dimensions have been asked for."""
        first: dict[int, int] = dict.fromkeys(self.space.page.shapes.dimensions, 0)
        for position, runs in enumerate(self.space.page.runs):
            for dimension in runs.dimensions:
                first.setdefault(dimension, position)
        rules: list[list[Factor]] = [[] for _ in self.space.page.runs]
        for rule in self.space.excluded:
            rules[max((first.get(d, 0) for d in rule.dimensions), default=0)].append(rule)
        return [
            _Slot(runs, tuple(some)) for runs, some in zip(self.space.page.runs, rules, strict=True)
        ]

    def built(self) -> ChoiceGraph:
        roots = self._roots()
        number = 0
        while number < len(self.nodes):
            node = self.nodes[number]
            at_end = node.cut == len(self.slots)
            self.edges.append([] if at_end else self._edges(node))
            number += 1
            if number > limit("graph_nodes"):
                raise EntangledError(
                    "slots share so many dimensions that the graph has over "
                    f"{shown_limit('graph_nodes')} nodes"
                )
        unseen = (size for d, size in enumerate(self.sizes) if d not in self.seen)
        return ChoiceGraph(self.nodes, self.edges, roots, len(self.slots), math.prod(unseen))

    def _number(self, node: ChoiceNode) -> int:
        number = self._numbers.setdefault(node, len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(node)
        return number

    def _roots(self) -> list[tuple[int, Edge]]:
        shapes, dtype = self.space.page.shapes, self.space.grid.family.input_dtype
        found: dict[int, Edge] = {}
        for row, chosen in enumerate(_combinations(shapes.dimensions, self.sizes)):
            shape = shapes.at(row)
            if isinstance(shape, Failed):
                continue
            choices = dict(zip(shapes.dimensions, chosen, strict=True))
            live = tuple(choices[d] for d in self.live[0])
            number = self._number(ChoiceNode(0, self.space.table.initial(shape, dtype), live))
            times = found[number].times + 1 if number in found else 1
            first = found[number].choices if number in found else tuple(choices.items())
            found[number] = Edge(number, (), first, times)
        return list(found.items())

    def _edges(self, node: ChoiceNode) -> list[Edge]:
        slot, live, behind = self.slots[node.cut], self.live[node.cut], self.live[node.cut + 1]
        new = tuple(sorted(slot.dimensions - {*live}))
        held = dict(zip(live, node.live, strict=True))
        rows = self._rows(slot.runs.dimensions, held, new)
        kept = numpy.ones(len(rows), dtype=numpy.bool_)
        for rule in slot.rules:
            kept &= ~rule.values[self._rows(rule.dimensions, held, new)].astype(numpy.bool_)
        codes = self._rows(behind, held, new)
        found: dict[tuple[int, Run], Edge] = {}
        combinations = list(_combinations(new, self.sizes))
        # Rows of the slot repeat over dimensions that only an exclusion or a later slot looks at.
        pairs = numpy.stack([rows, codes], axis=1)[kept]
        places = numpy.flatnonzero(kept)
        distinct, firsts, counts = _distinct(pairs)
        for (row, _), first, times in zip(
            distinct.tolist(), firsts.tolist(), counts.tolist(), strict=True
        ):
            run = slot.runs.at(row)
            if isinstance(run, Failed):
                continue
            done = self.space.table.transitions[self.space.table.transition(node.state, run)]
            is_no_end = self.space.table.states[done.leaving].is_no_end
            if done.problem is not None or (is_no_end and node.cut + 1 == len(self.slots)):
                continue
            choices = dict(zip(new, combinations[places[first]], strict=True))
            carried = tuple((held | choices)[d] for d in behind)
            target = self._number(ChoiceNode(node.cut + 1, done.leaving, carried))
            key = (target, done.run)
            before = found.get(key)
            if before is not None:
                found[key] = Edge(target, done.run, before.choices, before.times + times)
            else:
                found[key] = Edge(target, done.run, tuple(choices.items()), times)
        return list(found.values())

    def _rows(
        self, dimensions: Sequence[int], held: dict[int, int], new: Sequence[int]
    ) -> Integers:
        """Return the row of a table over dimensions at each combination of the new ones."""
        steps = strides(dimensions, self.sizes)
        first = sum(held[d] * step for d, step in steps.items() if d in held)
        return first + projection(new, dimensions, self.sizes)


def _distinct(pairs: Integers) -> tuple[Integers, Integers, Integers]:
    """Return distinct rows, where each is first, and how often it is there."""
    if len(pairs) <= 1:
        # Behind the slot that chooses all, which most nodes are, and numpy takes long for one row.
        return pairs, numpy.zeros(len(pairs), numpy.int64), numpy.ones(len(pairs), numpy.int64)
    return numpy.unique(pairs, axis=0, return_index=True, return_counts=True)


def _combinations(
    dimensions: Sequence[int], sizes: Sequence[int]
) -> itertools.product[tuple[int, ...]]:
    return itertools.product(*(range(sizes[d]) for d in dimensions))
