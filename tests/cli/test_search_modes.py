"""Searches with processes, several goals, limits, pruners, warm starts, and into Optuna."""

import json
import sqlite3

import optuna
import pytest

from dse.configs.config_places import config_directory
from tests.cli.command import dse, query, refused

SPACE = ("family=mlp", "grid=none", "grid.width=[8,16,24,32,40,48]", "grid.resolution=[8]")
OBJECTIVES = sorted(page.stem for page in (config_directory() / "objective").glob("*.yaml"))

MINE = """
import os, signal, time
from pathlib import Path

def trouble(candidate, seed):
    width = candidate.settings["width"]
    with Path("evaluated.txt").open("a") as file:
        file.write(f"{width}\\n")
    if width == 8:
        os.kill(os.getpid(), signal.SIGKILL)
    if width == 16:
        time.sleep(60)
    if width == 24:
        raise MemoryError("none left")
    if width == 32:
        return float("nan")
    if width == 40 and Path("evaluated.txt").read_text().count("40") == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return width

def two(candidate, seed):
    width = candidate.settings["width"]
    return {"score": width, "slowness": width / 10}

def wide(candidate):
    width = candidate.settings["width"]
    return {"wide": width, "slowness": width / 10}

def curve(candidate, seed, report):
    from dse.search.objectives import Pruned
    value = float(candidate.settings["width"])
    for step in (1, 2, 3):
        if report(step, value + step):
            raise Pruned(f"after step {step}")
    return value + 3
"""


@pytest.fixture
def directory(tmp_path, monkeypatch):
    (tmp_path / "mine2.py").write_text(MINE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def own(name, *words):
    target = f"objective._target_=mine2.{name}"
    return (target, "+objective.name=score", "allow=[mine2]", *words)


def rows(directory, statement):
    with sqlite3.connect(directory / "outputs" / "dse.db") as connection:
        return connection.execute(statement).fetchall()


def test_processes_that_die_hang_or_run_out_of_memory_cost_one_evaluation_each(directory):
    words = (*SPACE, *own("trouble"), "trials=10")
    printed = dse(directory, "search", *words, "workers=2", "time_limit=1.5").stdout
    assert "6 evaluated (0 of them present before, 4 failed)" in printed
    measured = "select c.settings, m.value, m.error from measurement m join candidate c"
    found = {
        json.loads(settings)["width"]: (value, error)
        for settings, value, error in rows(directory, f"{measured} on c.key = m.key")
    }
    assert found == {
        8: (None, "its process was killed by SIGKILL (2 attempts)"),
        16: (None, "took longer than the time limit of 1.5 s (2 attempts)"),
        24: (None, "MemoryError: none left (2 attempts)"),
        32: (None, "the objective returned nan"),
        40: (40, None),
        48: (48, None),
    }
    tried = sorted((directory / "evaluated.txt").read_text().split(), key=int)
    assert tried == ["8", "8", "16", "16", "24", "24", "32", "40", "40", "48"]
    never = dse(directory, "search", *words, "workers=2", "time_limit=1.5", "retry=never").stdout
    assert "6 evaluated (6 of them present before, 4 failed)" in never


def test_processes_propose_the_same_each_time(directory):
    grid = ("family=mlp", "grid=none", "grid.width=[8,16,24,32,40,48]", "grid.depth=[1,2,3]")
    orders = []
    for store in ("a.db", "b.db"):
        words = (*grid, *own("two"), "trials=8", "workers=2", "order=fixed", f"store.url={store}")
        dse(directory, "search", *words)
        with sqlite3.connect(directory / store) as connection:
            orders.append(connection.execute("select key from candidate order by id").fetchall())
    assert len(orders[0]) == 8
    assert orders[0] == orders[1]


def test_an_infeasible_measurement_is_no_result(directory):
    words = (*SPACE, *own("two"), "budget.score=[10,35]", "trials=6")
    printed = dse(directory, "search", *words).stdout
    assert "3 of them meet 10 <= score <= 35" in printed
    best = printed.partition("best by")[2].partition("in every row")[0].splitlines()
    assert best[2].split()[1] == "32"
    assert len(best[2:]) == 3


def test_several_goals_end_in_a_front_with_its_hypervolume(directory):
    goals = (
        "objective=several",
        "exact=false",
        "~objective.goals.naswot",
        "+objective.goals.params={_target_:dse.search.objectives.params,direction:maximize}",
    )
    printed = dse(directory, "search", *SPACE, *goals, "trials=6").stdout
    candidates = query(directory, "--sort", "macs")
    macs, params = zip(*((row["macs"], row["params"]) for row in candidates), strict=True)
    assert "Pareto front of macs (minimize), params (maximize): 6 candidates" in printed
    # Both rise together, so the front is a staircase from the corner of the worst of each.
    area = sum((macs[-1] - macs[i]) * (params[i] - params[i - 1]) for i in range(1, len(macs)))
    assert f"hypervolume {area:.6g} from the worst evaluated" in printed


def test_a_weighted_sum_stores_its_terms_and_finds_them_again(directory):
    terms = (
        "objective=sum",
        "~objective.sum.naswot",
        "~objective.sum.synflow",
        "+objective.sum.wide={_target_:mine2.wide,weight:2.0}",
        "+objective.sum.macs={_target_:dse.search.objectives.macs,weight:-0.001}",
        "allow=[mine2]",
    )
    dse(directory, "search", *SPACE, *terms, "trials=6")
    found = rows(directory, "select distinct what from measurement order by what")
    assert found == [("macs",), ("slowness",), ("wide",)]
    changed = (*terms, "objective.sum.wide.weight=-1")
    printed = dse(directory, "search", *SPACE, *changed, "trials=6").stdout
    assert "6 more were measured by other runs, and known from the start" in printed
    best = printed.split("best by sum")[1].splitlines()[2].split()
    assert float(best[1]) == pytest.approx(
        -8 - 0.001 * int(rows(directory, "select min(macs) from candidate")[0][0]), rel=1e-4
    )


def test_earlier_measurements_of_another_search_are_known_from_the_start(directory):
    words = (*SPACE, *own("two"))
    dse(directory, "search", *words, "sampler=random", "trials=3")
    printed = dse(directory, "search", *words, "trials=2").stdout
    assert "3 more were measured by other runs, and known from the start" in printed
    assert "2 evaluated (0 of them present before" in printed
    assert len(rows(directory, "select * from measurement where what = 'score'")) == 5
    again = dse(directory, "search", *words, "trials=2").stdout
    assert "2 evaluated (2 of them present before" in again


def test_poor_candidates_are_given_up_and_stay_so(directory):
    pruner = "pruner={_target_:optuna.pruners.ThresholdPruner,lower:30}"
    words = (*SPACE, *own("curve"), pruner, "trials=6")
    printed = dse(directory, "search", *words).stdout
    assert "6 evaluated (0 of them present before, 0 failed, 3 given up early)" in printed
    errors = rows(directory, "select error from measurement where error is not null")
    assert errors == [("pruned after step 1",)] * 3
    again = dse(directory, "search", *words).stdout
    assert "6 evaluated (6 of them present before, 0 failed, 3 given up early)" in again


def test_a_search_is_written_as_a_study_of_optuna(directory):
    url = f"sqlite:///{directory}/optuna.db"
    words = (*SPACE, *own("two"), "--to-optuna", url)
    printed = dse(directory, "search", *words, "trials=4").stdout
    assert f"to_optuna: study 'mlp: score' is in {url}" in printed
    more = (*SPACE, *own("two"), f"to_optuna={url}", "--trials=6")
    dse(directory, "search", *more)
    study = optuna.load_study(study_name="mlp: score", storage=url)
    assert [trial.value for trial in study.trials] == [t.params["width"] for t in study.trials]
    assert {trial.user_attrs["slowness"] for trial in study.trials} == {0.8, 1.6, 2.4, 3.2, 4, 4.8}
    assert study.best_trial.user_attrs["id"] == query(directory, "--sort", "-score")[0]["id"]


RESNET = ("family=resnet", "variant=resnet18", "grid=none", "grid.resolution=[32]")
CHEAP = {
    "train": ("objective.epochs=1", "objective.limit=128"),
    "latency": ("objective.repeats=3",),
}


OF_FILES = ("table", "inherited", "finetuned")
"""What needs a file: see `test_import` and `test_supernet`."""


@pytest.mark.parametrize("objective", [name for name in OBJECTIVES if name not in OF_FILES])
def test_every_shipped_objective_measures(tmp_path, objective):
    words = (*SPACE, f"objective={objective}", "exact=false", *CHEAP.get(objective, ()))
    printed = dse(tmp_path, "search", *words, "trials=2").stdout
    assert "2 evaluated (0 of them present before, 0 failed)" in printed


def test_training_finds_a_better_network_than_the_default_of_its_budget(tmp_path):
    grid = ("grid.width=[8,32,64]", "grid.depth=[1,2,3]", "grid.norm=[none,batch]")
    train = ("objective=train", "objective.epochs=2", "objective.limit=400")
    common = ("family=mlp", "grid=none", "grid.resolution=[8]", *train, "budget.macs=9k")
    dse(tmp_path, "search", *common, "grid.width=[64]", "trials=1")
    (default,) = query(tmp_path, "accuracy is not null")
    assert (default["depth"], default["norm"]) == (2, "none")
    dse(tmp_path, "search", *common, *grid, "trials=8")
    best = query(tmp_path, "accuracy is not null", "--sort", "-accuracy")[0]
    assert best["macs"] <= 9000
    assert best["accuracy"] > default["accuracy"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["workers=0"], "workers: 0 is not positive"),
        (["time_limit=-1"], "time_limit: -1.0 is not positive"),
        (["budget.latensy=3"], "budget: unknown cost 'latensy'"),
        (["budget.naswot=much"], "budget.naswot: 'much' is no number"),
        (["budget.naswot=[3,1]"], "budget.naswot: nothing lies between [3, 1]"),
        (["objective=table"], "objective: file is not given"),
        (
            ["objective=table", "objective.file=a.csv", "objective.value=v"],
            "a.csv: there is no such file",
        ),
        (["objective=sum", "objective.sum.naswot.weight=big"], "weight: 'big' is no number"),
        (["objective=several", "objective.goals.macs.direction=up"], "direction: unknown 'up'"),
        (["sampler.initial=0"], "sampler: initial: 0 is not positive"),
        (["pruner={_target_:optuna.pruners.Median}"], "mean 'optuna.pruners.MedianPruner'"),
        (["objective=several", "pruner=optuna.pruners.MedianPruner"], "pruner: goes with one goal"),
        (["pruner={_target_:os.system}"], "'os.system' is none of these; valid"),
        (["--to-optun", "x"], "unknown flag '--to-optun'; did you mean '--to-optuna'?"),
        (["--to-optuna"], "--to-optuna needs a value"),
        (["to_optuna=nowhere"], "to_optuna: cannot open 'nowhere'"),
    ],
)
def test_bad_input_is_one_line(tmp_path, words, message):
    assert message in refused(tmp_path, "search", *SPACE, "trials=1", *words)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["executor.devices=gpu"], "executor.devices: 'gpu' cannot be used: Expected one of cpu"),
        (["executor.devices=cuda:99"], "executor.devices: 'cuda:99' cannot be used: "),
        (["executor.devices=meta"], "executor.devices: 'meta' holds no numbers"),
        (["objective=train", "objective.data=nowhere"], "'nowhere' is neither 'digits' nor a fol"),
        (
            ["objective=train", "objective.data=empty"],
            "empty: holds no directory of images for each class",
        ),
        (["+objective.name=id"], "objective: 'id' is a column of every candidate"),
        (["+objective.name=train_memory"], "objective: 'train_memory' is a column of every"),
        (["objective.replicates=0"], "objective.replicates: 0 is no number of evaluations"),
        (["retry=failled"], "retry: unknown 'failled'; did you mean 'failed'?"),
        (["reuse=all"], "reuse: unknown 'all'"),
        (["attempts=0"], "attempts: 0 is not positive"),
    ],
)
def test_what_an_objective_needs_is_checked_before_the_first_trial(tmp_path, words, message):
    (tmp_path / "empty").mkdir()
    assert message in refused(tmp_path, "search", *SPACE, *words, "trials=2")
    if (tmp_path / "outputs" / "dse.db").exists():
        assert rows(tmp_path, "select count(*) from measurement") == [(0,)]


def test_where_evaluations_run_has_one_name_and_a_former_one(tmp_path):
    words = ("search", *SPACE, "objective=params", "exact=false", "sampler=random", "trials=2")
    dse(tmp_path, *words, "executor.devices=cpu")
    printed = dse(tmp_path, *words, "device=cpu")
    assert printed.stderr == "device=cpu is read as executor.devices=cpu\n"
    assert "2 evaluated (2 of them present before" in printed.stdout
    runs = json.loads(dse(tmp_path, "runs", "--format", "json").stdout)
    assert len(runs) == 2


def test_a_layer_that_is_not_there_has_no_value_in_what_was_found(tmp_path):
    axes = ("grid.depth=[2,3]", "grid.kernel=[3,5]", "grid.resolution=[32]")
    words = ("family=ofa_mobilenet_v3", "grid=none", *axes, "objective=params", "exact=false")
    printed = dse(tmp_path, "search", *words, "trials=6", "best=6", "format=json").stdout
    found = [row for row in json.loads(printed[printed.index("[\n") :]) if " " in str(row["depth"])]
    assert found
    for row in found:
        of_layers = [value != "–" for value in row["kernel"].split()]
        depths = map(int, row["depth"].split())
        assert of_layers == [layer < depth for depth in depths for layer in range(4)]


def test_values_of_layers_read_alike_whether_all_are_equal_or_not(tmp_path):
    page = tmp_path / "own" / "family" / "truths.yaml"
    page.parent.mkdir(parents=True)
    page.write_text(
        "axes:\n"
        "  resolution: 8\n"
        "  attend: {per: layer, default: false}\n"
        "  slope: {per: layer, default: 1.0}\n"
        "input: [3, resolution, resolution]\n"
        "blocks:\n"
        + "  - {block: inverted_residual_v3, channels: 8, repeat: 3, expansion: 2 * slope,"
        " squeeze_excite: attend}\n" * 3 + "  - {block: classifier, classes: 4}\n"
    )
    grid = ("grid.attend_1_1=[true,false]", "grid.slope_1_2=[1.0,1.5]")
    words = ("--config-dir", "own", "family=truths", "grid=none", *grid, "minimize=params")
    rows = json.loads(dse(tmp_path, "search", *words, "format=json").stdout)
    assert {str(row["attend"]) for row in rows} == {"False", "true" + 8 * " false"}
    assert {str(row["slope"]) for row in rows} == {"1.0", "1 1.5" + 7 * " 1"}
