"""Good ranges against the distribution that the best of a draw has."""

import numpy as np

from dse.report.good_axis_ranges import DRAWS, best_of_draws, good_ranges


def test_the_best_of_a_draw_is_distributed_as_the_least_of_so_many_ranks():
    errors = np.random.default_rng(1).permutation(40).astype(float)
    best = errors[best_of_draws(errors, seed=0)]
    assert len(best) == DRAWS
    for rank in range(4):
        # The least of 10 ranks, drawn with replacement from 40, is above a rank by chance.
        expected = 1 - (1 - (rank + 1) / 40) ** 10
        assert abs((best <= rank).mean() - expected) < 0.03


def test_the_range_holds_where_errors_are_small():
    width = np.arange(200, dtype=float)
    (found,) = good_ranges([("width", width)], np.abs(width - 120.0))
    assert 100 < found.low < found.median < found.high < 140
    (score,) = good_ranges([("width", width)], -np.abs(width - 120.0), is_score=True)
    assert (score.low, score.median, score.high) == (found.low, found.median, found.high)


def test_the_same_seed_gives_the_same_range():
    errors = np.random.default_rng(2).normal(size=50)
    assert best_of_draws(errors, 3).tolist() == best_of_draws(errors, 3).tolist()


def test_one_sample_is_the_range():
    (found,) = good_ranges([("depth", np.array([7.0]))], np.array([1.0]))
    assert (found.low, found.median, found.high) == (7, 7, 7)
