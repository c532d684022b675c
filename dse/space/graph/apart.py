"""The best networks of a space that differ from each other in so many choices: exactly.

The first is the best of all; each further one is the best of those that differ enough from all
before it. In how many choices a network differs from another is a sum over its blocks as well, once
the nodes of the graph are told apart by the choices that are made up to there: so to differ enough
is one more bound on a sum, and each further network an optimum under it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy

from dse.space.budget import Budget
from dse.space.graph.amounts import UNBOUNDED, Amount, Amounts, Check, rest
from dse.space.graph.exact_optimum import Optimum, best_within, edge_goal, followed
from dse.space.graph.networks import NetworkGraph
from dse.space.tables import Integers


def best_apart(
    graph: NetworkGraph, weights: Mapping[str, float], budget: Budget, number: int, apart: int
) -> list[Optimum]:
    """Return the best network within a budget, and those that follow and differ from all before.

    Args:
        graph: of a space.
        weights: as for `best_networks`.
        budget: as for `best_networks`.
        number: how many at most.
        apart: in how many dimensions of the grid each two differ at least. What makes no difference
            to a network has its first choice.

    Raises:
        DseError: as for `best_networks`.
    """
    placed = _placed(graph)
    goal, wanted = edge_goal(placed.graph, weights), followed(placed.graph, budget)
    found: list[Optimum] = []
    while len(found) < number:
        best = best_within(placed.graph, goal, wanted, 1)
        if not best:
            break
        path = placed.edge_before[best[0].path]
        found.append(replace(best[0], path=path))
        choices = graph.choices_at(path[None])[0]
        wanted = _differing(wanted, placed.difference(choices), apart)
    return found


def _differing(wanted: Amounts, difference: Amount, apart: int) -> Amounts:
    check = Check((len(wanted.amounts),), apart, UNBOUNDED)
    amounts = (*wanted.amounts, replace(difference, enough=apart))
    return replace(wanted, amounts=amounts, checks=(*wanted.checks, check))


@dataclass(frozen=True)
class _Placed:
    """A graph whose every edge stands for certain choices, each as a row of the dimensions."""

    graph: NetworkGraph
    edge_before: Integers
    """Of each edge: the one of the graph that was told apart."""
    of_edge: Integers
    """−1 for what is chosen elsewhere."""
    of_root: Integers
    of_end: Integers
    """Of each node: what is chosen behind it where a network ends there."""

    def difference(self, choices: Integers) -> Amount:
        """Return in how many dimensions a network differs from some choices."""
        graph = self.graph

        def differing(rows: Integers) -> Integers:
            found: Integers = ((rows >= 0) & (rows != choices)).sum(axis=1)
            return found

        edges, at_end = differing(self.of_edge), differing(self.of_end)
        least = rest(graph, edges, at_end, lowest=True)
        most = rest(graph, edges, at_end, lowest=False)
        start = differing(self.of_root)
        return Amount("difference", False, edges, start, at_end, least, most)


def _placed(graph: NetworkGraph) -> _Placed:
    """Tell the nodes of a graph apart by the place of the choices that a network has made there.

    From an end backwards each edge leads from one place to one (see `Automaton.back`), so that a
    network is one path still.
    """
    automaton = graph.automaton
    ordered = graph.target[graph.by_target]
    origin = numpy.zeros(graph.nodes, dtype=numpy.int64)
    origin[graph.source] = numpy.array(automaton.source, dtype=numpy.int64)[graph.letter]
    origin[graph.target] = numpy.array(automaton.target, dtype=numpy.int64)[graph.letter]
    # Nodes stand in an order in which edges lead to later ones: backwards, all behind one is known.
    places: list[set[int]] = [set() for _ in range(graph.nodes)]
    edges: list[tuple[int, int, int, int]] = []
    for node in reversed(range(graph.nodes)):
        if graph.ends[node]:
            places[node].add(automaton.last[origin[node]][0])
        into = graph.by_target[slice(*numpy.searchsorted(ordered, [node, node + 1]))]
        for edge in into.tolist():
            back = automaton.back[graph.letter[edge]]
            for place in sorted(places[node]):
                before, made = back[place]
                places[graph.source[edge]].add(before)
                edges.append((edge, before, place, made))
    names = [(node, place) for node, held in enumerate(places) for place in sorted(held)]
    number = {name: index for index, name in enumerate(names)}
    node_of = numpy.array([node for node, _ in names], dtype=numpy.int64)
    edge_of = numpy.array([edge for edge, *_ in edges], dtype=numpy.int64)
    sources, targets = graph.source.tolist(), graph.target.tolist()
    roots = [(node, place) for node in graph.roots.tolist() for place in sorted(places[node])]
    last = [automaton.last[origin[node]] for node, _ in names]
    ends = [
        bool(graph.ends[node]) and at == place
        for (node, place), (at, _) in zip(names, last, strict=True)
    ]
    split = replace(
        graph,
        roots=numpy.array([number[root] for root in roots], dtype=numpy.int64),
        ends=numpy.array(ends, dtype=numpy.bool_),
        states=graph.states[node_of],
        source=numpy.array([number[sources[e], before] for e, before, _, _ in edges]),
        target=numpy.array([number[targets[e], place] for e, _, place, _ in edges]),
        letter=graph.letter[edge_of],
        transition=graph.transition[edge_of],
        segment=graph.segment[edge_of],
        level=graph.level[node_of],
    )
    table = automaton.assigned(len(graph.space.sizes))
    begun = [automaton.root_assignments[int(origin[node]), place] for node, place in roots]
    return _Placed(
        split,
        edge_of,
        of_edge=table[[made for *_, made in edges]],
        of_root=table[begun],
        of_end=table[[made for _, made in last]],
    )
