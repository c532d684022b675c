"""Which candidate of a pool to evaluate next, given what was observed: no Optuna here."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from typing import Any

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
from dse.search.samplers.design import representative_design
from dse.search.samplers.gaussian_kernels import Floats, Indices
from dse.search.samplers.like_axes import LikeAxes
from dse.search.samplers.observations import Observations
from dse.search.samplers.readings import readings, spread_columns, tree_columns
from dse.search.samplers.robust_scores import robust_scores, standard
from dse.search.samplers.surrogate import USED, Evidence, Surrogate, learning_sizes

Predicted = tuple[Floats, Floats, float]
"""Means and variances of the candidates, and the greatest mean of what was observed."""

MOST_ROWS = 4e6
"""Candidates that are looked at times observations: of a larger pool some are drawn."""

NEIGHBOURS_OF = 5
"""The best candidates whose neighbours are always looked at."""

PATIENCE = 8.0
"""Evaluations without an improvement after which variances are taken to be twice as large."""

WIDEST = 9.0
"""How much larger they are taken to be at most: three times the deviations."""


@dataclass
class Suggester:
    """Suggests candidates of one pool.

    Args:
        choices: of shape (candidates, dimensions).
        ordered: whether the choices of each dimension stand in an order.
        costs: of shape (candidates, costs), possibly with no columns.
        alike: dimensions that choose from one set.
        hints: of shape (candidates, hints), NaN where unknown; trusted as they predict.
        seed: of the first candidates and of all other draws.
        initial: how many candidates stand for the whole pool before a surrogate is asked.
    """

    choices: Indices
    ordered: Sequence[bool]
    costs: Floats
    alike: Sequence[LikeAxes]
    hints: Floats | None
    seed: int
    initial: int
    _surrogates: dict[tuple[str, int], Surrogate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._spread = spread_columns(self.choices, self.ordered, self.costs)
        given = self.choices, self.ordered, self.costs, self.alike, self.hints
        self._kernels = readings(*given)
        self._trees = tree_columns(*given)
        self._looked_at = np.arange(len(self.choices))
        self._design = representative_design(self._spread, self.initial, self.seed)

    def suggest(self, known: Observations) -> int | None:
        """Return the index of a candidate that is neither known nor pending, or None."""
        # Matrices this small are slower on several threads, by far where others use the processors.
        with _one_thread():
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
        self._looked_at = self._look(known)
        scores = self._improvement(known, rng) + self._feasibility(known)
        scores[taken[self._looked_at]] = -np.inf
        if np.isneginf(scores).all():
            # All that were looked at are taken.
            return int(rng.choice(free))
        return int(self._looked_at[np.argmax(scores)])

    def _improvement(self, known: Observations, rng: np.random.Generator) -> Floats:
        met = _is_met(known.violations)
        if not met.any():
            return np.zeros(len(self._looked_at))
        goals, given = range(known.values.shape[1]), (known, met)
        predictions = [
            self._exact(known, each) if each in known.exact else self._predict("goal", each, *given)
            for each in goals
        ]
        if len(predictions) == 1:
            ((models, weights),) = predictions
            wider = _widening(known.values[:, 0], met)
            logs = [log_expected_improvement(m, wider * v, best) for m, v, best in models]
            return averaged(np.array(logs), weights)
        means, variances = zip(*(_mixed(*each) for each in predictions), strict=True)
        mean, variance = np.stack(means, axis=1), np.stack(variances, axis=1)
        scaled = np.stack([_scaled(known, each) for each in goals], axis=1)
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

    def _look(self, known: Observations) -> Indices:
        """Return the candidates to look at: all, or the neighbours of the best ones and others.

        They stay the same until the surrogates learn anew, so that predictions only grow.
        """
        size = learning_sizes(len(known.points), self.initial)[-1]
        number, most = len(self.choices), int(MOST_ROWS / min(size, USED))
        if number <= most:
            return np.arange(number)
        then = known.first(size)
        best = then.points[np.argsort(-then.values[:, 0])[:NEIGHBOURS_OF]]
        near = [
            np.argpartition((self.choices != self.choices[point]).sum(axis=1), each)[:each]
            for point in best
            for each in (most // (4 * NEIGHBOURS_OF),)
        ]
        drawn = np.random.default_rng((self.seed, size)).choice(number, size=most, replace=False)
        return np.unique(np.concatenate([drawn, *near]))

    def _exact(self, known: Observations, number: int) -> tuple[list[Predicted], Floats]:
        """Return what is known of a goal beforehand as predictions without a doubt."""
        of_all = standard(known.exact[number][self._looked_at], known.values[:, number])
        return [(of_all, np.full(len(of_all), 1e-12), of_all.max())], np.ones(1)

    def _feasibility(self, known: Observations) -> Floats:
        """Return the log probability that all constraints on measurements are met."""
        total = np.zeros(len(self._looked_at))
        for number, column in enumerate(known.violations.T):
            seen = np.isfinite(column)
            if seen.sum() < 2 or column[seen].std() < 1e-12:
                continue
            centre = _limit_scores(column[seen]).mean()
            part = known.only(seen)
            models, weights = self._predict("limit", number, part, seen[seen])
            logs = np.array([log_probability_below(m, v, -centre) for m, v, _ in models])
            total += averaged(logs, weights)
        return total

    def _predict(
        self,
        what: str,
        number: int,
        known: Observations,
        met: NDArray[np.bool_],
    ) -> tuple[list[Predicted], Floats]:
        """Return what each model predicts, and the models' weights."""
        place, evidence = (what, number), _EVIDENCE[what]
        if place not in self._surrogates:
            self._surrogates[place] = Surrogate(self._kernels, self._trees, self.seed, self.initial)
        averaged_over = self._surrogates[place].models(
            len(known.points),
            lambda size: evidence(known.first(size), number),
            self._looked_at,
        )
        used = averaged_over.used
        values, among = evidence(known, number).values[used], met[used]
        among |= not among.any()
        return [
            (*model.predictions(values, known.pending), model.fitted(values)[among].max())
            for model in averaged_over.models
        ], averaged_over.weights


def _one_thread() -> AbstractContextManager[Any]:
    threads = _threads()
    return nullcontext() if threads is None else threads.limit(limits=1, user_api="blas")


@cache
def _threads() -> Any:
    """Return what sets the number of threads; None where it is not installed."""
    if find_spec("threadpoolctl") is None:
        return None
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _widening(values: Floats, met: NDArray[np.bool_]) -> float:
    """Return by how much variances are too small, as the time without an improvement tells."""
    allowed = np.where(met, values, -np.inf)
    stalled = len(allowed) - 1 - int(np.argmax(allowed))
    if stalled % 2:
        # Every other one goes on where it is: what is near may still be better.
        return 1.0
    return float(min(WIDEST, 2 ** (stalled / PATIENCE)))


def _scaled(known: Observations, number: int) -> Floats:
    """Return what was observed of a goal on the scale that improvements are measured on."""
    values = known.values[:, number]
    return standard(values) if number in known.exact else robust_scores(values)


def _of_goal(known: Observations, number: int) -> Evidence:
    """Return what the surrogate of a goal learns from."""
    scaled = robust_scores(known.values[:, number])
    noise = _scaled_noise(known, number, scaled)
    return Evidence(known.points, scaled, noise)


def _of_limit(known: Observations, number: int) -> Evidence:
    """Return what the surrogate of a violation learns from."""
    scores = _limit_scores(known.violations[:, number])
    return Evidence(known.points, scores - scores.mean())


_EVIDENCE = {"goal": _of_goal, "limit": _of_limit}


def _limit_scores(violations: Floats) -> Floats:
    spread = violations.std()
    return np.asarray(np.clip(violations / (spread if spread > 1e-12 else 1.0), -3, 3))


def _scaled_noise(known: Observations, number: int, scaled: Floats) -> Floats | None:
    """Return the variances of scores, as far as replicates tell those of the values."""
    if known.noise is None:
        return None
    centred = known.values[:, number] - known.values[:, number].mean()
    squares = (centred**2).sum()
    # How much a score changes with its value, on average: scores are a bent scale.
    slope = (centred * scaled).sum() / (squares if squares > 0 else 1.0)
    return np.asarray(known.noise[:, number] * slope**2)


def _mixed(models: list[Predicted], weights: Floats) -> tuple[Floats, Floats]:
    """Return the mean and the variance of a mixture of normal distributions."""
    means = np.array([mean for mean, _, _ in models])
    variances = np.array([variance for _, variance, _ in models])
    mean = weights @ means
    return mean, weights @ (variances + (means - mean) ** 2)


def _is_met(violations: Floats) -> NDArray[np.bool_]:
    return np.asarray((np.nan_to_num(violations, nan=0.0) <= 0).all(axis=1))
