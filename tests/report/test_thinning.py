import numpy as np

from dse.report.thinning import MOST, thinned

RANDOM = np.random.default_rng(0)


def test_few_points_are_all_kept():
    assert thinned(np.arange(10.0), np.arange(10.0)).tolist() == list(range(10))


def test_of_many_points_so_many_are_kept_the_same_every_time():
    x, y = RANDOM.lognormal(size=(2, 100_000))
    kept = thinned(x, y)
    assert 0.4 * MOST < len(kept) <= MOST
    assert kept.tolist() == thinned(x, y).tolist() == sorted(set(kept.tolist()))


def test_a_lonely_point_stays():
    x, y = RANDOM.normal(size=(2, 50_000))
    x[31_415], y[31_415] = 50.0, -50.0
    assert 31_415 in thinned(x, y)


def test_equal_points_are_thinned_too():
    assert len(thinned(np.ones(50_000), np.ones(50_000))) <= MOST
