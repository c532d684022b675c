"""A study in MLflow: runs within one, with the study's own times, that several processes write."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mlflow.tracking import MlflowClient

from dse.search import made_tracker
from tests.search.trackers.reading import of_mlflow, place_of
from tests.search.trackers.told import DONE, FAILED, PRUNED, STUDY, TRIALS, tell


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Every run of a study that two processes took part in."""
    place = place_of("mlflow", tmp_path_factory.mktemp("mlflow"))
    client = MlflowClient(tracking_uri=place)
    for trials in ([DONE], [FAILED, PRUNED]):
        tell(made_tracker("mlflow", place), trials)
    experiment = client.get_experiment_by_name(STUDY.name)
    return client.search_runs([experiment.experiment_id])


def test_trials_are_runs_within_the_run_of_the_study(runs):
    (study,) = [run for run in runs if run.data.tags["kind"] == "study"]
    trials = [run for run in runs if run is not study]
    assert {run.data.tags["mlflow.parentRunId"] for run in trials} == {study.info.run_id}
    assert sorted(int(run.data.tags["key"]) for run in trials) == [each.key for each in TRIALS]
    assert study.data.params == {"trials": "3", "budget": '{"latency_ms": 20}'}
    assert study.data.tags["goal.score"] == "maximize"
    assert study.info.status == "FINISHED"


def test_what_was_given_up_and_goes_on_is_one_run(tmp_path):
    place = place_of("mlflow", tmp_path)
    tell(made_tracker("mlflow", place), [PRUNED])
    promoted = replace(DONE, key=PRUNED.key, number=PRUNED.number, settings=PRUNED.settings)
    tell(made_tracker("mlflow", place), [replace(promoted, attempt=2, steps={2: 0.625})])
    (found,) = of_mlflow(tmp_path)
    assert (found.state, found.steps) == ("done", {1: 0.25, 2: 0.625})


def test_a_state_is_the_status_of_a_run(runs):
    found = {run.data.tags["state"]: run for run in runs if "state" in run.data.tags}
    statuses = {state: run.info.status for state, run in found.items()}
    assert statuses == {"done": "FINISHED", "failed": "FAILED", "pruned": "KILLED"}
    assert found["failed"].data.tags["error"] == FAILED.error
    assert found["done"].data.tags["limit.latency_ms at most 20"] == "0.25"
