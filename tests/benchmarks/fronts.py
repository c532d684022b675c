"""Exact fronts and exact best networks beside every network of a space of 4^10 = 1,048,576.

    python -m tests.benchmarks.fronts

Every network of Once-for-All with two layers a stage, two kernels and two expansions is costed by
tables; the front of params, MACs and peak activations, and the hundred best of two goals, have to
be what the graph gives. Then come the fronts of all of Once-for-All at 224, of 2·10^19 networks.
Prints seconds and points, and fails at once where a front differs.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping

import numpy
from numpy.typing import NDArray

import dse
from dse.dominance import non_dominated
from dse.limits import variable_of
from dse.space import BlockSpace, CostGoal, best_networks, exact_front, read_budget

SMALL = {"resolution": [224], "depth": [2], "kernel": [3, 5], "expansion": [3, 6]}
WHOLE = {"resolution": [224], "depth": [2, 3, 4], "kernel": [3, 5, 7], "expansion": [3, 4, 6]}
COSTS = ("params", "macs", "peak_activations")
BUDGETS: tuple[Mapping[str, object], ...] = (
    {},
    {"macs": "200M"},
    {"macs": ["150M", "250M"], "peak_activations": "8MB"},
    {"params": "4M"},
)
FRONTS = (
    ("-params", "macs"),
    ("-params", "macs", "peak_activations"),
    ("-params", "macs", "activations"),
)
CHUNK = 50_000


def space_of(grid: Mapping[str, object]) -> BlockSpace:
    design = dse.design_space("ofa_mobilenet_v3", grid).design
    assert isinstance(design, BlockSpace)
    return design


def goal_of(name: str) -> CostGoal:
    return CostGoal(name.removeprefix("-"), name.startswith("-"))


def costed(space: BlockSpace) -> dict[str, NDArray[numpy.int64]]:
    """Return the costs of every network, by tables."""

    def pieces() -> Iterator[dict[str, NDArray[numpy.int64]]]:
        paths = space.ways(read_budget({})).all()
        for start in range(0, len(paths), CHUNK):
            choices = space.graph.choices_at(paths[start : start + CHUNK])
            yield dict(space.tables.costs(choices, COSTS).costs)

    several = list(pieces())
    return {name: numpy.concatenate([each[name] for each in several]) for name in COSTS}


def check(space: BlockSpace) -> None:
    started = time.perf_counter()
    costs = costed(space)
    number = len(costs["macs"])
    print(f"{number:,} networks costed one by one in {time.perf_counter() - started:.1f} s")
    signs = {"params": -1, "macs": 1, "peak_activations": 1}
    goals = [CostGoal(name, signs[name] < 0) for name in COSTS]
    for content in BUDGETS:
        budget = read_budget(content)
        within = numpy.ones(number, dtype=bool)
        for bound in budget.bounds:
            within &= costs[bound.cost] >= (bound.low or 0)
            within &= costs[bound.cost] <= (bound.high or 2**62)
        less = [signs[name] * costs[name][within] for name in COSTS]
        kept = non_dominated(less)
        expected = numpy.unique(numpy.stack([column[kept] for column in less], axis=1), axis=0)
        started = time.perf_counter()
        found = exact_front(space.graph, goals, budget).values * [signs[name] for name in COSTS]
        seconds = time.perf_counter() - started
        assert found.tolist() == expected.tolist(), content
        print(f"front within {budget}: {len(found):,} points, equal, {seconds:.2f} s")
        for weights in ({"params": 1.0}, {"macs": -1.0, "params": 3.0}):
            total = sum(weight * costs[name] for name, weight in weights.items())
            ordered = numpy.sort(numpy.asarray(total)[within])[::-1][:100].tolist()
            started = time.perf_counter()
            best = best_networks(space.graph, weights, budget, 100)
            seconds = time.perf_counter() - started
            assert all(each.is_optimal for each in best)
            assert [each.value for each in best] == ordered, (content, weights)
            print(f"  best 100 by {weights}: equal, {seconds:.2f} s")


def main() -> None:
    # Where a goal is bounded itself, many ways are equally good until the end.
    os.environ.setdefault(variable_of("optimum_ways"), "1000000")
    check(space_of(SMALL))
    whole = space_of(WHOLE)
    print(f"Once-for-All at 224: {whole.graph.count():,} networks")
    for names in FRONTS:
        started = time.perf_counter()
        found = exact_front(whole.graph, [goal_of(name) for name in names], read_budget({}))
        seconds = time.perf_counter() - started
        print(f"front of {', '.join(names)}: {len(found.values):,} points, {seconds:.1f} s")


if __name__ == "__main__":
    main()
