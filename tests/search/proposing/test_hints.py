"""What the store has tells a sampler of the candidates; a study keeps what it began with."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import time

import numpy as np
import pytest

import dse
from dse.errors import DseError
from tests.cli.command import DSE, refused
from tests.cli.command import dse as run_dse
from tests.cli.forked import ForkedCommand
from tests.store.server import postgres_server

WIDTHS = [8, 16, 24, 32]
NOTED = {"_target_": "tests.search.hinted.Noted"}
ALLOWED = ("tests.search.hinted",)


@pytest.fixture
def noted(tmp_path, monkeypatch):
    """Return a function that reads what hints samplers were given."""
    file = tmp_path / "hints.jsonl"
    monkeypatch.setenv("DSE_HINTS", str(file))

    def read():
        return [json.loads(line) for line in file.read_text().splitlines()]

    return read


@pytest.fixture
def project(tmp_path):
    return dse.open(tmp_path / "dse.db")


def space(resolution=8, widths=WIDTHS, depths=(1, 2), cost=None):
    grid = {"width": list(widths), "depth": list(depths), "resolution": [resolution]}
    return dse.design_space("mlp", grid=grid, allow=ALLOWED, cost=cost)


def scores(project, name, of=None):
    """Return a measurement by width and depth, as the store tells it."""
    rows = project.query(f"{name} is not null" if of is None else of).to_dicts()
    return {(row["width"], row["depth"]): row[name] for row in rows}


def by_settings(told, column=0):
    return {
        (each["width"], each["depth"]): row[column]
        for each, row in zip(told["candidates"], told["hints"], strict=True)
    }


WIDE = {"_target_": "tests.search.hinted.wide", "name": "wide"}


def search(project, objective=WIDE, of=None, trials=3, **options):
    options = {"sampler": NOTED, **options}
    return project.search(of or space(), objective, trials=trials, **options)


def test_measurements_of_the_candidates_are_columns(project, noted):
    project.search(space(), "naswot", trials=8, sampler="random")
    project.search(space(), "synflow", trials=3, sampler="random")
    study = search(project, hints=["naswot", "synflow"])
    (told,) = noted()
    assert by_settings(told, 0) == scores(project, "naswot")
    some = {key: value for key, value in by_settings(told, 1).items() if value is not None}
    assert some == scores(project, "synflow")
    assert len(some) == 3
    assert [(each.what, each.measured) for each in study.result.hints] == [
        ("naswot", 8),
        ("synflow", 3),
    ]
    best = max(by_settings(told), key=lambda key: sum(v or 0 for v in told_of(told, key)))
    first = study.trials.to_dicts()[0]
    assert (first["width"], first["depth"]) == best


def told_of(told, key):
    return [by_settings(told, column)[key] for column in range(len(told["hints"][0]))]


def test_replicates_count_by_their_mean(project, noted):
    naswot = {"_target_": "dse.search.objectives.naswot", "name": "naswot", "replicates": 3}
    project.search(space(), naswot, trials=8, sampler="random")
    search(project, hints="naswot")
    assert by_settings(noted()[0]) == pytest.approx(scores(project, "naswot"))


def test_a_study_that_goes_on_has_the_hints_that_it_began_with(project, noted):
    project.search(space(), "naswot", trials=4, sampler="random")
    study = search(project, trials=2, hints=["naswot"])
    project.search(space(), "naswot", trials=8, sampler="random")
    again = search(project, trials=4, hints=["naswot"])
    assert again.id == study.id
    first, second = noted()
    assert first["hints"] == second["hints"]
    project.join(study.id, allow=ALLOWED)
    rerun = project.rerun(study.run, allow=ALLOWED)
    assert rerun.id == study.id
    assert [each["hints"] for each in noted()] == [first["hints"]] * 4
    other = search(project, trials=2, hints=["naswot"], seed=1)
    assert other.id != study.id
    assert None not in by_settings(noted()[-1]).values()


def test_a_study_is_repeated_in_another_store_with_its_hints(project, noted, tmp_path):
    project.search(space(), "naswot", trials=8, sampler="random")
    study = search(project, hints=["naswot"])
    again = project.rerun(study.run, into=tmp_path / "again.db", allow=ALLOWED)
    first, second = noted()
    assert first["hints"] == second["hints"]
    assert again.trials["width"].to_list() == study.trials["width"].to_list()


def test_other_candidates_of_the_family_predict_these(project, noted):
    wider = [8, 12, 16, 20, 24, 28, 32]
    project.search(space(16, wider), WIDE, trials=14, sampler="random")
    study = search(project, warm=True)
    (told,) = noted()
    assert [(each.what, each.measured, each.is_earlier) for each in study.result.hints] == [
        ("wide", 14, True)
    ]
    predicted = by_settings(told)
    truth = [width + 0.5 * depth for width, depth in predicted]
    assert np.corrcoef(truth, list(predicted.values()))[0, 1] > 0.9
    project.search(space(24, wider), WIDE, trials=14, sampler="random")
    search(project, trials=5, warm=True)
    assert noted()[-1]["hints"] == told["hints"]


def test_each_context_is_a_task_of_its_own_and_few_measurements_are_none(project, noted):
    options = {"_target_": "tests.search.hinted.steep", "name": "steep"}
    project.search(space(), options | {"factor": 2.0}, trials=8, sampler="random")
    project.search(space(16), options, trials=6, sampler="random")
    project.search(space(24, depths=[1]), options, trials=4, sampler="random")
    study = search(project, options, warm=True)
    assert sorted(each.measured for each in study.result.hints) == [8, 6 + 4]
    assert search(project, options | {"factor": 3.0}, space(16), 2, warm=True).result.hints
    few = dse.open(project.url.replace("dse.db", "few.db"))
    few.search(space(16), options, trials=4, sampler="random")
    assert not search(few, options, warm=True).result.hints


def test_what_is_known_of_the_candidates_is_no_hint(project, noted):
    project.search(space(), WIDE, trials=8, sampler="random")
    study = search(project, trials=1, warm=True)
    assert not study.result.hints
    assert len(study.result.warm) == 8
    with pytest.raises(DseError, match="hints: wide was measured of none of the 8 candidates"):
        search(project, trials=1, hints=["wide"])


def test_costs_under_other_conditions_are_told_apart(project, noted):
    project.search(space(16, cost={"batch": 4}), WIDE, trials=8, sampler="random")
    project.search(space(24), WIDE, trials=8, sampler="random")
    study = search(project, warm=True)
    assert [each.measured for each in study.result.hints] == [8, 8]


def test_the_sampler_of_the_package_takes_them(project):
    project.search(space(), "naswot", trials=8, sampler="random")
    project.search(space(16), WIDE, trials=8, sampler="random")
    study = search(project, trials=8, sampler="pool", hints=["naswot"], warm=True)
    assert len(study.result.hints) == 2
    assert len(study.trials) == 8


def words(*more):
    grid = ("family=mlp", "grid=none", "grid.width=[8,16,24,32]", "grid.depth=[1,2]")
    return ("search", *grid, "grid.resolution=[8]", "allow=[tests.search.hinted]", *more)


SLOW = ("objective._target_=tests.search.hinted.slow", "sampler=tests.search.hinted.Noted")


def test_a_killed_search_and_two_processes_have_the_same_hints(tmp_path, noted):
    run_dse(tmp_path, *words("objective=naswot", "trials=8", "sampler=random"))
    typed = words(*SLOW, "hints=[naswot]", "trials=8", "lease=2")
    killed = ForkedCommand(tmp_path, *typed)
    while not states(tmp_path):
        assert killed.poll() is None
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    # Two other scores of each candidate, in a context of their own.
    run_dse(tmp_path, *words("objective=naswot", "objective.batch=8", "trials=8"))
    # One of them has a hash seed of its own.
    both = [started(tmp_path, typed), ForkedCommand(tmp_path, *typed)]
    for each in both:
        out, error = each.communicate(timeout=120)
        assert each.returncode == 0, error
        assert "hints: naswot of 8 of them" in out
    told = noted()
    assert len({each["process"] for each in told}) == 3
    assert all(each["hints"] == told[0]["hints"] for each in told)
    assert states(tmp_path) == ["done"] * 8


def started(directory, typed):
    pipe = subprocess.PIPE
    return subprocess.Popen([*DSE, *typed], cwd=directory, stdout=pipe, stderr=pipe, text=True)


def states(directory):
    with sqlite3.connect(directory / "outputs" / "dse.db") as database:
        query = "select state from trial join study on study.id = study_id where name like '%slow'"
        return [row[0] for row in database.execute(query)]


def test_what_does_not_go_is_refused(tmp_path, noted):
    small = ("objective._target_=tests.search.hinted.wide", "trials=2")
    line = refused(tmp_path, *words(*small, "hints=[naswot]"))
    assert "hints: 'naswot' was measured of no mlp in the store; there are none" in line
    run_dse(tmp_path, *words("objective=naswot", "trials=8", "sampler=random"))
    line = refused(tmp_path, *words(*small, "hints=[naswt]"))
    assert "hints: 'naswt' was measured of no mlp in the store; did you mean 'naswot'?" in line
    for word in ("hints=[naswot]", "warm=true"):
        line = refused(tmp_path, *words(*small, word, "sampler=tpe"))
        assert "hints: TPESampler takes none; choose a sampler that does: PoolSampler" in line
    line = refused(tmp_path, *words(*small, "hints=[naswot]", "grid.resolution=[16]"))
    assert "hints: naswot was measured of none of the 8 candidates" in line
    line = refused(tmp_path, *words(*small, "sampler=pool", "+sampler.hints=[1]"))
    assert "hints" in line


DAMAGE = (
    {"measured": 3, "tasks": []},
    {"measured": [{"what": "naswot", "keys": [1], "values": []}], "tasks": []},
    {"measured": [], "tasks": [{"what": "wide", "columns": [], "costs": ["macs"]}]},
    [],
)


@pytest.mark.parametrize("content", DAMAGE)
def test_hints_that_are_damaged_are_told_of_in_a_line(project, noted, content):
    project.search(space(), "naswot", trials=8, sampler="random")
    search(project, hints=["naswot"])
    with sqlite3.connect(project.url) as database:
        query = "select id, content from study order by id desc limit 1"
        ((id, held),) = database.execute(query).fetchall()
        damaged = json.dumps(json.loads(held) | {"hints_read": content})
        database.execute("update study set content = ? where id = ?", (damaged, id))
    with pytest.raises(DseError, match="it is damaged, or was not written by dse"):
        search(project, trials=4, hints=["naswot"])


def test_the_largest_groups_are_learned_from(project, noted):
    for factor in range(9):
        steep = {"_target_": "tests.search.hinted.steep", "name": "steep", "factor": factor + 1.0}
        project.search(space(), steep, trials=5 + (factor > 0), sampler="random")
    study = search(project, steep | {"factor": 0.5}, warm=True)
    assert [each.measured for each in study.result.hints] == [6] * 8


def test_a_server_tells_the_same(tmp_path, noted):
    with postgres_server() as new_database:
        project = dse.open(new_database())
        project.search(space(), "naswot", trials=8, sampler="random")
        project.search(space(16), WIDE, trials=8, sampler="random")
        study = search(project, hints=["naswot"], warm=True)
        assert [each.measured for each in study.result.hints] == [8, 8]
        search(project, trials=5, hints=["naswot"], warm=True)
    first, second = noted()
    assert first["hints"] == second["hints"]


def test_a_search_without_hints_is_the_study_that_it_was(project):
    study = project.search(space(), WIDE, trials=2)
    with sqlite3.connect(project.url) as database:
        (content,) = database.execute("select content from study").fetchone()
    assert not {"hints", "warm", "hints_read"} & {*json.loads(content)}
    assert study.result.pool.hints is None


def test_warm_without_anything_earlier_says_so(tmp_path, noted):
    typed = words("objective._target_=tests.search.hinted.wide", "trials=2", "warm=true")
    out = run_dse(tmp_path, *typed).stdout
    assert "warm: the study began with fewer than 5 measurements of other candidates" in out
