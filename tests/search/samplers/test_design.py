"""The first candidates stand for the whole pool."""

import numpy as np
import pytest

from dse.search.samplers.design import AMONG, first_candidates, representative_design
from dse.search.samplers.pool_columns import PoolColumns, ValueBlock

RNG = np.random.default_rng(0)
CENTRES = np.array([[0, 0], [10, 0], [0, 10], [10, 10]], dtype=float)
CLUSTERS = np.concatenate([centre + RNG.normal(size=(50, 2)) for centre in CENTRES])


@pytest.mark.parametrize("seed", range(5))
def test_each_part_of_the_pool_has_one(seed):
    chosen = representative_design(CLUSTERS, 4, seed)
    assert sorted(index // 50 for index in chosen) == [0, 1, 2, 3]


def test_they_do_not_stand_in_the_corners():
    grid = np.stack(np.meshgrid(np.arange(21.0), np.arange(21.0)), axis=-1).reshape(-1, 2)
    for seed in range(5):
        chosen = grid[representative_design(grid, 4, seed)]
        assert not (np.isin(chosen, (0, 20)).all(axis=1)).any()


def test_a_small_pool_is_taken_whole():
    assert sorted(representative_design(CLUSTERS[:3], 6, 0)) == [0, 1, 2]


def test_the_same_seed_chooses_the_same():
    first, second, other = (representative_design(CLUSTERS, 5, seed).tolist() for seed in (1, 1, 2))
    assert first == second != other


def columns(values):
    return PoolColumns([ValueBlock(np.asarray(values), np.zeros(np.shape(values)[1]))])


@pytest.mark.parametrize("seed", range(5))
def test_the_dearest_and_the_cheapest_are_among_the_first(seed):
    costs = CLUSTERS @ np.array([[1.0, 0.5], [1.0, 2.0]])
    first = first_candidates(columns(CLUSTERS), columns(costs), 6, seed)
    assert len(set(first.tolist())) == 6
    sums = costs.sum(axis=1)
    assert {int(sums.argmax()), int(sums.argmin())} == set(first[-2:].tolist())
    assert sorted(first[:4] // 50) == [0, 1, 2, 3]


def test_of_equally_dear_ones_the_seed_chooses():
    costs = np.repeat([[0.0], [1.0]], 100, axis=0)
    found = [first_candidates(columns(CLUSTERS), columns(costs), 4, seed) for seed in range(9)]
    assert len({tuple(each[-2:]) for each in found}) > 5
    assert {(each[-2] >= 100, each[-1] >= 100) for each in found} == {(True, False)}


def test_fewer_or_without_costs_stand_for_the_pool_alone():
    costs = columns(CLUSTERS[:, :1])
    for number, by in ((AMONG - 1, costs), (6, None)):
        found = first_candidates(columns(CLUSTERS), by, number, 3).tolist()
        assert found == representative_design(CLUSTERS, number, 3).tolist()


def test_a_small_pool_is_taken_whole_with_its_ends():
    few = columns(CLUSTERS[:3])
    assert sorted(first_candidates(few, columns(CLUSTERS[:3, :1]), 6, 0)) == [0, 1, 2]
