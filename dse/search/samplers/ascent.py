"""Local search for the candidate of the greatest score, along the graph of a pool."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from dse.search.samplers.pool_graph import PoolGraph
from dse.search.samplers.pool_rows import Floats, Indices

MOST_AT_ONCE = 48
"""Neighbours of one candidate that are scored in one step."""


def ascend(
    graph: PoolGraph,
    starts: Sequence[int],
    scores: Floats,
    score: Callable[[Indices], Floats],
    most: int,
    rng: np.random.Generator,
) -> tuple[int, float]:
    """Return the best candidate that was found, and its score.

    From each start to the best of its neighbours, as long as one is better. Ways that meet go on as
    one. The further a way is behind the best one, the sooner it is given up: with each step, the
    worse half of the ways ends.

    Args:
        graph: of the pool.
        starts: candidates to start from.
        scores: of these; minus infinity of those that are taken.
        score: returns the scores of candidates, likewise.
        most: candidates to score.
        rng: draws some of many neighbours.
    """
    seen = set(map(int, starts))
    ways = sorted(zip(scores.tolist(), map(int, starts), strict=True), reverse=True)
    best, left = ways[0], most
    while ways and left > 0:
        beside = _fresh(graph, [candidate for _, candidate in ways], seen, rng)
        asked = np.array([one for some in beside for one in some][:left], dtype=np.int64)
        left -= len(asked)
        if not len(asked):
            break
        found, at, onward = score(asked), 0, []
        for (here, _), some in zip(ways, beside, strict=True):
            own = found[at : at + len(some)]
            at += len(some)
            if len(own) and own.max() > here:
                place = int(own.argmax())
                onward.append((float(own[place]), some[place]))
        ways = sorted(onward, reverse=True)[: max(len(ways) // 2, 1)]
        best = max([best, *ways])
    return best[1], best[0]


def _fresh(
    graph: PoolGraph, candidates: Sequence[int], seen: set[int], rng: np.random.Generator
) -> list[list[int]]:
    """Return neighbours of candidates that were not seen before, and mark them as seen."""
    changes = [graph.changes(candidate, rng) for candidate in candidates]
    # Whether they are in the pool is asked of all at once.
    reached = graph.reached(np.concatenate(changes))
    fresh, at = [], 0
    for some in changes:
        own = dict.fromkeys(reached[at : at + len(some)].tolist())
        at += len(some)
        found = [one for one in own if one >= 0 and one not in seen][:MOST_AT_ONCE]
        seen.update(found)
        fresh.append(found)
    return fresh
