"""Error distribution functions against the papers' definition, bands against drawn bootstraps."""

import numpy as np
import pytest

from dse.report.error_distributions import error_distribution

RANDOM = np.random.default_rng(0)


def share_better(values, than, is_score=False):
    """F at one value, as the papers define it: of errors the share that is below it."""
    return float((values > than if is_score else values < than).mean())


@pytest.mark.parametrize("is_score", [False, True])
def test_the_share_right_behind_a_value_is_what_the_definition_counts(is_score):
    values = RANDOM.integers(0, 20, 60).astype(float)
    found = error_distribution(values, is_score=is_score)
    for at, share in zip(found.at, found.share, strict=True):
        beyond = at - 1e-9 if is_score else at + 1e-9
        assert share == share_better(values, beyond, is_score)
    assert found.share[-1] == 1
    assert found.number == 60
    assert list(found.at) == sorted(set(values), reverse=is_score)


def test_the_band_is_that_of_very_many_bootstrap_samples():
    errors = RANDOM.normal(size=80)
    found = error_distribution(errors)
    drawn = RANDOM.choice(errors, (20_000, 80))
    for place in (5, 20, 40, 70):
        shares = (drawn <= found.at[place]).mean(axis=1)
        low, high = np.quantile(shares, [0.025, 0.975], method="inverted_cdf")
        assert abs(found.low[place] - low) <= 1 / 80 + 1e-12
        assert abs(found.high[place] - high) <= 1 / 80 + 1e-12
    assert (found.low <= found.share).all()
    assert (found.share <= found.high).all()


def test_one_network_and_equal_networks():
    assert error_distribution(np.array([3.0])).share.tolist() == [1.0]
    assert error_distribution(np.full(9, 3.0)).high.tolist() == [1.0]
