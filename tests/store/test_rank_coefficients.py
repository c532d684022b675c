"""Rank correlations are those of SciPy, to the last bit."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import kendalltau, spearmanr

from dse.store.rank_coefficients import inversions, rank_coefficients


@pytest.mark.parametrize("size", [2, 3, 10, 500])
@pytest.mark.parametrize("distinct", [2, 5, 10_000])
@pytest.mark.parametrize("dtype", [np.int64, np.float64])
def test_coefficients_are_those_of_scipy(size, distinct, dtype):
    rng = np.random.default_rng((size, distinct))
    compared = 0
    for _ in range(20):
        first, others = rng.integers(-distinct, distinct, (2, size)).astype(dtype)
        for second in (others, first + others, -first, 2**50 * first):
            if np.ptp(first) and np.ptp(second):
                compared += 1
                told = rank_coefficients(first, second)
                assert told[0] == spearmanr(first, second).statistic
                assert told[1] == kendalltau(first, second).statistic
    assert compared


def test_inversions_are_the_pairs_that_stand_the_wrong_way_round():
    rng = np.random.default_rng(0)
    for size in range(1, 40):
        places = rng.integers(0, size, size)
        assert inversions(places) == sum(a > b for a, b in combinations(places.tolist(), 2))
