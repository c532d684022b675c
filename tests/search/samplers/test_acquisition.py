"""Oracles: expectations over many normal draws, and hypervolume as Optuna computes it."""

import numpy as np
import pytest
from optuna._hypervolume import compute_hypervolume

from dse.search.samplers.acquisition import (
    log_expected_hypervolume_improvement,
    log_expected_improvement,
    log_probability_below,
)

DRAWS = np.random.default_rng(0).standard_normal((200_000, 2))


@pytest.mark.parametrize("best", [-1.0, 0.0, 1.0])
def test_expected_improvement_is_the_mean_over_draws(best):
    mean, deviation = 0.3, 0.7
    (found,) = np.exp(log_expected_improvement(np.array([mean]), np.array([deviation**2]), best))
    drawn = np.maximum(mean + deviation * DRAWS[:, 0] - best, 0).mean()
    assert found == pytest.approx(drawn, rel=0.03)


def test_expected_improvement_tells_hopeless_candidates_apart():
    far = np.array([-10.0, -100.0, -1e4, -1e6])
    logs = log_expected_improvement(far, np.ones(4), 0.0)
    assert np.isfinite(logs).all()
    assert (np.diff(logs) < 0).all()


def test_expected_improvement_has_no_step_where_its_forms_meet():
    means = np.linspace(-1.001, -0.999, 9)
    logs = log_expected_improvement(means, np.ones(9), 0.0)
    assert np.diff(logs) == pytest.approx(np.full(8, np.diff(logs).mean()), rel=1e-2)


def test_the_probability_of_a_bound_is_the_share_of_draws():
    (found,) = np.exp(log_probability_below(np.array([1.0]), np.array([4.0]), 0.0))
    assert found == pytest.approx((1 + 2 * DRAWS[:, 0] <= 0).mean(), rel=0.02)


@pytest.mark.parametrize(
    "front", [np.empty((0, 2)), np.array([[0.2, 0.9], [0.6, 0.5], [0.9, 0.1]])]
)
def test_expected_hypervolume_improvement_is_the_mean_over_draws(front):
    mean, deviation = np.array([0.5, 0.6]), np.array([0.3, 0.4])
    reference = np.array([-0.5, -0.5])

    def volume(points: np.ndarray) -> float:
        kept = points[(points > reference).all(axis=1)]
        return compute_hypervolume(-kept, -reference) if len(kept) else 0.0

    gains = [
        volume(np.vstack([front, mean + deviation * draw])) - volume(front) for draw in DRAWS[:4000]
    ]
    (found,) = np.exp(
        log_expected_hypervolume_improvement(mean[None], deviation[None] ** 2, front, reference)
    )
    assert found == pytest.approx(np.mean(gains), rel=0.05)
