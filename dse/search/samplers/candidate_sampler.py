"""Optuna samplers over a finite pool of candidates, all known beforehand."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from dse.search.samplers.candidate_table import CandidateTable
from dse.search.samplers.observations import KnownObjective, Observations
from dse.search.samplers.pool_graph import PoolGraph
from dse.search.samplers.pool_rows import Floats, Indices, PoolRows
from dse.search.samplers.ranks import ranked
from dse.search.samplers.robust_scores import without_infinities
from dse.search.spread import spread_in

CANDIDATE = "pool:candidate"
"""The attribute that says which candidate a trial is, until its parameters do: its place in the
list, or the ranks of its values where it is not listed."""

_ASKING = threading.RLock()
"""Held while a candidate is chosen and noted: threads of one study ask one after the other."""

Beyond = Callable[[CandidateTable], tuple[NDArray[np.bool_], ArrayLike]]
"""Takes candidates that are not listed; returns which of them may be suggested, and the costs of
each, of shape (candidates, costs), NaN where there is no such candidate."""


_Booked = tuple[int, FrozenTrial]
"""The candidate that a trial is, and the trial."""


class NoCandidateLeftError(ValueError):
    """A sampler of a pool has no candidate to suggest."""


class CandidateSampler(BaseSampler):
    """Keeps the books of a pool: which candidate a trial is, and what is known of it.

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
        self._copies = self.graph.copies()
        self._found: dict[tuple[Any, ...], int | None] = {}
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
        if self._is_complete(fixed):
            return
        with _ASKING:
            others = self._others(study, trial.number)
            is_chosen = False
            while not is_chosen:
                index = self._choose(study, trial, fixed, others)
                before, others = others, self._others(study, trial.number)
                # Another process may have chosen the same meanwhile.
                is_chosen = index in _indices(before) or index not in _indices(others)

    def _choose(
        self, study: Study, trial: FrozenTrial, fixed: Mapping[str, Any], others: Sequence[_Booked]
    ) -> int | None:
        """Note a candidate with a trial, and return its index."""
        known = self._known(study, others)
        has_fixed = self._having(fixed)
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
        return chosen if isinstance(chosen, int) else self._held(chosen)

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
        taken = _indices(self._others(study, trial.number)) | {self._index_of(trial)}
        if len(taken - {None}) >= self.graph.distinct and study._thread_local.in_optimize_loop:
            study.stop()

    def _others(self, study: Study, number: int) -> list[_Booked]:
        """Return all trials of candidates but the one of a number."""
        trials = study.get_trials(deepcopy=False)
        booked = ((self._index_of(trial), trial) for trial in trials if trial.number != number)
        return [(index, trial) for index, trial in booked if index is not None]

    def _known(self, study: Study, trials: Sequence[_Booked]) -> Observations:
        signs = [1.0 if d == StudyDirection.MAXIMIZE else -1.0 for d in study.directions]
        results: list[tuple[int, FrozenTrial]] = []
        pending: list[int] = []
        excluded = self._copies.tolist()
        for index, trial in trials:
            if trial.state == TrialState.COMPLETE:
                results.append((index, trial))
            elif trial.state in (TrialState.RUNNING, TrialState.WAITING):
                pending.append(index)
            else:
                excluded.append(index)
        seen: dict[int, FrozenTrial] = {}
        # Suggestions follow from the results and their order; trials may end in any.
        for index, trial in sorted(results, key=lambda each: _order(each[1])):
            seen.setdefault(index, trial)
        names = sorted({name for trial in seen.values() for name in trial.constraints})
        points = np.array(list(seen), dtype=np.int64)
        listed = np.array([trial.values for trial in seen.values()], dtype=np.float64)
        values = without_infinities(listed.reshape(len(seen), len(signs)))
        return Observations(
            points,
            values * signs,
            np.array(
                [[trial.constraints.get(n, np.nan) for n in names] for trial in seen.values()],
                dtype=np.float64,
            ).reshape(len(seen), len(names)),
            np.array(sorted(set(pending) - set(seen)), dtype=np.int64),
            np.array(excluded, dtype=np.int64),
            tuple(spread_in(trial) for trial in seen.values()),
            {
                objective: KnownObjective(self.rows, cost, signs[objective])
                for objective, cost in self._known_objectives.items()
                if objective < len(signs)
                and np.allclose(values[:, objective], self.rows.costs[points, cost])
            },
        )

    def _index_of(self, trial: FrozenTrial) -> int | None:
        for params in (trial.params, trial.system_attrs.get("fixed_params", {})):
            if self._is_complete(params):
                return self._index_at(params)
        found = trial.system_attrs.get(CANDIDATE)
        if isinstance(found, int):
            return found if found < self.rows.listed else None
        return found if found is None else self._held(found)

    def _is_complete(self, params: Mapping[str, Any]) -> bool:
        return len(params) >= len(self._names) and all(name in params for name in self._names)

    def _having(self, fixed: Mapping[str, Any]) -> NDArray[np.bool_] | None:
        """Return which candidates have the values that some parameters are fixed at, if any are."""
        axes = [axis for axis, name in enumerate(self._names) if name in fixed]
        if not axes:
            return None
        ranks = [self._ranks[axis].get(fixed[self._names[axis]], -1) for axis in axes]
        return np.asarray((self.rows.choices[:, axes] == ranks).all(axis=1))

    def _index_at(self, params: Mapping[str, Any]) -> int | None:
        """Return the candidate that all parameters are, or None."""
        values = tuple([params[name] for name in self._names])
        if values not in self._found:
            self._found[values] = self._looked_up(values)
        return self._found[values]

    def _looked_up(self, values: tuple[Any, ...]) -> int | None:
        pairs = zip(self._ranks, values, strict=True)
        return self._held([ranks.get(value, -1) for ranks, value in pairs])

    def _held(self, choices: Sequence[int]) -> int | None:
        found = int(self.graph.held(np.array([choices], dtype=np.int64))[0])
        return None if found < 0 else found

    def _admitted(self, choices: Indices) -> tuple[NDArray[np.bool_], Floats]:
        """Ask of choices that are not listed."""
        assert self._beyond is not None
        asked = CandidateTable(self.values, choices)
        is_allowed, costs = self._beyond(asked)
        matrix = np.asarray(costs, dtype=np.float64).reshape(len(choices), self.costs.shape[1])
        return np.asarray(is_allowed, dtype=bool), matrix


def _indices(trials: Sequence[_Booked]) -> set[int | None]:
    return {index for index, _ in trials}


def _order(trial: FrozenTrial) -> tuple[datetime, int]:
    return trial.datetime_complete or datetime.min, trial.number


def _cost_matrix(costs: ArrayLike | None, candidates: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    matrix = np.zeros((candidates, 0)) if costs is None else np.asarray(costs, dtype=np.float64)
    if matrix.ndim != 2 or len(matrix) != candidates:
        raise ValueError(f"costs: shape {matrix.shape} is not ({candidates}, number of costs)")
    if not np.isfinite(matrix).all() or (matrix < 0).any():
        raise ValueError("costs: a cost is negative or not finite")
    return matrix
