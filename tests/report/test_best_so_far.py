import numpy as np

from dse.report.best_so_far import best_so_far, mean_history

NAN = float("nan")


def test_the_best_of_all_up_to_each_evaluation():
    values = np.array([NAN, 3.0, 5.0, NAN, 2.0])
    np.testing.assert_equal(best_so_far(values, is_least=True), [NAN, 3, 3, 3, 2])
    np.testing.assert_equal(best_so_far(values, is_least=False), [NAN, 3, 5, 5, 5])


def test_the_mean_of_runs_keeps_the_last_best_of_one_that_ended_earlier():
    found = mean_history([np.array([4.0, 2.0]), np.array([2.0, 3.0, 1.0])], is_least=True)
    assert found.mean.tolist() == [3.0, 2.0, 1.5]
    spread = np.std([2.0, 1.0], ddof=1)
    np.testing.assert_allclose([found.low[2], found.high[2]], [1.5 - spread, 1.5 + spread])


def test_a_single_run_has_no_spread():
    found = mean_history([np.array([4.0, 2.0])], is_least=True)
    assert found.low.tolist() == found.high.tolist() == [4.0, 2.0]
