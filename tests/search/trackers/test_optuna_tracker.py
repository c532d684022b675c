"""A study in Optuna's storage, as its own tools read it."""

from __future__ import annotations

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna_dashboard._serializer import serialize_frozen_trial

from dse.search import made_tracker
from tests.search.trackers.reading import place_of
from tests.search.trackers.told import BEGAN, ENDED, STUDY, TRIALS, tell


@pytest.fixture
def study(tmp_path):
    place = place_of("to_optuna", tmp_path)
    tell(made_tracker("to_optuna", place))
    return optuna.load_study(study_name="mlp: score", storage=place)


def test_axes_of_numbers_are_numbers(study):
    assert study.trials[0].distributions == {
        "width": IntDistribution(8, 32),
        "dropout": FloatDistribution(0, 0.5),
        "norm": CategoricalDistribution(["none", "batch"]),
    }


def test_times_are_those_of_the_evaluation(study, tmp_path):
    # When a trial ends that is running, the storage looks at its own clock.
    assert {trial.datetime_start for trial in study.trials} == {BEGAN}
    whole = made_tracker("to_optuna", f"sqlite:///{tmp_path}/whole.db")
    whole.begin(STUDY)
    for trial in TRIALS:
        whole.trial_ended(trial)
    (written,) = optuna.get_all_study_names(f"sqlite:///{tmp_path}/whole.db")
    trials = optuna.load_study(study_name=written, storage=f"sqlite:///{tmp_path}/whole.db").trials
    assert {(t.datetime_start, t.datetime_complete) for t in trials} == {(BEGAN, ENDED)}


def test_steps_are_there_of_what_was_given_up_as_well(study):
    assert [trial.intermediate_values for trial in study.trials] == [
        {1: 0.5, 2: 0.625},
        {},
        {1: 0.25},
    ]


def test_optuna_and_its_dashboard_see_the_limits(study):
    """The dashboard reads a key of its own, of which nothing is promised."""
    (done, *_) = study.trials
    assert done.constraints["latency_ms <= 20"] == 0.25
    assert serialize_frozen_trial(0, done, {})["constraints"] == [0.25]
