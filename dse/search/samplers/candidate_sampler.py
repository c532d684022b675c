"""Optuna samplers over a finite pool of candidates, all known beforehand."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from dse.search.samplers.candidate_table import CandidateTable
from dse.search.samplers.observations import Observations
from dse.search.samplers.pool_books import CANDIDATE, Booked, PoolBooks, indices
from dse.search.samplers.pool_graph import PoolGraph
from dse.search.samplers.pool_rows import Floats, Indices, PoolRows
from dse.search.samplers.ranks import ranked

_ASKING = threading.RLock()
"""Held while a candidate is chosen and noted: threads of one study ask one after the other."""

Beyond = Callable[[CandidateTable], tuple[NDArray[np.bool_], ArrayLike]]
"""Takes candidates that are not listed; returns which of them may be suggested, and the costs of
each, of shape (candidates, costs), NaN where there is no such candidate."""


class NoCandidateLeftError(ValueError):
    """A sampler of a pool has no candidate to suggest."""


class CandidateSampler(BaseSampler):
    """Chooses a candidate of a pool for each trial of a study.

    A sampler says in `suggest` which candidate comes next, and in `start` what it sets up from a
    seed. The candidate of a trial is chosen once, before its parameters are asked for one by one.
    A suggestion should follow from the seed and from what is known alone: then a study that was cut
    short goes on as it would have, and any process that takes part may ask.
    Both are yours to override; they find the pool in `candidates`, in `costs`, and in `choices`, of
    shape (candidates, parameters): the rank of each value, which means something where `ordered`.
    `rows` holds costs and choices of what is beyond the list as well, as far as it is known.

    >>> class Cheapest(CandidateSampler):
    ...     def start(self, seed):
    ...         pass
    ...     def suggest(self, known):
    ...         free = np.flatnonzero(~known.is_taken(len(self.candidates)))
    ...         return int(free[self.costs[free, 0].argmin()]) if len(free) else None

    Args:
        candidates: the parameters of each, all of the same names. Of the same parameters the first
            stands for all.
        costs: of shape (candidates, costs), known of each candidate beforehand; None for none.
        ordered: which parameters stand in an order; by default those whose values are all numbers.
        known_objectives: the objectives that are costs, by their numbers: the number of the cost.
            One whose values turn out to be others is learned as any.
        seed: for reproducible suggestions; None for a seed of the system's.
        beyond: tells of candidates that are not listed, of values that occur in the list; None
            where all are listed.

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
        known_objectives: Mapping[int, int] | None = None,
        seed: int | None = None,
        beyond: Beyond | None = None,
    ) -> None:
        self.candidates = CandidateTable.of(candidates)
        self._names = self.candidates.names
        for name in ordered or {}:
            if name not in self._names:
                raise ValueError(f"ordered: no candidate has a parameter {name!r}")
        self.costs = _cost_matrix(costs, len(candidates))
        self._known_objectives = dict(known_objectives or {})
        for objective, cost in self._known_objectives.items():
            if not 0 <= cost < self.costs.shape[1]:
                raise ValueError(f"known_objectives: objective {objective}: no cost {cost}")
        self.choices, self.ordered, self._ranks = ranked(self.candidates, ordered or {})
        self._values = [list(ranks) for ranks in self._ranks]
        self._beyond = beyond
        self.rows = PoolRows(self.choices, self.costs, self.hints)
        self.graph = PoolGraph(self.rows, None if beyond is None else self._admitted)
        self._books = PoolBooks(self._names, self._ranks, self.rows, self.graph)
        self._given_seed = seed
        self.start(int(np.random.default_rng().integers(2**31)) if seed is None else seed)

    hints: Floats | None = None
    """Numbers that may tell something of the objective, where a sampler looks at any."""

    @abstractmethod
    def start(self, seed: int) -> None:
        """Set up what depends on a seed."""

    @abstractmethod
    def suggest(self, known: Observations) -> int | Indices | None:
        """Return a candidate that is not known, or None where all are.

        Returns:
            its index, or its choices where it is not listed.
        """

    @property
    def values(self) -> dict[str, list[Any]]:
        """The values of each parameter, in the order of the choices."""
        return dict(zip(self._names, self._values, strict=True))

    def parameters(self, trial: FrozenTrial) -> dict[str, Any]:
        """Return the parameters of the candidate that was chosen for a trial."""
        found = trial.system_attrs[CANDIDATE]
        if isinstance(found, int):
            return self.candidates[found]
        chosen = zip(self._names, self._values, found, strict=True)
        return {name: values[rank] for name, values, rank in chosen}

    def reseed_rng(self) -> None:
        """Draw a new seed, unless one was given."""
        if self._given_seed is None:
            self.start(int(np.random.default_rng().integers(2**31)))

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Choose the trial's candidate, unless the trial was queued with all its parameters.

        Where it was queued with some of them, candidates that have these come first.

        Raises:
            NoCandidateLeftError: once every candidate was asked.
        """
        fixed = trial.system_attrs.get("fixed_params", {})
        if self._books.is_complete(fixed):
            return
        with _ASKING:
            others = self._books.others(study, trial.number)
            is_chosen = False
            while not is_chosen:
                index = self._choose(study, trial, fixed, others)
                before, others = others, self._books.others(study, trial.number)
                # Another process may have chosen the same meanwhile.
                is_chosen = index in indices(before) or index not in indices(others)

    def _choose(
        self, study: Study, trial: FrozenTrial, fixed: Mapping[str, Any], others: Sequence[Booked]
    ) -> int | None:
        """Note a candidate with a trial, and return its index."""
        known = self._books.known(study, others, self._known_objectives)
        has_fixed = self._books.having(fixed)
        if has_fixed is not None and not known.is_taken(len(self.rows))[has_fixed].all():
            excluded = np.concatenate([known.excluded, np.flatnonzero(~has_fixed)])
            known = replace(known, excluded=excluded)
        found = self.suggest(known)
        if found is None:
            more = ", and no other was found" if self.graph.is_open else ""
            number = self.graph.distinct
            raise NoCandidateLeftError(f"all {number} candidates of the pool were asked{more}")
        chosen = found if isinstance(found, int) else found.tolist()
        study._storage.set_trial_system_attr(trial._trial_id, CANDIDATE, chosen)
        return chosen if isinstance(chosen, int) else self._books.held(chosen)

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
        value = self.parameters(study._storage.get_trial(trial._trial_id))[param_name]
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
        if self.graph.is_open:
            return
        taken = indices(self._books.others(study, trial.number)) | {self._books.index_of(trial)}
        if len(taken - {None}) >= self.graph.distinct and study._thread_local.in_optimize_loop:
            study.stop()

    def _admitted(self, choices: Indices) -> tuple[NDArray[np.bool_], Floats]:
        """Ask of choices that are not listed."""
        assert self._beyond is not None
        asked = CandidateTable(self.values, choices)
        is_allowed, costs = self._beyond(asked)
        matrix = np.asarray(costs, dtype=np.float64).reshape(len(choices), self.costs.shape[1])
        return np.asarray(is_allowed, dtype=bool), matrix


def _cost_matrix(costs: ArrayLike | None, candidates: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    matrix = np.zeros((candidates, 0)) if costs is None else np.asarray(costs, dtype=np.float64)
    if matrix.ndim != 2 or len(matrix) != candidates:
        raise ValueError(f"costs: shape {matrix.shape} is not ({candidates}, number of costs)")
    if not np.isfinite(matrix).all():
        raise ValueError("costs: a cost is not finite")
    return matrix
