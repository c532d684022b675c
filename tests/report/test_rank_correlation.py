import numpy as np
import pytest
from scipy.stats import kendalltau, spearmanr

from dse.report.rank_correlation import rank_matrix


@pytest.mark.parametrize(("method", "peer"), [("spearman", spearmanr), ("kendall", kendalltau)])
def test_each_pair_is_scipys_over_the_candidates_that_have_both(method, peer):
    random = np.random.default_rng(0)
    first, second = random.integers(0, 9, (2, 50)).astype(float)
    first[3] = second[7] = np.nan
    found = rank_matrix([("a", first), ("b", second), ("same", np.ones(50))], method)
    both = np.isfinite(first) & np.isfinite(second)
    assert found.numbers[0, 1] == both.sum() == 48
    assert abs(found.coefficients[0, 1] - peer(first[both], second[both]).statistic) < 1e-12
    assert np.isnan(found.coefficients[0, 2]), "a constant ranks nothing"


def test_whole_columns_are_ranked_once_with_the_same_result():
    random = np.random.default_rng(1)
    columns = [(name, random.integers(0, 9, 40).astype(float)) for name in "abc"]
    found = rank_matrix([*columns, ("same", np.ones(40))])
    for row, (_, first) in enumerate(columns):
        for column, (_, second) in enumerate(columns):
            expected = spearmanr(first, second).statistic
            assert abs(found.coefficients[row, column] - expected) < 1e-12
    assert np.isnan(found.coefficients[3]).all()
    assert (found.numbers == 40).all()
