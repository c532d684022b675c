"""An Optuna sampler for problems whose candidates are all known beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from dse.search.samplers.suggestion import Observations, Suggester

INITIAL = 6
_CANDIDATE = "pool:candidate"


class PoolSampler(BaseSampler):
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
        costs: positive numbers that are known of each candidate beforehand, of shape (candidates,
            costs), such as parameters and multiply-accumulates; None for none.
        ordered: which parameters stand in an order; by default those whose values are all numbers.
        seed: for reproducible suggestions; None for a seed of the system's.
        initial: candidates that are spread over the pool before the process is asked.

    Raises:
        ValueError: for an empty pool, candidates of different parameters, or costs of another
            shape or that are not finite.
    """

    def __init__(
        self,
        candidates: Sequence[Mapping[str, Any]],
        costs: ArrayLike | None = None,
        *,
        ordered: Mapping[str, bool] | None = None,
        seed: int | None = None,
        initial: int = INITIAL,
    ) -> None:
        if not candidates:
            raise ValueError("the pool holds no candidates")
        if initial < 1:
            raise ValueError(f"initial: {initial} is not positive")
        self._names = list(candidates[0])
        self._candidates = [dict(candidate) for candidate in candidates]
        for index, candidate in enumerate(self._candidates):
            if candidate.keys() != self._candidates[0].keys():
                raise ValueError(f"candidate {index} has other parameters than candidate 0")
        self._costs = _cost_matrix(costs, len(candidates))
        self._ordered = dict(ordered or {})
        for name in self._ordered:
            if name not in self._names:
                raise ValueError(f"ordered: no candidate has a parameter {name!r}")
        self._index: dict[tuple[Any, ...] | None, int] = {
            self._identity(c): i for i, c in reversed([*enumerate(self._candidates)])
        }
        self._initial = initial
        self._given_seed = seed
        self.reseed_rng() if seed is None else self._start(seed)

    def reseed_rng(self) -> None:
        """Draw a new seed, unless one was given."""
        if self._given_seed is None:
            self._start(int(np.random.default_rng().integers(2**31)))

    def _start(self, seed: int) -> None:
        columns, ordered = [], []
        for name in self._names:
            values = list(dict.fromkeys(candidate[name] for candidate in self._candidates))
            is_numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
            if is_numeric:
                values.sort()
            rank = {value: number for number, value in enumerate(values)}
            columns.append([rank[candidate[name]] for candidate in self._candidates])
            ordered.append(self._ordered.get(name, is_numeric))
        choices = np.array(columns, dtype=np.int64).reshape(len(self._names), -1).T
        if not self._names:
            choices = np.zeros((len(self._candidates), 0), dtype=np.int64)
        self._suggester = Suggester(choices, ordered, self._costs, seed, self._initial)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Choose the trial's candidate, unless the trial was queued with all its parameters.

        Raises:
            ValueError: once every candidate was asked.
        """
        fixed = trial.system_attrs.get("fixed_params", {})
        if self._identity(fixed) in self._index:
            return
        index = self._suggester.suggest(self._known(study, trial.number))
        if index is None:
            raise ValueError(f"all {len(self._candidates)} candidates of the pool were asked")
        study._storage.set_trial_system_attr(trial._trial_id, _CANDIDATE, index)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return nothing: every parameter is that of the trial's candidate."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return nothing, likewise."""
        return {}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Return a parameter of the trial's candidate.

        Raises:
            ValueError: for a parameter that the candidates do not have, or a distribution that
                does not contain the candidate's value.
        """
        if param_name not in self._names:
            known = ", ".join(map(str, self._names))
            raise ValueError(f"the candidates have no parameter {param_name!r}, only {known}")
        attributes = study._storage.get_trial_system_attrs(trial._trial_id)
        value = self._candidates[attributes[_CANDIDATE]][param_name]
        if not param_distribution._contains(param_distribution.to_internal_repr(value)):
            raise ValueError(f"{param_name}: {param_distribution} does not contain {value!r}")
        return value

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Stop `study.optimize` once every candidate was asked."""
        taken = {self._index_of(other) for other in study.get_trials(deepcopy=False)}
        taken.add(self._index_of(trial))
        if len(taken - {None}) >= len(self._index) and study._thread_local.in_optimize_loop:
            study.stop()

    def _known(self, study: Study, number: int) -> Observations:
        signs = [1.0 if d == StudyDirection.MAXIMIZE else -1.0 for d in study.directions]
        seen: dict[int, FrozenTrial] = {}
        pending: list[int] = []
        excluded: list[int] = []
        for trial in study.get_trials(deepcopy=False):
            index = self._index_of(trial)
            if index is None or trial.number == number:
                continue
            if trial.state == TrialState.COMPLETE:
                seen.setdefault(index, trial)
            elif trial.state in (TrialState.RUNNING, TrialState.WAITING):
                pending.append(index)
            else:
                excluded.append(index)
        names = sorted({name for trial in seen.values() for name in trial.constraints})
        return Observations(
            np.array(list(seen), dtype=np.int64),
            np.array([trial.values for trial in seen.values()], dtype=np.float64).reshape(
                len(seen), len(signs)
            )
            * signs,
            np.array(
                [[trial.constraints.get(n, np.nan) for n in names] for trial in seen.values()],
                dtype=np.float64,
            ).reshape(len(seen), len(names)),
            np.array(sorted(set(pending) - set(seen)), dtype=np.int64),
            np.array(excluded, dtype=np.int64),
        )

    def _index_of(self, trial: FrozenTrial) -> int | None:
        for params in (trial.params, trial.system_attrs.get("fixed_params", {})):
            identity = self._identity(params)
            if identity in self._index:
                return self._index[identity]
        found = trial.system_attrs.get(_CANDIDATE)
        return None if found is None else int(found)

    def _identity(self, params: Mapping[str, Any]) -> tuple[Any, ...] | None:
        if any(name not in params for name in self._names):
            return None
        return tuple(params[name] for name in self._names)


def _cost_matrix(costs: ArrayLike | None, candidates: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    matrix = np.zeros((candidates, 0)) if costs is None else np.asarray(costs, dtype=np.float64)
    if matrix.ndim != 2 or len(matrix) != candidates:
        raise ValueError(f"costs: shape {matrix.shape} is not ({candidates}, number of costs)")
    if not np.isfinite(matrix).all() or (matrix < 0).any():
        raise ValueError("costs: a cost is negative or not finite")
    return matrix
