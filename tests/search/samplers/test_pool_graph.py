"""Candidates are found by their choices, and from one the ones beside it."""

import itertools

import numpy as np
import pytest

from dse.search.samplers.ascent import ascend
from dse.search.samplers.pool_graph import PoolGraph
from dse.search.samplers.pool_rows import PoolRows

RNG = np.random.default_rng(0)
GRID = np.array(list(itertools.product(range(4), repeat=5)), dtype=np.int8)


def test_every_candidate_is_found_by_its_choices_and_nothing_else_is():
    kept = RNG.permutation(len(GRID))[:300]
    graph = PoolGraph(PoolRows(GRID[kept]))
    assert graph.find(GRID[kept].astype(int)).tolist() == [*range(300)]
    others = np.delete(GRID, kept, axis=0).astype(int)
    assert set(graph.find(others).tolist()) == {-1}
    outside = np.array([[0, 0, 0, 0, 9], [-1, 0, 0, 0, 0]])
    assert graph.find(outside).tolist() == [-1, -1]


def test_of_the_same_choices_the_first_stands_for_all():
    graph = PoolGraph(PoolRows(np.array([[1, 0], [0, 1], [1, 0], [0, 1], [1, 1]])))
    assert graph.distinct == 3
    assert graph.find(np.array([[1, 0], [0, 1], [1, 1], [0, 0]])).tolist() == [0, 1, 4, -1]


@pytest.mark.parametrize("share", [1.0, 0.3])
def test_neighbours_differ_in_one_axis_and_then_in_two(share):
    pool = GRID[RNG.random(len(GRID)) < share]
    graph = PoolGraph(PoolRows(pool))
    for candidate in RNG.integers(len(pool), size=20).tolist():
        found = graph.neighbours(candidate, np.random.default_rng(1))
        apart = (pool[found] != pool[candidate]).sum(axis=1)
        assert apart.tolist() == sorted(apart.tolist())
        assert set(apart.tolist()) == {1, 2}
        beside = np.flatnonzero((pool != pool[candidate]).sum(axis=1) == 1)
        assert set(beside.tolist()) <= set(found.tolist())
        assert len(set(found.tolist())) == len(found)


def test_a_pool_of_one_has_no_neighbours():
    assert PoolGraph(PoolRows(np.zeros((1, 3), dtype=int))).neighbours(0, RNG).tolist() == []


@pytest.mark.parametrize("window", [False, True], ids=["whole grid", "between two sums"])
def test_an_ascent_finds_the_top_of_a_hill(window):
    top = np.array([3, 0, 2, 1, 3])
    sums = GRID.sum(axis=1, dtype=int)
    pool = GRID[(sums >= 8) & (sums <= 10)] if window else GRID
    heights = -np.abs(pool - top).sum(axis=1, dtype=float)
    asked = []

    def score(at):
        asked.extend(at.tolist())
        return heights[at]

    starts = [0, len(pool) - 1]
    best, height = ascend(PoolGraph(PoolRows(pool)), starts, heights[starts], score, 500, RNG)
    assert (best, height) == (int(heights.argmax()), heights.max())
    assert len(set(asked)) == len(asked)
    best, height = ascend(PoolGraph(PoolRows(pool)), starts, heights[starts], score, 0, RNG)
    assert height == heights[starts].max()
