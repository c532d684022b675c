"""What each candidate promises, given what was observed: scores of any candidates of a pool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dse.dominance import non_dominated
from dse.search.samplers.acquisition import (
    averaged,
    log_expected_hypervolume_improvement,
    log_expected_improvement,
    log_expected_scalarised_improvement,
    log_probability_below,
)
from dse.search.samplers.observations import KnownObjective
from dse.search.samplers.pool_model import PoolModel
from dse.search.samplers.pool_rows import Floats, Indices
from dse.search.samplers.robust_scores import standard

Predicted = tuple[Floats, Floats]
"""Means and variances of candidates."""


@dataclass(frozen=True)
class Forecast:
    """What models predict of one quantity."""

    models: Sequence[PoolModel]
    weights: Floats
    values: Floats
    """What the models were given."""
    pending: Indices
    bests: Sequence[float]
    """By each model, the greatest mean of what was observed and is allowed."""

    def predictions(self, at: Indices | None) -> list[Predicted]:
        """Return what each model predicts of candidates; of those looked at where none is said."""
        return [model.predictions(self.values, self.pending, at) for model in self.models]


@dataclass(frozen=True)
class KnownGoal:
    """A goal that is known of all candidates."""

    values: KnownObjective
    observed: Floats
    """What was observed of it, which has mean 0 and variance 1 on its scale."""
    looked_at: Indices

    @property
    def weights(self) -> Floats:
        """The one weight."""
        return np.ones(1)

    @property
    def bests(self) -> Sequence[float]:
        """The greatest of those that are looked at: there is nothing to gain beyond."""
        return [float(self._at(self.looked_at).max())]

    def predictions(self, at: Indices | None) -> list[Predicted]:
        """Return the values, without a doubt."""
        values = self._at(self.looked_at if at is None else at)
        return [(values, np.full(len(values), 1e-12))]

    def _at(self, points: Indices) -> Floats:
        return standard(self.values[points], self.observed)


@dataclass(frozen=True)
class Promise:
    """Scores candidates: the logarithm of what is expected to be gained by their evaluation.

    Of one goal expected improvement, of two expected gain in hypervolume, of more the improvement
    of a scalarisation; times the probability that all limits are met.
    """

    looked_at: Indices
    """The candidates whose predictions are kept."""
    goals: Sequence[Forecast | KnownGoal]
    """None where nothing that was observed is allowed: then the limits alone count."""
    limits: Sequence[tuple[Forecast, float]]
    """Each with the bound that it must be at most."""
    widening: float
    """By how much variances are too small."""
    scaled: Floats
    """What was observed and is allowed, of shape (points, goals)."""
    reference: Floats
    """What every goal of two is to exceed."""
    scalarised: Floats
    """Weights of more than two goals."""
    draws: Floats
    """Standard normal, of shape (draws, goals)."""

    def scores(self, at: Indices | None = None) -> Floats:
        """Return the score of each candidate; of those looked at where none is said."""
        number = len(self.looked_at if at is None else at)
        scores = self._gain(at) if self.goals else np.zeros(number)
        for forecast, bound in self.limits:
            logs = [log_probability_below(m, v, bound) for m, v in forecast.predictions(at)]
            scores = scores + averaged(np.array(logs), forecast.weights)
        return scores

    def _gain(self, at: Indices | None) -> Floats:
        predictions = [goal.predictions(at) for goal in self.goals]
        if len(predictions) == 1:
            (models,), (goal,) = predictions, self.goals
            logs = [
                log_expected_improvement(mean, self.widening * variance, best)
                for (mean, variance), best in zip(models, goal.bests, strict=True)
            ]
            return averaged(np.array(logs), goal.weights)
        mixed = [_mixed(each, g.weights) for each, g in zip(predictions, self.goals, strict=True)]
        mean, variance = (np.stack(columns, axis=1) for columns in zip(*mixed, strict=True))
        if len(predictions) == 2:
            front = self.scaled[non_dominated(list(-self.scaled.T))]
            return log_expected_hypervolume_improvement(mean, variance, front, self.reference)
        lowest = self.scaled.min(axis=0)
        return log_expected_scalarised_improvement(
            mean - lowest, variance, self.scaled - lowest, self.scalarised, self.draws
        )


def widening(values: Floats, met: NDArray[np.bool_], patience: float, widest: float) -> float:
    """Return by how much variances are too small, as the time without an improvement tells.

    Args:
        values: in their order.
        met: whether each is allowed.
        patience: evaluations without an improvement after which it is twice as much.
        widest: the most.
    """
    allowed = np.where(met, values, -np.inf)
    stalled = len(allowed) - 1 - int(np.argmax(allowed))
    if stalled % 2:
        # Every other one goes on where it is: what is near may still be better.
        return 1.0
    return float(min(widest, 2 ** (stalled / patience)))


def _mixed(models: Sequence[Predicted], weights: Floats) -> Predicted:
    """Return the mean and the variance of a mixture of normal distributions."""
    means = np.array([mean for mean, _ in models])
    variances = np.array([variance for _, variance in models])
    mean = weights @ means
    return mean, weights @ (variances + (means - mean) ** 2)
