"""Every rival proposes free candidates of the pool, and the same ones for the same results."""

import numpy as np
import optuna
import pytest

from dse.search import Bounds, Case
from dse.search.contests.comparison import run_curve
from dse.search.samplers import Observations, PoolSampler
from tests.rivals import hub
from tests.rivals.ablations import ABLATIONS, AblatedSampler
from tests.rivals.calibration import coverage
from tests.rivals.encodings import nearest_free, one_hot, scaled
from tests.rivals.local_search import LocalSearchSampler
from tests.rivals.registry import BY_NAME, RIVALS, of_class, of_page
from tests.rivals.smac_forest import log_scaled
from tests.rivals.synthetic import additive, like_axes

NONE = np.zeros(0, dtype=np.int64)
OWN = ["bananas", "botorch", "smac", "smac_pyrfr", "hebo"]


def known(table, points):
    values = table.gains[points]
    return Observations(points, values, np.zeros((len(points), 0)), NONE, NONE)


@pytest.mark.parametrize("name", OWN)
def test_it_proposes_what_is_free_and_nothing_else(name):
    rival, table = BY_NAME[name], additive(0).within(Bounds({"cost": (None, 3e5)}))
    if reason := rival.available():
        pytest.skip(reason)
    sampler, again = (rival.make()(table.pool, 3) for _ in range(2))
    points = np.random.default_rng(0).permutation(len(table))[:12]
    for size in (0, 12):
        index = sampler.suggest(known(table, points[:size]))
        assert index not in points[:size]
        assert index == again.suggest(known(table, points[:size]))
    rest = np.arange(len(table))
    assert sampler.suggest(known(table, rest[1:])) == 0
    assert sampler.suggest(known(table, rest)) is None


def test_local_search_finds_what_draws_do_not():
    table = additive(1)
    made = of_class("tests.rivals.local_search", "LocalSearchSampler")
    found = [
        run_curve(Case(table, Bounds({})), contestant, seed, 30).regret[-1]
        for seed in range(3)
        for contestant in (BY_NAME["bananas"].contestant, BY_NAME["random"].contestant)
    ]
    assert isinstance(made(table.pool, 0), LocalSearchSampler)
    assert sum(found[::2]) < 0.5 * sum(found[1::2])


def test_names_are_told_apart_and_pages_are_there():
    assert len(BY_NAME) == len(RIVALS) + len(ABLATIONS)
    assert isinstance(of_page("tpe")(additive(0).pool, 0), optuna.samplers.TPESampler)


def test_settings_as_columns():
    choices = np.array([[0, 0], [1, 2], [2, 1]])
    assert scaled(choices, [True, False]).tolist() == [[0, 0], [0.5, 2], [1, 1]]
    assert one_hot(choices, [False, True])[1].tolist() == [0, 1, 0, 0, 0, 1, 1]
    assert nearest_free(choices, [True, False], np.array([1, 0]), np.array([0, 2])) == 0


def test_losses_on_the_scale_of_smac():
    losses = log_scaled(np.array([1.0, 2.0, 5.0]))
    assert losses[2] == 0
    assert np.all(np.diff(losses) > 0)
    assert np.isfinite(log_scaled(np.ones(3))).all()


def registry(folder, package, text):
    place = folder / package
    place.mkdir(parents=True)
    (place / "__init__.py").write_text(text)
    return folder


def test_samplers_of_optunahub_come_from_the_folder_that_is_named(tmp_path, monkeypatch):
    pytest.importorskip("optunahub")
    monkeypatch.delenv(hub.REGISTRY, raising=False)
    assert "names no folder" in hub.unavailable("samplers/auto_sampler")
    monkeypatch.setenv(hub.REGISTRY, str(tmp_path))
    assert f"no such package in {tmp_path}" in hub.unavailable("samplers/ctpe")
    registry(tmp_path, "samplers/ctpe", "import no_such_module")
    assert "No module named 'no_such_module'" in hub.unavailable("samplers/ctpe")
    text = "from optuna.samplers import RandomSampler as AutoSampler\n__all__ = ['AutoSampler']"
    registry(tmp_path, "samplers/auto_sampler", text)
    assert hub.unavailable("samplers/auto_sampler") is None
    curve = run_curve(Case(additive(0), Bounds({})), BY_NAME["auto"].contestant, 0, 5)
    assert curve.sampler == "auto"


def test_ctpe_is_told_of_each_constraint_once():
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler())
    trial = study.ask()
    assert hub.violations(study.trials[0]) == [0.0]
    trial.set_constraint("macs high", 2.0)
    # What Optuna keeps of what the function itself returned.
    study._storage.set_trial_system_attr(trial._trial_id, "constraints", (2.0,))
    assert hub.violations(study.trials[0]) == [2.0]


@pytest.mark.parametrize("ablation", ABLATIONS, ids=lambda each: each.name)
def test_ours_searches_without_each_part(ablation):
    table = like_axes(0)
    pool, points = table.pool, np.arange(30)
    whole = PoolSampler(pool.candidates, pool.cost_matrix, seed=0)
    without = AblatedSampler(pool.candidates, pool.cost_matrix, without=ablation.name, seed=0)
    number = len(without._suggester._kernels)
    assert number < len(whole._suggester._kernels) or ablation.patched
    assert without.suggest(known(table, points)) not in points


def test_intervals_of_ours_hold_what_they_say():
    table = additive(0)
    found = coverage(table.pool, table.gains[:, 0], 25, 0)
    assert found.all > 0.9
    assert found.upper_half > 0.9
