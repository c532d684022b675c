"""Which candidate of a pool to evaluate next, given what was observed: no Optuna here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from threadpoolctl import ThreadpoolController

from dse.dominance import non_dominated
from dse.search.samplers.acquisition import (
    averaged,
    log_expected_hypervolume_improvement,
    log_expected_improvement,
    log_expected_scalarised_improvement,
    log_probability_below,
)
from dse.search.samplers.design import representative_design
from dse.search.samplers.gaussian_kernels import Floats
from dse.search.samplers.gaussian_process import Posterior
from dse.search.samplers.observations import Observations
from dse.search.samplers.readings import readings, spread_columns
from dse.search.samplers.surrogate import Evidence, Surrogate

Indices = NDArray[np.int64]

WORK = 1e9
"""Multiplications that the predictions of a suggestion may take, for each reading."""

MOST_CANDIDATES = 8000
LEAST_CANDIDATES = 500
"""Candidates of a large pool that a suggestion looks at: bounds of their number."""

NEIGHBOURS_OF = 5
"""The best candidates whose neighbours are always looked at."""


RANK_SHARE = 0.25
"""Weight of the normal scores of the ranks among what the surrogate learns from."""


@dataclass
class Suggester:
    """Suggests candidates of one pool.

    Args:
        choices: of shape (candidates, dimensions).
        ordered: whether the choices of each dimension stand in an order.
        costs: of shape (candidates, costs), possibly with no columns.
        seed: of the first candidates and of all other draws.
        initial: how many candidates stand for the whole pool before a surrogate is asked.
    """

    choices: Indices
    ordered: Sequence[bool]
    costs: Floats
    seed: int
    initial: int
    _surrogates: dict[tuple[str, int], Surrogate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._spread = spread_columns(self.choices, self.ordered, self.costs)
        self._kernels = readings(self.choices, self.ordered, self.costs)
        self._design = representative_design(self._spread, self.initial, self.seed)

    def suggest(self, known: Observations) -> int | None:
        """Return the index of a candidate that is neither known nor pending, or None."""
        # Matrices this small are slower on several threads, by far where others use the processors.
        with _threads().limit(limits=1, user_api="blas"):
            return self._suggest(known)

    def _suggest(self, known: Observations) -> int | None:
        taken = known.is_taken(len(self.choices))
        if taken.all():
            return None
        if len(known.points) + len(known.pending) < self.initial or len(known.points) < 2:
            for index in self._design:
                if not taken[index]:
                    return int(index)
        free = np.flatnonzero(~taken)
        rng = np.random.default_rng((self.seed, len(known.points), len(known.pending)))
        if len(known.points) < 2:
            return int(rng.choice(free))
        looked_at = self._looked_at(free, known, rng)
        scores = self._improvement(looked_at, known, rng)
        scores = scores + self._feasibility(looked_at, known)
        return int(looked_at[np.argmax(scores)])

    def _improvement(
        self, candidates: Indices, known: Observations, rng: np.random.Generator
    ) -> Floats:
        scaled = np.stack([robust_scores(column) for column in known.values.T], axis=1)
        noise = _scaled_noise(known, scaled)
        met = _is_met(known.violations)
        goals = range(known.values.shape[1])
        predictions = [self._predict("goal", each, known, candidates) for each in goals]
        if len(predictions) == 1:
            (models, weights) = predictions[0]
            if not met.any():
                return np.zeros(len(candidates))
            best = scaled[met, 0].max()
            if noise is not None:
                # The best of noisy values is too good to be true: what is expected there counts.
                there = self._predict("goal", 0, known, known.points[met])
                best = _mixed(*there)[0].max()
            logs = np.array([log_expected_improvement(m, v, best) for m, v in models])
            return averaged(logs, weights)
        means, variances = zip(*(_mixed(*each) for each in predictions), strict=True)
        mean, variance = np.stack(means, axis=1), np.stack(variances, axis=1)
        if not met.any():
            return np.zeros(len(candidates))
        if len(predictions) == 2:
            reference = scaled.min(axis=0) - 0.1
            front = scaled[met]
            front = front[non_dominated(list(-front.T))]
            return log_expected_hypervolume_improvement(mean, variance, front, reference)
        lowest, highest = scaled[met].min(axis=0), scaled[met].max(axis=0)
        weights = rng.dirichlet(np.ones(len(predictions))) / np.maximum(highest - lowest, 1e-9)
        draws = rng.standard_normal((64, len(predictions)))
        return log_expected_scalarised_improvement(
            mean - lowest, variance, scaled[met] - lowest, weights, draws
        )

    def _feasibility(self, candidates: Indices, known: Observations) -> Floats:
        """Return the log probability that all constraints on measurements are met."""
        total = np.zeros(len(candidates))
        for number, column in enumerate(known.violations.T):
            seen = np.isfinite(column)
            if seen.sum() < 2 or column[seen].std() < 1e-12:
                continue
            centre = _limit_scores(column[seen]).mean()
            part = known.only(seen)
            models, weights = self._predict("limit", number, part, candidates)
            logs = np.array([log_probability_below(m, v, -centre) for m, v in models])
            total += averaged(logs, weights)
        return total

    def _predict(
        self,
        what: str,
        number: int,
        known: Observations,
        candidates: Indices,
    ) -> tuple[list[tuple[Floats, Floats]], Floats]:
        """Return means and variances by each reading, and the readings' weights.

        Pending candidates are taken to come out as predicted, which tells their neighbourhood
        apart from what is unknown ("kriging believer", 10.1007/978-3-642-10701-6_6).
        """
        place, evidence = (what, number), _EVIDENCE[what]
        if place not in self._surrogates:
            self._surrogates[place] = Surrogate(self._kernels, self.seed, self.initial)
        models, weights = self._surrogates[place].models(
            len(known.points), lambda size: evidence(known.first(size), number)
        )
        values = evidence(known, number).values
        believing = [self._believing(m, known, values) for m in models]
        return [model.predict(candidates) for model in believing], weights

    def _believing(self, model: Posterior, known: Observations, values: Floats) -> Posterior:
        if not len(known.pending):
            return model
        believed, _ = model.predict(known.pending)
        return model.with_observations(known.pending, np.concatenate([values, believed]))

    def _looked_at(self, free: Indices, known: Observations, rng: np.random.Generator) -> Indices:
        observed = len(known.points) + len(known.pending)
        quantities = known.values.shape[1] + known.violations.shape[1]
        most = int(np.clip(WORK / quantities / observed**2, LEAST_CANDIDATES, MOST_CANDIDATES))
        if len(free) <= most:
            return free
        best = known.points[np.argsort(-known.values[:, 0])[:NEIGHBOURS_OF]]
        near = [self._neighbours(free, point, most // (4 * NEIGHBOURS_OF)) for point in best]
        sampled = rng.choice(free, size=most, replace=False)
        return np.unique(np.concatenate([sampled, *near]))

    def _neighbours(self, free: Indices, point: int, number: int) -> Indices:
        differing = (self.choices[free] != self.choices[point]).sum(axis=1)
        number = min(number, len(free) - 1)
        return free[np.argpartition(differing, number)[:number]]


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


def robust_scores(values: Floats) -> Floats:
    """Return values on a scale of mean 0 and variance 1 that outliers do not stretch.

    The mean of the standardised values, cut off at two spreads below the median, and of the normal
    scores of their ranks: accuracies have long tails of poor candidates, which must not hide the
    differences among the good ones.
    """
    middle = np.median(values)
    spread = np.median(np.abs(values - middle)) * 1.4826
    if spread < 1e-12:
        spread = values.std()
    if spread < 1e-12:
        return np.zeros(len(values))
    cut = np.clip((values - middle) / spread, -2.5, 4.0)
    _, ranks, counts = np.unique(values, return_inverse=True, return_counts=True)
    middles = np.cumsum(counts) - 0.5 * counts
    normal = ndtri(middles[ranks] / len(values))
    mixed = RANK_SHARE * _standard(normal) + (1 - RANK_SHARE) * _standard(cut)
    return _standard(mixed)


def _of_goal(known: Observations, number: int) -> Evidence:
    """Return what the surrogate of a goal learns from."""
    scaled = np.stack([robust_scores(column) for column in known.values.T], axis=1)
    noise = _scaled_noise(known, scaled)
    of_goal = None if noise is None else noise[:, number]
    return Evidence(known.points, scaled[:, number], of_goal)


def _of_limit(known: Observations, number: int) -> Evidence:
    """Return what the surrogate of a violation learns from."""
    scores = _limit_scores(known.violations[:, number])
    return Evidence(known.points, scores - scores.mean())


_EVIDENCE = {"goal": _of_goal, "limit": _of_limit}


def _limit_scores(violations: Floats) -> Floats:
    spread = violations.std()
    return np.asarray(np.clip(violations / (spread if spread > 1e-12 else 1.0), -3, 3))


def _scaled_noise(known: Observations, scaled: Floats) -> Floats | None:
    """Return the variances of scores, as far as replicates tell those of the values."""
    if known.noise is None:
        return None
    centred = known.values - known.values.mean(axis=0)
    squares = (centred**2).sum(axis=0)
    # How much a score changes with its value, on average: scores are a bent scale.
    slopes = (centred * scaled).sum(axis=0) / np.where(squares > 0, squares, 1.0)
    return np.asarray(known.noise * slopes**2)


def _standard(values: Floats) -> Floats:
    spread = values.std()
    return np.asarray((values - values.mean()) / (spread if spread > 1e-12 else 1.0))


def _mixed(models: list[tuple[Floats, Floats]], weights: Floats) -> tuple[Floats, Floats]:
    """Return the mean and the variance of a mixture of normal distributions."""
    means = np.array([mean for mean, _ in models])
    variances = np.array([variance for _, variance in models])
    mean = weights @ means
    return mean, weights @ (variances + (means - mean) ** 2)


def _is_met(violations: Floats) -> NDArray[np.bool_]:
    return np.asarray((np.nan_to_num(violations, nan=0.0) <= 0).all(axis=1))
