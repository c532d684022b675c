"""The trials that one proposal sees, as an Optuna storage."""

from __future__ import annotations

import copy
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

_STUDY = 0


class SeenTrials(BaseStorage):
    """Holds one study; what is seen is put in, and what a proposal adds is taken out again.

    A sampler or a pruner of Optuna finds in it all that it would find in a storage of Optuna's. The
    study itself is kept elsewhere, by whoever asks.
    """

    def __init__(self, name: str, directions: Sequence[StudyDirection]) -> None:
        self._name, self._directions = name, list(directions)
        self._trials: list[FrozenTrial] = []
        self._attributes: dict[str, Any] = {}
        self._user_attributes: dict[str, Any] = {}

    def show(self, trials: Iterable[FrozenTrial], attributes: Mapping[str, Any]) -> None:
        """Hold these trials, which are numbered from 0 on, and these attributes of the study."""
        self._trials = list(trials)
        self._attributes = dict(attributes)

    def replace_attributes(self, trial_id: int, attributes: Mapping[str, Any]) -> None:
        """Set what samplers and pruners keep with a trial, in place of what there is."""
        self._changed(trial_id).system_attrs = dict(attributes)

    def add_running(self, trial: FrozenTrial) -> int:
        """Add a trial that is under way; return its id."""
        self._trials.append(trial)
        return len(self._trials) - 1

    def create_new_study(
        self, directions: Sequence[StudyDirection], study_name: str | None = None
    ) -> int:
        """Return the id of the one study."""
        return _STUDY

    def delete_study(self, study_id: int) -> None:
        """Refuse, as the study is kept elsewhere."""
        raise NotImplementedError("a study that is seen cannot be deleted")

    def set_study_user_attr(self, study_id: int, key: str, value: Any) -> None:
        """Note an attribute of the study."""
        self._user_attributes[key] = value

    def set_study_system_attr(self, study_id: int, key: str, value: Any) -> None:
        """Note what a sampler keeps with the study."""
        self._attributes[key] = value

    def get_study_id_from_name(self, study_name: str) -> int:
        """Return the id of the one study."""
        return _STUDY

    def get_study_name_from_id(self, study_id: int) -> str:
        """Return the name of the study."""
        return self._name

    def get_study_directions(self, study_id: int) -> list[StudyDirection]:
        """Return the direction of each goal."""
        return self._directions

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        """Return the attributes of the study."""
        return self._user_attributes

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        """Return what samplers keep with the study."""
        return self._attributes

    def get_all_studies(self) -> list[Any]:
        """Refuse, as the study is kept elsewhere."""
        raise NotImplementedError("a study that is seen is not listed")

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        """Add a trial that is under way; return its id, which is its number."""
        if template_trial is not None:
            raise NotImplementedError("trials that are seen are shown as a whole")
        return self.add_running(running_trial(len(self._trials)))

    def set_trial_param(
        self,
        trial_id: int,
        param_name: str,
        param_value_internal: float,
        distribution: BaseDistribution,
    ) -> None:
        """Set a parameter of a trial."""
        value = distribution.to_external_repr(param_value_internal)
        trial = self._changed(trial_id)
        trial.params = {**trial.params, param_name: value}
        trial.distributions = {**trial.distributions, param_name: distribution}

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        """Set how a trial came out."""
        trial = self._changed(trial_id)
        trial.state = state
        if values is not None:
            trial.values = list(values)
        return True

    def set_trial_intermediate_value(
        self, trial_id: int, step: int, intermediate_value: float
    ) -> None:
        """Set what a trial reported at a step."""
        trial = self._changed(trial_id)
        trial.intermediate_values = {**trial.intermediate_values, step: intermediate_value}

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Note an attribute of a trial."""
        trial = self._changed(trial_id)
        trial.user_attrs = {**trial.user_attrs, key: value}

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Note what a sampler or a pruner keeps with a trial."""
        trial = self._changed(trial_id)
        trial.system_attrs = {**trial.system_attrs, key: value}

    def _changed(self, trial_id: int) -> FrozenTrial:
        """Return a copy of a trial that takes its place: others may hold the one before."""
        self._trials[trial_id] = copy.copy(self.get_trial(trial_id))
        return self._trials[trial_id]

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """Return a trial.

        Raises:
            KeyError: for one that is not there.
        """
        if not 0 <= trial_id < len(self._trials):
            raise KeyError(f"there is no trial {trial_id}")
        return self._trials[trial_id]

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        """Return the trials, or those of some states."""
        if states == (TrialState.WAITING,):
            return []
        found = [each for each in self._trials if states is None or each.state in states]
        return copy.deepcopy(found) if deepcopy else found


def running_trial(number: int) -> FrozenTrial:
    """Return a trial that is under way, of which nothing is known."""
    return FrozenTrial(
        number=number,
        state=TrialState.RUNNING,
        value=None,
        datetime_start=None,
        datetime_complete=None,
        params={},
        distributions={},
        user_attrs={},
        system_attrs={},
        intermediate_values={},
        trial_id=number,
    )
