"""The books of a pool: which candidate a trial is, and what the trials of a study tell of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from dse.search.samplers.observations import KnownObjective, Observations
from dse.search.samplers.pool_graph import PoolGraph
from dse.search.samplers.pool_rows import PoolRows
from dse.search.samplers.robust_scores import without_infinities
from dse.search.spread import spread_in

CANDIDATE = "pool:candidate"
"""The attribute that says which candidate a trial is, until its parameters do: its place in the
list, or the ranks of its values where it is not listed."""

Booked = tuple[int, FrozenTrial]
"""The candidate that a trial is, and the trial."""


class PoolBooks:
    """Tells which candidate a trial is.

    Args:
        names: of the parameters.
        ranks: of each parameter, the choice that each of its values is.
        rows: the candidates, those beyond the list as far as they are known.
        graph: finds a candidate by its choices.
    """

    def __init__(
        self,
        names: Sequence[str],
        ranks: Sequence[Mapping[Any, int]],
        rows: PoolRows,
        graph: PoolGraph,
    ) -> None:
        self._names, self._ranks, self._rows, self._graph = names, ranks, rows, graph
        self._copies = graph.copies()
        self._found: dict[tuple[Any, ...], int | None] = {}

    def index_of(self, trial: FrozenTrial) -> int | None:
        """Return the candidate that a trial is; None where it is none of the pool, or has none."""
        for params in (trial.params, trial.system_attrs.get("fixed_params", {})):
            if self.is_complete(params):
                return self._index_at(params)
        found = trial.system_attrs.get(CANDIDATE)
        if isinstance(found, int):
            return found if found < self._rows.listed else None
        return found if found is None else self.held(found)

    def is_complete(self, params: Mapping[str, Any]) -> bool:
        """Return whether parameters say which candidate is meant."""
        return len(params) >= len(self._names) and all(name in params for name in self._names)

    def having(self, fixed: Mapping[str, Any]) -> NDArray[np.bool_] | None:
        """Return which candidates have the values that some parameters are fixed at, if any are."""
        axes = [axis for axis, name in enumerate(self._names) if name in fixed]
        if not axes:
            return None
        ranks = [self._ranks[axis].get(fixed[self._names[axis]], -1) for axis in axes]
        return np.asarray((self._rows.choices[:, axes] == ranks).all(axis=1))

    def held(self, choices: Sequence[int]) -> int | None:
        """Return the candidate of some choices, or None."""
        found = int(self._graph.held(np.array([choices], dtype=np.int64))[0])
        return None if found < 0 else found

    def others(self, study: Study, number: int) -> list[Booked]:
        """Return all trials of candidates but the one of a number."""
        trials = study.get_trials(deepcopy=False)
        booked = ((self.index_of(trial), trial) for trial in trials if trial.number != number)
        return [(index, trial) for index, trial in booked if index is not None]

    def known(
        self, study: Study, trials: Sequence[Booked], known_objectives: Mapping[int, int]
    ) -> Observations:
        """Return what trials tell of candidates.

        Args:
            study: that they are of.
            trials: that ended, and that run.
            known_objectives: the cost that an objective is said to be, by their numbers.
        """
        signs = [1.0 if d == StudyDirection.MAXIMIZE else -1.0 for d in study.directions]
        results: list[Booked] = []
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
                objective: KnownObjective(self._rows, cost, signs[objective])
                for objective, cost in known_objectives.items()
                if objective < len(signs)
                and np.allclose(values[:, objective], self._rows.costs[points, cost])
            },
        )

    def _index_at(self, params: Mapping[str, Any]) -> int | None:
        """Return the candidate that all parameters are, or None."""
        values = tuple([params[name] for name in self._names])
        if values not in self._found:
            pairs = zip(self._ranks, values, strict=True)
            self._found[values] = self.held([ranks.get(value, -1) for ranks, value in pairs])
        return self._found[values]


def indices(trials: Sequence[Booked]) -> set[int | None]:
    """Return the candidates that trials are."""
    return {index for index, _ in trials}


def _order(trial: FrozenTrial) -> tuple[datetime, int]:
    return trial.datetime_complete or datetime.min, trial.number
