"""From choices to networks: the subset construction over a graph of choices.

A position is a place in the graph of choices: at a node, or within an edge with some of its blocks
still to come. What a sequence of blocks may have led to is a set of positions; each such set is one
node here, so that different choices for the same blocks run together.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy

from dse.limits import limit, shown_limit
from dse.space.candidate import ResolvedBlock
from dse.space.graph.choices import ChoiceGraph
from dse.space.tables import EntangledError, Integers, Run, SlotBlock, Transitions


class Position(NamedTuple):
    """A place in the graph of choices."""

    left: Run
    """Blocks of an edge that are still to come."""
    node: int
    """Where that edge leads to."""


Choices = tuple[tuple[int, int], ...]
"""Dimensions with a choice each."""

Steps = dict[int, dict[int, Choices]]
"""By the number of the next block: the positions that it leads to, each with the choices that are
made for it."""

Made = list[tuple[int, int]]
"""For each position of a node: a position of the one before, and the number of an assignment."""


@dataclass
class Automaton:
    """Nodes and edges in the order in which they were found; a root for each shape of the input."""

    states: list[int] = field(default_factory=list)
    positions: list[list[int]] = field(default_factory=list)
    """Of each node, by their numbers."""
    ends: list[bool] = field(default_factory=list)
    last: list[tuple[int, int]] = field(default_factory=list)
    """Of each node at which a network may end: a position there, and the number of the assignment
    made from there to the end."""
    roots: list[int] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    """The first edge out of each node; they are numbered in a row."""
    source: list[int] = field(default_factory=list)
    target: list[int] = field(default_factory=list)
    transition: list[int] = field(default_factory=list)
    back: list[Made] = field(default_factory=list)
    """Of each edge, for each position of its target: a position of its source that leads there,
    and the number of the assignment made on the way."""
    assignments: list[Choices] = field(default_factory=list)
    root_assignments: dict[tuple[int, int], int] = field(default_factory=dict)
    """By root and position."""

    def edges_of(self, node: int) -> range:
        """Return the edges out of a node."""
        return range(self.first[node], self.first[node + 1])

    def order(self) -> list[int]:
        """Return all nodes so that every edge leads to a later one."""
        levels = self.levels()
        return sorted(range(len(self.states)), key=levels.__getitem__)

    def levels(self) -> list[int]:
        """Return the most blocks that may be before each node."""
        incoming = [0] * len(self.states)
        for target in self.target:
            incoming[target] += 1
        levels = [0] * len(self.states)
        waiting = deque(node for node, number in enumerate(incoming) if not number)
        while waiting:
            node = waiting.popleft()
            for edge in self.edges_of(node):
                target = self.target[edge]
                levels[target] = max(levels[target], levels[node] + 1)
                incoming[target] -= 1
                if not incoming[target]:
                    waiting.append(target)
        return levels

    def assigned(self, dimensions: int) -> Integers:
        """Return the choice that each assignment makes of each dimension; −1 for none."""
        table = numpy.full((len(self.assignments), dimensions), -1, dtype=numpy.int64)
        for number, assignment in enumerate(self.assignments):
            for dimension, choice in assignment:
                table[number, dimension] = choice
        return table

    @cached_property
    def _arrays(self) -> tuple[Integers, Integers, Integers, Integers, Integers]:
        """Where the ways back of each edge begin, all of these, and the ends, targets and sources.

        It is asked for when the automaton is whole.
        """
        offsets = numpy.cumsum([0, *map(len, self.back)])
        pairs = chain.from_iterable(chain.from_iterable(self.back))
        back = numpy.fromiter(pairs, dtype=numpy.int64).reshape(-1, 2)
        ends = numpy.array(self.last, dtype=numpy.int64)
        return offsets, back, ends, _numbers(self.target), _numbers(self.source)

    def choices_at(self, paths: Integers, dimensions: int) -> Integers:
        """Return choices that build each network; what makes no difference has its first choice.

        Args:
            paths: edges, of shape (networks, most blocks); −1 behind the end.
            dimensions: of the grid.
        """
        offsets, back, ends, targets, sources = self._arrays
        found: Integers = numpy.full((len(paths), dimensions), -1, dtype=numpy.int64)
        lengths = (paths >= 0).sum(axis=1)
        place, made = ends[targets[paths[numpy.arange(len(paths)), lengths - 1]]].T
        self._assign(found, numpy.arange(len(paths)), made)
        for step in reversed(range(paths.shape[1])):
            on = numpy.flatnonzero(paths[:, step] >= 0)
            before, made = back[offsets[paths[on, step]] + place[on]].T
            self._assign(found, on, made)
            place[on] = before
        begun = zip(sources[paths[:, 0]].tolist(), place.tolist(), strict=True)
        roots = numpy.array([self.root_assignments[each] for each in begun], dtype=numpy.int64)
        self._assign(found, numpy.arange(len(paths)), roots)
        return numpy.maximum(found, 0, out=found)

    def _assign(self, found: Integers, rows: Integers, made: Integers) -> None:
        """Make assignments in rows of choices, by their numbers; most are of few dimensions."""
        first, dimension, choice = self._pairs
        number = first[made + 1] - first[made]
        row = numpy.repeat(rows, number)
        within = numpy.arange(len(row)) - numpy.repeat(numpy.cumsum(number) - number, number)
        at = numpy.repeat(first[made], number) + within
        place = (row, dimension[at])
        found[place] = numpy.maximum(found[place], choice[at])

    @cached_property
    def _pairs(self) -> tuple[Integers, Integers, Integers]:
        """Where the choices of each assignment begin, and the dimension and choice of all."""
        first = numpy.cumsum([0, *map(len, self.assignments)])
        pairs = chain.from_iterable(chain.from_iterable(self.assignments))
        dimension, choice = numpy.fromiter(pairs, dtype=numpy.int64).reshape(-1, 2).T
        return first, dimension, choice


def _numbers(values: list[int]) -> Integers:
    return numpy.array(values, dtype=numpy.int64)


def determinized(table: Transitions, graph: ChoiceGraph) -> Automaton:
    """Return the automaton of the distinct networks of a graph of choices.

    Raises:
        EntangledError: where it has too many edges.
    """
    return _Construction(table, graph).built()


class _Construction:
    """Positions and blocks go by numbers here: each is long, and is met by millions of edges."""

    def __init__(self, table: Transitions, graph: ChoiceGraph) -> None:
        self.table, self.graph = table, graph
        self.found = Automaton()
        self._numbers: dict[tuple[int, frozenset[int]], int] = {}
        self._assignments: dict[Choices, int] = {}
        self._steps: dict[int, Steps] = {}
        self._positions: dict[Position, int] = {}
        self._position: list[Position] = []
        self._letters: dict[ResolvedBlock, int] = {}
        self._letter: list[SlotBlock] = []
        self._alone: dict[tuple[int, int, int], dict[int, tuple[int, int, Made]]] = {}
        """By a state, a position and its place in a node: the edges that only it leads along."""

    def built(self) -> Automaton:
        found, graph = self.found, self.graph
        starts: dict[int, dict[int, Choices]] = {}
        for root, edge in graph.roots:
            positions = starts.setdefault(graph.nodes[root].state, {})
            positions[self._numbered(Position((), root))] = edge.choices
        for state, positions in starts.items():
            number = self._node(state, list(positions))
            found.roots.append(number)
            for place, position in enumerate(found.positions[number]):
                made = self._assignment(positions[position])
                found.root_assignments[number, place] = made
        node = 0
        while node < len(found.states):
            self._expand(node)
            node += 1
            if len(found.target) > limit("graph_edges"):
                over = shown_limit("graph_edges")
                raise EntangledError(f"the graph of its networks has over {over} edges")
        found.first.append(len(found.target))
        return found

    def _numbered(self, position: Position) -> int:
        number = self._positions.setdefault(position, len(self._position))
        if number == len(self._position):
            self._position.append(position)
        return number

    def _node(self, state: int, positions: list[int]) -> int:
        """Return the number of the node of a set of positions."""
        key = (state, frozenset(positions))
        number = self._numbers.setdefault(key, len(self.found.states))
        if number == len(self.found.states):
            self.found.states.append(state)
            self.found.positions.append(positions)
            every = (self._position[position] for position in positions)
            ends = ((place, self._to_end(position)) for place, position in enumerate(every))
            end = next(((place, made) for place, made in ends if made is not None), None)
            self.found.ends.append(end is not None)
            place, made = end or (0, ())
            self.found.last.append((place, self._assignment(made)))
        return number

    def _expand(self, node: int) -> None:
        """Add the edges out of a node."""
        found = self.found
        found.first.append(len(found.target))
        state, positions = found.states[node], found.positions[node]
        reached: dict[int, list[int]] = {}
        for place, position in enumerate(positions):
            for letter in self._next(position):
                reached.setdefault(letter, []).append(place)
        alone = [self._alone.setdefault((state, p, n), {}) for n, p in enumerate(positions)]
        for letter, places in reached.items():
            first = places[0]
            edge = alone[first].get(letter) if len(places) == 1 else None
            if edge is None:
                edge = self._edge(state, positions, letter, places)
                if len(places) == 1:
                    alone[first][letter] = edge
            done, number, back = edge
            found.source.append(node)
            found.target.append(number)
            found.transition.append(done)
            found.back.append(back)

    def _edge(
        self, state: int, positions: list[int], letter: int, places: list[int]
    ) -> tuple[int, int, Made]:
        """Return the transition, the target and the way back of a block.

        Args:
            state: before it.
            positions: of the node before it.
            letter: the number of the block.
            places: of those positions that it may come next at.
        """
        targets: dict[int, tuple[int, int]] = {}
        for place in places:
            for target, made in self._next(positions[place])[letter].items():
                if target not in targets:
                    targets[target] = (place, self._assignment(made))
        done = self.table.transition(state, (self._letter[letter],))
        number = self._node(self.table.transitions[done].leaving, list(targets))
        return done, number, [targets[position] for position in self.found.positions[number]]

    def _assignment(self, choices: Choices) -> int:
        number = self._assignments.setdefault(choices, len(self.found.assignments))
        if number == len(self.found.assignments):
            self.found.assignments.append(choices)
        return number

    def _next(self, number: int) -> Steps:
        """Return where each block that may come next leads to."""
        steps = self._steps.get(number)
        if steps is None:
            steps = self._steps[number] = {}
            position = self._position[number]
            if position.left:
                self._step(steps, position.left, position.node, ())
            else:
                for edge in self.graph.edges[position.node]:
                    if edge.run:
                        self._step(steps, edge.run, edge.target, edge.choices)
                    else:
                        self._pass(steps, edge.target, edge.choices)
        return steps

    def _step(self, steps: Steps, run: Run, node: int, choices: Choices) -> None:
        first = run[0].block
        letter = self._letters.setdefault(first, len(self._letter))
        if letter == len(self._letter):
            self._letter.append(run[0])
        target = self._numbered(Position(run[1:], node))
        steps.setdefault(letter, {}).setdefault(target, choices)

    def _pass(self, steps: Steps, node: int, choices: Choices) -> None:
        """Pass an edge without blocks, to whatever comes behind it."""
        for letter, targets in self._next(self._numbered(Position((), node))).items():
            known = steps.setdefault(letter, {})
            for target, made in targets.items():
                known.setdefault(target, choices + made)

    def _to_end(self, position: Position) -> Choices | None:
        """Return the choices with which a network ends at a position; None where it cannot."""
        if position.left:
            return None
        node = position.node
        if self.graph.nodes[node].cut == self.graph.slots:
            return ()
        for edge in self.graph.edges[node]:
            if not edge.run:
                made = self._to_end(Position((), edge.target))
                if made is not None:
                    return edge.choices + made
        return None
