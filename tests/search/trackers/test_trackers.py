"""What every tracker must do: trials once, as they were; and a search that goes on without one."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace

import pytest
import wandb
from mlflow.tracking import MlflowClient

import dse
from dse.errors import DseError
from dse.search import TRACKERS, made_tracker
from tests.cli.command import dse as run_dse
from tests.cli.command import refused
from tests.search.trackers.reading import PLACES, READERS, place_of
from tests.search.trackers.told import BEGAN, DONE, ENDED, STUDY, TRIALS, running, tell

MINE = """
def score(candidate, report):
    for step in (1, 2):
        report(step, candidate.settings["width"] * step)
    if candidate.settings["width"] == 24:
        raise MemoryError("none left")
    return {"score": candidate.settings["width"] * 2, "latency_ms": candidate.settings["width"] / 8}
"""

SPACE = ("family=mlp", "grid=none", "grid.width=[8,16,24]", "grid.resolution=[8]")
OWN = ("objective._target_=mine6.score", "+objective.name=score", "allow=[mine6]")

every_tracker = pytest.mark.parametrize("key", TRACKERS)


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory):
    """A database of MLflow's without runs; to make one takes it seconds."""
    place = tmp_path_factory.mktemp("empty")
    MlflowClient(tracking_uri=place_of("mlflow", place)).search_experiments()
    return place / "mlflow.db"


@pytest.fixture
def directory(tmp_path, monkeypatch, empty_database):
    shutil.copy(empty_database, tmp_path)
    (tmp_path / "mine6.py").write_text(MINE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    # It reads its environment once a process.
    wandb.teardown()
    yield tmp_path
    sys.modules.pop("mine6", None)


def test_each_is_read_back_here():
    assert PLACES.keys() == READERS.keys() == TRACKERS.keys()


@every_tracker
def test_trials_are_there_once_as_they_were(key, directory):
    tell(made_tracker(key, place_of(key, directory)))
    found = {each.key: each for each in READERS[key](directory)}
    assert found.keys() == {trial.key for trial in TRIALS}
    for trial in TRIALS:
        there = found[trial.key]
        assert there.state == trial.state
        assert there.steps == trial.steps
        told = {name: str(value) for name, value in trial.settings.items()}
        assert told.items() <= {n: _text(v) for n, v in there.settings.items()}.items()
        results = {**trial.costs, **trial.numbers}
        assert results.items() <= there.numbers.items()
        assert list(there.limits.values()) == list(trial.violations.values())
        assert there.began == BEGAN.timestamp()
        # Optuna's storage looks at its own clock when a trial ends that is running.
        assert key == "to_optuna" or there.ended in (None, ENDED.timestamp())
    # Again by the same process, by one that goes on with the study, and by one that only read it.
    again = made_tracker(key, place_of(key, directory))
    tell(again)
    again.begin(STUDY)
    for trial in TRIALS:
        again.trial_ended(replace(trial, number=None, started=None, finished=None))
    again.end()
    assert {each.key: each for each in READERS[key](directory)} == found
    assert len(READERS[key](directory)) == len(TRIALS)


def _text(value):
    """Return a setting as text; TensorBoard's numbers are all floats."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@every_tracker
def test_another_process_goes_on_with_a_trial(key, directory):
    place = place_of(key, directory)
    first = made_tracker(key, place)
    first.begin(STUDY)
    first.trial_began(running(0, dropout=0.5))
    first.reported(running(0), 1, 0.5)
    first.end()
    assert [each.state for each in READERS[key](directory)] == ["running"]
    second = made_tracker(key, place)
    tell(second, [replace(DONE, attempt=2)])
    found = READERS[key](directory)
    assert {each.key for each in found} == {DONE.key}
    assert {each.state for each in found if each.state != "running"} == {"done"}
    tell(made_tracker(key, place), [replace(DONE, attempt=2)])
    tell(made_tracker(key, place), [DONE])
    assert READERS[key](directory) == found


@pytest.mark.parametrize("key", [key for key in TRACKERS if key != "wandb"])
def test_a_process_that_was_taken_for_dead_spoils_nothing(key, directory):
    """W&B refuses one run to two writers in one process, which is what a test is."""
    place = place_of(key, directory)
    late, other = made_tracker(key, place), made_tracker(key, place)
    late.begin(STUDY)
    late.trial_began(running(0, dropout=0.5))
    tell(other, [replace(DONE, attempt=2)])
    late.end()
    (found,) = READERS[key](directory)
    assert (found.state, found.steps) == ("done", DONE.steps)
    assert found.ended is not None


@every_tracker
def test_one_that_breaks_is_named_once_and_the_search_goes_on(key, directory, monkeypatch):
    def broken(self, trial):
        raise OSError("the disk\nis full")

    name = TRACKERS[key].rpartition(".")[2]
    monkeypatch.setattr(type(made_tracker(key, place_of(key, directory))), "trial_ended", broken)
    other = next(each for each in ("tensorboard", "to_optuna") if each != key)
    tools = [f"{each}={place_of(each, directory)}" for each in (key, other)]
    printed = run_dse(directory, "search", *SPACE, *OWN, "trials=3", *tools)
    assert "3 evaluated (0 of them present before, 1 failed)" in printed.stdout
    lines = [line for line in (printed.stdout + printed.stderr).splitlines() if name in line]
    assert len(lines) == 1, lines
    assert lines[0].endswith(f"{name} is told no more of this study: the disk is full")
    assert len(READERS[other](directory)) == 3


@every_tracker
def test_a_search_that_is_tracked(key, directory):
    tracked = (*SPACE, *OWN, "budget.latency_ms=1.5", f"{key}={place_of(key, directory)}")
    printed = run_dse(directory, "search", *tracked, "trials=3").stdout
    assert f"{key}: study 'mlp: score' is in {place_of(key, directory)}" in printed
    found = sorted(READERS[key](directory), key=lambda each: float(each.settings["width"]))
    assert [float(each.settings["width"]) for each in found] == [8, 16, 24]
    assert [each.state for each in found] == ["done", "done", "failed"]
    assert [each.numbers.get("score") for each in found] == [16, 32, None]
    assert [each.steps[2] for each in found] == [16, 32, 48]
    assert [list(each.limits.values()) for each in found[:2]] == [
        [pytest.approx(-1 / 3)],
        [pytest.approx(1 / 3)],
    ]
    assert all(each.began is not None for each in found)
    run_dse(directory, "search", *tracked, "trials=3", "retry=never")
    again = READERS[key](directory)
    assert sorted(again, key=lambda each: float(each.settings["width"])) == found


@every_tracker
def test_a_tool_that_cannot_be_opened_is_one_line(key, directory, monkeypatch):
    (directory / "file").touch()
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.setenv("HOME", str(directory))
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    wandb.teardown()
    nowhere = {
        "to_optuna": "sqlite:///file/optuna.db",
        "mlflow": "sqlite:///file/mlflow.db",
        "wandb": "of-tests",
        "tensorboard": "file/events",
    }
    line = refused(directory, "search", *SPACE, *OWN, "trials=1", f"{key}={nowhere[key]}")
    assert f"{key}: cannot open '" in line


def test_a_package_that_is_missing_is_one_line(directory, monkeypatch):
    for key, package in (("mlflow", "mlflow"), ("wandb", "wandb"), ("tensorboard", "tensorboard")):
        hidden = [name for name in sys.modules if name.split(".")[0] == package]
        with monkeypatch.context() as patch:
            for name in (*hidden, package, "torch.utils.tensorboard"):
                patch.setitem(sys.modules, name, None)
            with pytest.raises(DseError, match=f"{key} needs .*: pip install"):
                made_tracker(key, place_of(key, directory)).begin(STUDY)


def test_python_names_the_tools_by_their_keys(directory):
    project, space = dse.open("dse.db"), dse.design_space("mlp", grid={"width": [8, 16]})
    track = {"tensorboard": place_of("tensorboard", directory)}
    project.search(space, "params", trials=1, exact=False, track=track)
    (found,) = READERS["tensorboard"](directory)
    assert found.state == "done"
    with pytest.raises(DseError, match="track: unknown tool 'mlfow'; did you mean 'mlflow'"):
        project.search(space, "params", track={"mlfow": "sqlite:///mlflow.db"})
