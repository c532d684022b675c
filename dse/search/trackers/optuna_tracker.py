"""A study in a storage of Optuna's, for optuna-dashboard and other tools of Optuna."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from dse.configs import without_passwords
from dse.errors import DseError
from dse.search.trackers.tracker import StudyTracker, TrackedStudy, TrackedTrial

KEY = "key"
"""The attribute of a trial that holds its candidate's key."""

SHOWN_CONSTRAINTS = "constraints"
"""The attribute that optuna-dashboard reads; `Trial.set_constraint` writes others."""

_STATES = {
    "running": TrialState.RUNNING,
    "done": TrialState.COMPLETE,
    "failed": TrialState.FAIL,
    "pruned": TrialState.PRUNED,
}


class OptunaTracker(StudyTracker):
    """Writes trials as they begin and end, with real times, steps and constraints.

    A study of the name is added to: a candidate that it holds is left as it is. Axes of numbers are
    numbers there. Costs and everything measured are attributes of the trials.

    Args:
        url: of the storage, such as `sqlite:///optuna.db`.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def begin(self, study: TrackedStudy) -> None:
        """Open the storage and the study in it.

        Raises:
            DseError: for a storage that cannot be opened, or a study of other goals.
        """
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        named = without_passwords(self._url)
        directions = [StudyDirection[each.upper()] for each in study.goals.values()]
        try:
            made = optuna.create_study(
                storage=self._url, study_name=study.name, directions=directions, load_if_exists=True
            )
        except (SQLAlchemyError, ImportError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise DseError(f"to_optuna: cannot open {named!r}: {reason}") from error
        if made.directions != directions:
            raise DseError(f"to_optuna: study {study.name!r} in {named} has other goals")
        if len(directions) > 1:
            made.set_metric_names(list(study.goals))
        self._storage = optuna.storages.get_storage(self._url)
        self._study_id = self._storage.get_study_id_from_name(study.name)
        self._distributions = {name: distribution_of(values) for name, values in study.axes.items()}
        there = made.get_trials(deepcopy=False)
        self._ended = {t.user_attrs.get(KEY) for t in there if t.state.is_finished()}
        id_of = self._storage.get_trial_id_from_study_id_trial_number
        self._open = {
            str(trial.user_attrs.get(KEY)): id_of(self._study_id, trial.number)
            for trial in there
            if not trial.state.is_finished()
        }

    def trial_began(self, trial: TrackedTrial) -> None:
        """Add a trial that is running."""
        key = str(trial.key)
        if key not in self._ended and key not in self._open:
            self._open[key] = self._add(trial)

    def reported(self, trial: TrackedTrial, step: int, value: float) -> None:
        """Add what a running trial reported."""
        id = self._open.get(str(trial.key))
        if id is not None:
            self._storage.set_trial_intermediate_value(id, step, value)

    def trial_ended(self, trial: TrackedTrial) -> None:
        """Note how a trial ended; one that began elsewhere is added as a whole."""
        key = str(trial.key)
        if key in self._ended:
            return
        self._ended.add(key)
        id = self._open.pop(key, None)
        if id is None:
            self._add(trial)
            return
        for name, value in self._attributes(trial).items():
            self._storage.set_trial_user_attr(id, name, value)
        for name, value in _constraints(trial).items():
            self._storage.set_trial_system_attr(id, name, value)
        self._storage.set_trial_state_values(id, _STATES[trial.state], trial.values)

    def end(self) -> None:
        """Let go of the storage."""
        self._storage.remove_session()

    def _add(self, trial: TrackedTrial) -> int:
        return self._storage.create_new_trial(self._study_id, self._frozen(trial))

    def _frozen(self, trial: TrackedTrial) -> FrozenTrial:
        started = trial.started or datetime.now()
        return FrozenTrial(
            number=-1,
            trial_id=-1,
            state=_STATES[trial.state],
            value=None,
            values=trial.values,
            datetime_start=started,
            datetime_complete=None if trial.state == "running" else trial.finished or started,
            params={name: trial.settings[name] for name in self._distributions},
            distributions=self._distributions,
            user_attrs=self._attributes(trial),
            system_attrs=_constraints(trial),
            intermediate_values=dict(trial.steps),
        )

    def _attributes(self, trial: TrackedTrial) -> dict[str, Any]:
        # A key is larger than the whole numbers that a browser holds.
        identity = {KEY: str(trial.key), "id": trial.id}
        attributes: dict[str, Any] = {**identity, **trial.costs, **trial.numbers}
        return attributes | ({"error": trial.error} if trial.error else {})


def distribution_of(values: Sequence[Any]) -> BaseDistribution:
    """Return a distribution that holds some values: of numbers, or else of categories."""
    if any(isinstance(v, bool) or not isinstance(v, int | float) for v in values):
        return CategoricalDistribution(list(values))
    low, high = min(values), max(values)
    if all(isinstance(value, int) for value in values):
        return IntDistribution(low, high)
    return FloatDistribution(low, high)


def _constraints(trial: TrackedTrial) -> dict[str, Any]:
    """Return constraints as Optuna reads them, and as its dashboard does."""
    if not trial.violations:
        return {}
    each = {f"{SHOWN_CONSTRAINTS}:{name}": value for name, value in trial.violations.items()}
    return {SHOWN_CONSTRAINTS: list(trial.violations.values()), **each}
