"""Bayesian optimisation over a pool, as an Optuna sampler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dse.search.samplers.candidate_sampler import Beyond, CandidateSampler
from dse.search.samplers.like_axes import like_axes
from dse.search.samplers.observations import Observations
from dse.search.samplers.pool_rows import Indices
from dse.search.samplers.suggestion import Suggester

INITIAL = 4


class PoolSampler(CandidateSampler):
    """Bayesian optimisation over a finite pool of candidates, none of which is asked twice.

    A Gaussian process reads each candidate by its settings, by its costs and by both, and weighs
    the readings by how well they predict; the candidate of the greatest expected improvement comes
    next (of two objectives: expected hypervolume improvement; of more: improvement of random
    scalarisations). Constraints that the trials report (`trial.set_constraint`) are learned, and
    multiply the improvement by the probability that they are met. Trials that are still running
    are taken to come out as predicted, so batches and parallel workers spread out.

    It needs nothing but Optuna and NumPy, and takes any distribution that the objective suggests,
    as long as that contains the candidates' values:

    >>> import optuna
    >>> candidates = [{"width": w, "kernel": k} for w in (16, 24, 32) for k in ("3x3", "5x5")]
    >>> sampler = PoolSampler(candidates, costs=[[1], [2], [3], [4], [5], [6]], seed=0)
    >>> study = optuna.create_study(sampler=sampler, direction="maximize")
    >>> def objective(trial):
    ...     kernel = trial.suggest_categorical("kernel", ["3x3", "5x5"])
    ...     return trial.suggest_int("width", 16, 32) * (2 if kernel == "5x5" else 1)
    >>> study.optimize(objective, n_trials=6)
    >>> study.best_params
    {'kernel': '5x5', 'width': 32}

    Args:
        candidates: the parameters of each, all of the same names. Candidates that break a budget
            are left out by the caller: they are then never suggested.
        costs: numbers that are known of each candidate beforehand, of shape (candidates,
            costs), such as parameters and multiply-accumulates; None for none.
        hints: numbers that may tell something of the objective, of shape (candidates, hints), NaN
            where unknown, such as training-free scores or what `earlier_hint` predicts. They are
            trusted as they predict.
        ordered: which parameters stand in an order; by default those whose values are all numbers.
        known_objectives: the objectives that are costs, by their numbers: the number of the cost.
            They are not learned.
        seed: for reproducible suggestions; None for a seed of the system's.
        initial: candidates before the process is asked: they stand for the whole pool; of four and
            more, two are the dearest and the cheapest.
        beyond: tells of candidates that are not listed, where there are more than can be: those
            that were drawn are listed then, and local search goes on from the most promising ones.
            It takes a table of candidates, of values that occur in the list, and returns which of
            them may be suggested, and their costs, NaN where there is no such candidate.

    Raises:
        ValueError: for an empty pool, candidates of different parameters, or costs of another
            shape or that are not finite.
    """

    def __init__(
        self,
        candidates: Sequence[Mapping[str, Any]],
        costs: ArrayLike | None = None,
        *,
        hints: ArrayLike | None = None,
        ordered: Mapping[str, bool] | None = None,
        known_objectives: Mapping[int, int] | None = None,
        seed: int | None = None,
        initial: int = INITIAL,
        beyond: Beyond | None = None,
    ) -> None:
        if initial < 1:
            raise ValueError(f"initial: {initial} is not positive")
        self._initial = initial
        self.hints = None if hints is None else _hint_matrix(hints, len(candidates))
        super().__init__(
            candidates,
            costs,
            ordered=ordered,
            known_objectives=known_objectives,
            seed=seed,
            beyond=beyond,
        )

    def start(self, seed: int) -> None:
        """Set up the process."""
        self._suggester = Suggester(
            self.graph, self.ordered, like_axes(self.values), seed, self._initial
        )

    def suggest(self, known: Observations) -> int | Indices | None:
        """Return the candidate of the greatest expected improvement."""
        return self._suggester.suggest(known)


def _hint_matrix(hints: ArrayLike, candidates: int) -> NDArray[np.float64]:
    matrix = np.asarray(hints, dtype=np.float64)
    if matrix.ndim != 2 or len(matrix) != candidates:
        raise ValueError(f"hints: shape {matrix.shape} is not ({candidates}, number of hints)")
    return matrix
