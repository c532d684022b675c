"""The first candidates stand for the whole pool."""

import numpy as np
import pytest

from dse.search.samplers.design import representative_design

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
