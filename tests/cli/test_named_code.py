"""Objectives, samplers and pruners by their paths: which may be named, and what follows."""

import contextlib
import importlib.util
import inspect
import sqlite3
import sys

import optuna
import pytest

from dse.errors import DseError
from dse.project.config_groups.sampler_config import SAMPLERS, read_sampler
from dse.project.config_groups.search_config import PRUNERS, read_objective, read_pruner
from dse.search.objectives import OBJECTIVES
from tests.cli.command import dse, query, refused

SPACE = ("family=mlp", "grid=none", "grid.width=[8,16,24,32]", "grid.resolution=[8]")

MINE = """
import optuna
from dse.search.evaluations.workers import _evaluator as serve

def score(candidate, epochs: int = 1):
    return candidate.settings["width"] * epochs

def loss(candidate):
    return -candidate.settings["width"]

class Mine(optuna.samplers.RandomSampler):
    pass
"""


@pytest.fixture
def directory(tmp_path, monkeypatch):
    (tmp_path / "mine3.py").write_text(MINE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "mine3", raising=False)
    return tmp_path


def search(directory, *words):
    return dse(directory, "search", *SPACE, "trials=4", "allow=[mine3]", *words).stdout


@pytest.mark.parametrize(
    "words",
    [
        ("objective._target_=mine3.score",),
        ("objective=mine3.score",),
        ("objective=train", "objective._target_=mine3.score"),
        ("objective={_target_:mine3.score}",),
    ],
)
def test_a_measurement_is_named_after_its_callable(directory, words):
    assert "best by score (maximize)" in search(directory, *words)
    assert [row["score"] for row in query(directory, "--sort", "score")] == [8, 16, 24, 32]
    with sqlite3.connect(directory / "outputs" / "dse.db") as connection:
        (whats,) = connection.execute("select distinct what from measurement").fetchall()
        contexts = connection.execute("select distinct context from measurement").fetchall()
    assert whats == ("score",)
    assert all("batch" not in context for (context,) in contexts)
    printed = dse(directory, "rerun", "1", "--allow", "mine3").stdout
    assert "4 evaluated (4 of them present before" in printed


def test_options_beside_a_callable_are_kept(directory):
    words = ("objective=mine3.score", "objective.epochs=3", "objective.name=tripled")
    search(directory, *words)
    assert [row["tripled"] for row in query(directory, "--sort", "tripled")] == [24, 48, 72, 96]
    line = refused(directory, "search", *SPACE, "allow=[mine3]", *words, "objective.epcohs=3")
    assert "objective: unknown argument 'epcohs'; did you mean 'epochs'?" in line


def test_the_direction_is_of_the_goal_and_stays(directory):
    words = ("objective=latency", "objective._target_=mine3.loss")
    assert "best by loss (minimize)" in search(directory, *words)
    assert "best by loss (maximize)" in search(directory, *words, "objective.direction=maximize")


def test_another_callable_under_the_name_of_one_of_several_is_refused(directory):
    words = ("objective=several", "objective.goals.naswot._target_=mine3.score", "allow=[mine3]")
    line = refused(directory, "search", *SPACE, *words)
    assert "objective.goals.naswot: it has the name of another callable" in line
    assert "~objective.goals.naswot +objective.goals.mine={_target_:mine3.score}" in line


NEEDING = {
    "optuna.pruners.PatientPruner": {"patience": 1, "wrapped_pruner": None},
    "optuna.pruners.PercentilePruner": {"percentile": 50},
    "optuna.pruners.ThresholdPruner": {"lower": 0},
}
"""Options that one needs."""

PACKAGES = {"optuna.samplers.CmaEsSampler": "cmaes"}
"""What is installed for a sampler."""


@pytest.mark.parametrize("path", SAMPLERS)
def test_every_sampler_by_its_path(directory, path):
    words = (*SPACE, "objective=params", "exact=false", "trials=2", f"sampler={path}")
    package = PACKAGES.get(path)
    if package is not None and importlib.util.find_spec(package) is None:
        assert f"needs {package}, which is not installed: pip install {package}" in refused(
            directory, "search", *words
        )
    else:
        assert "2 evaluated" in dse(directory, "search", *words).stdout


@pytest.mark.parametrize("path", PRUNERS)
def test_every_pruner_by_its_path(path):
    options = NEEDING.get(path, {})
    assert type(read_pruner({"_target_": path, **options}, ())).__name__ in path


@pytest.mark.parametrize(
    "words",
    [
        ("sampler=optuna.samplers.RandomSampler",),
        ("sampler._target_=optuna.samplers.RandomSampler",),
        ("sampler=tpe", "sampler._target_=optuna.samplers.RandomSampler"),
        ("sampler={_target_:optuna.samplers.QMCSampler}", "sampler.scramble=true"),
        ("pruner=optuna.pruners.MedianPruner", "pruner.n_startup_trials=3"),
        ("pruner._target_=optuna.pruners.PercentilePruner", "pruner.percentile=50"),
        ("pruner={_target_:optuna.pruners.NopPruner}",),
    ],
)
def test_every_way_to_write_a_path(directory, words):
    few = ("objective=params", "exact=false", "trials=2")
    assert "2 evaluated" in dse(directory, "search", *SPACE, *few, *words).stdout


def test_a_run_with_a_pruner_is_repeated(directory):
    words = (*SPACE, "objective=params", "exact=false", "trials=2")
    pruner = "pruner={_target_: optuna.pruners.MedianPruner, n_startup_trials: 3}"
    dse(directory, "search", *words, pruner)
    printed = dse(directory, "rerun", "1", "--into", "again.db").stdout
    assert "2 evaluated (0 of them present before" in printed


def public(module):
    return {name for name, each in vars(module).items() if inspect.isclass(each)}


def test_the_lists_hold_what_is_meant_and_nothing_else():
    import dse.search.objectives
    import dse.search.samplers

    described = {name for name in dse.search.objectives.__all__ if name.islower()}
    tools = {"accuracy_of", "check_images", "check_training", "cost_of", "one_input"}
    tools |= {"load_images", "check_numbers"}
    assert {path.rpartition(".")[2] for path in OBJECTIVES} == described - tools
    optunas = {path.rpartition(".")[2] for path in SAMPLERS if path.startswith("optuna.")}
    abstract = {"BaseSampler", "BaseGASampler"}
    of_objects = {"GridSampler", "PartialFixedSampler"}
    assert optunas == public(optuna.samplers) - abstract - of_objects
    assert {path.rpartition(".")[2] for path in PRUNERS} == public(optuna.pruners) - {"BasePruner"}


SERVING = "dse.search.evaluations.workers._evaluator"
NOT_MEANT = (
    SERVING,
    "dse.search.trackers.optuna_tracker.OptunaTracker",
    "dse.search.objectives.cost_of",
    "dse.search.objectives.CHECKS",
    "dse.search.objectives.Pruned",
    "dse.search.searching.search",
    "optuna.create_study",
    "optuna.samplers.BaseSampler",
    "optuna.samplers.nsgaii",
    "optuna.samplers.GridSampler",
    "optuna.pruners.BasePruner",
    "optuna.storages.RDBStorage",
    "os.system",
    "builtins.eval",
    "mine3.serve",
)


READERS = {
    "objective": lambda path: read_objective("own", {"_target_": path}, ["mine3"]),
    "sampler": lambda path: read_sampler({"_target_": path}, ["mine3"]),
    "pruner": lambda path: read_pruner(path, ["mine3"]),
}


@pytest.mark.parametrize("path", NOT_MEANT)
@pytest.mark.parametrize("key", READERS)
def test_nothing_else_is_found_by_its_path(directory, path, key):
    with contextlib.chdir(directory), pytest.raises(DseError, match=key):
        READERS[key](path)


@pytest.mark.parametrize("key", READERS)
@pytest.mark.parametrize("form", ["{}={}", "{}._target_={}", "{}={{_target_:{}}}"])
def test_a_command_refuses_it_before_anything_is_stored(directory, key, form):
    words = (*SPACE, "objective=params", form.format(key, SERVING))
    assert f"{key}._target_: '{SERVING}' is none of these" in refused(directory, "search", *words)
    assert not (directory / "outputs" / "dse.db").exists()


@pytest.mark.parametrize("key", READERS)
@pytest.mark.usefixtures("directory")
def test_no_kind_takes_the_place_of_another(key):
    others = {
        "objective": "optuna.samplers.RandomSampler",
        "sampler": "dse.search.objectives.params",
        "pruner": "dse.search.objectives.params",
    }
    with pytest.raises(DseError, match=key):
        READERS[key](others[key])


@pytest.mark.parametrize("allowed", ["[min3]", "[mine3,min3]", "[mine3.more]"])
def test_a_module_that_is_allowed_has_to_be_there(directory, allowed):
    name = allowed.strip("[]").split(",")[-1]
    for command in ("sweep", "space", "search"):
        line = refused(directory, command, *SPACE, f"allow={allowed}")
        assert line == f"error: allow: there is no module {name!r}; did you mean 'mine3'?"
    assert not (directory / "outputs" / "dse.db").exists()
