"""Candidates that an Optuna sampler proposes, feasible and new ones only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.trial import TrialState

from dse.errors import DseError
from dse.search.candidate_pool import Pool, is_ordered
from dse.search.objective import Direction
from dse.search.samplers import CandidateSampler
from dse.search.spread import Spread
from dse.space import Dimension

REDRAWS = 30
"""Proposals in a row that may be infeasible or known before the nearest candidate is taken."""

SamplerMaker = Callable[[Pool], optuna.samplers.BaseSampler]
"""Makes a sampler for a pool; those of Optuna do not look at it."""


class Proposer:
    """Asks an Optuna study for candidates of a pool, each of them once.

    The study of a sampler that knows the pool has the values of the settings for its parameters.
    Any other sees the dimensions of the grid: the index of an ordered choice, a category for an
    unordered one. It is asked until its proposal is feasible and new; where it does not get there
    or repeats itself, the new candidate nearest to its last proposal takes the place, and that is
    what it is told of. For samplers that draw blindly a candidate is drawn in place.

    Args:
        pool: the candidates.
        make_sampler: makes the sampler; seed it for reproducible proposals.
        directions: `maximize` or `minimize`, for each objective.
        seed: of the draws in place of a blind sampler's.
        key_of: the key of the network at some choices, which other choices may build as well.
        pruner: tells which evaluations are given up, from the values they report.
    """

    def __init__(
        self,
        pool: Pool,
        make_sampler: SamplerMaker,
        directions: Sequence[Direction],
        seed: int,
        key_of: Callable[[Sequence[int]], int],
        pruner: optuna.pruners.BasePruner | None = None,
    ) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.pool = pool
        sampler = make_sampler(pool)
        self.study = optuna.create_study(
            sampler=sampler, directions=directions, pruner=pruner or optuna.pruners.NopPruner()
        )
        self._knows_pool = isinstance(sampler, CandidateSampler)
        self._is_blind = isinstance(
            sampler, optuna.samplers.RandomSampler | optuna.samplers.QMCSampler
        )
        self._is_left = np.ones(len(pool), dtype=bool)
        self._random = np.random.default_rng(seed)
        self._key_of = key_of
        self._by_choices = {tuple(row): i for i, row in enumerate(pool.choices.tolist())}
        if self._knows_pool:
            self._by_values = {tuple(c.values()): i for i, c in enumerate(pool.candidates)}
            self._distributions = value_distributions(pool)
        else:
            self._distributions = index_distributions(pool)

    def __len__(self) -> int:
        """Number of candidates that were not proposed yet."""
        return int(self._is_left.sum())

    def propose(self) -> tuple[optuna.Trial, int]:
        """Return a trial, and the candidate to evaluate for it.

        Raises:
            DseError: where the sampler fails, as it may at options that do not go together.
        """
        if self._knows_pool:
            trial = self._asked()
            index = self._by_values[tuple(trial.params[c] for c in self.pool.columns)]
            self._is_left[index] = False
            return trial, index
        before: list[int] | None = None
        for _ in range(REDRAWS):
            trial = self._asked()
            choices = [trial.params[d.name] for d in self.pool.dimensions]
            found = self._candidate(choices)
            if found is not None and self._is_left[found]:
                self._is_left[found] = False
                return trial, found
            self.study.tell(trial, state=TrialState.FAIL)
            if choices == before:
                # Asked again it says the same; some samplers take long to say it.
                break
            before = choices
        left = np.flatnonzero(self._is_left)
        index = (
            int(self._random.choice(left)) if self._is_blind else self.pool.nearest(choices, left)
        )
        self._is_left[index] = False
        self.study.enqueue_trial(self._params(index))
        return self._asked(), index

    def _asked(self) -> optuna.Trial:
        try:
            return self.study.ask(self._distributions)
        except Exception as error:
            reason = " ".join(str(error).split())
            raise DseError(f"sampler: {type(error).__name__}: {reason}") from error

    def add(
        self,
        index: int,
        values: Sequence[float] | None,
        violations: Mapping[str, float],
        spread: Spread | None = None,
    ) -> None:
        """Tell the study of a candidate that was evaluated before; None for one that failed."""
        self._is_left[index] = False
        trial = optuna.trial.create_trial(
            state=TrialState.FAIL if values is None else TrialState.COMPLETE,
            values=values,
            params=self._params(index),
            distributions=self._distributions,
            constraints=dict(violations),
            user_attrs=spread.attributes() if spread is not None else None,
        )
        self.study.add_trial(trial)

    def tell(
        self,
        trial: optuna.Trial,
        values: Sequence[float] | None,
        violations: Mapping[str, float] | None = None,
        is_pruned: bool = False,
        spread: Spread | None = None,
    ) -> None:
        """Report the values of a trial's candidate, or None where its evaluation failed."""
        for name, attribute in (spread.attributes() if spread is not None else {}).items():
            trial.set_user_attr(name, attribute)
        for name, violation in (violations or {}).items():
            trial.set_constraint(name, violation)
        if is_pruned:
            self.study.tell(trial, state=TrialState.PRUNED)
        elif values is None:
            self.study.tell(trial, state=TrialState.FAIL)
        else:
            self.study.tell(trial, list(values))

    def _candidate(self, choices: Sequence[int]) -> int | None:
        index = self._by_choices.get(tuple(choices))
        return index if index is not None else self.pool.index_of_key.get(self._key_of(choices))

    def _params(self, index: int) -> dict[str, Any]:
        if self._knows_pool:
            return dict(self.pool.candidates[index])
        names = [dimension.name for dimension in self.pool.dimensions]
        return dict(zip(names, self.pool.choices[index].tolist(), strict=True))


def value_distributions(pool: Pool) -> dict[str, BaseDistribution]:
    """Return the distribution of each column of a pool: its values as categories."""
    values: dict[str, dict[Any, None]] = {column: {} for column in pool.columns}
    for candidate in pool.candidates:
        for column, value in candidate.items():
            values[column][value] = None
    return {column: CategoricalDistribution(list(found)) for column, found in values.items()}


def index_distributions(pool: Pool) -> dict[str, BaseDistribution]:
    """Return the distribution of each dimension of a pool: the index of its choice."""
    return {dimension.name: _distribution(dimension) for dimension in pool.dimensions}


def _distribution(dimension: Dimension) -> BaseDistribution:
    size = len(dimension.choices)
    if is_ordered(dimension):
        return IntDistribution(0, size - 1)
    return CategoricalDistribution(list(range(size)))
