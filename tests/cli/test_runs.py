"""Runs, their state, a run once more, fronts, correlations and differences, by the commands."""

import json
import os
import sqlite3

import pytest

from dse.store import open_store, start_run
from dse.store.schema import SCHEMA_VERSION
from tests.cli.command import dse, query, refused

SPACE = ("family=mlp", "grid=none", "grid.width=[16,32,48]", "grid.depth=[1,2]")


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("runs")
    dse(directory, "sweep", *SPACE, "budget.macs=1M")
    dse(directory, "search", *SPACE, "objective=params", "exact=false", "trials=4")
    return directory


def test_runs_tell_when_where_and_how(directory):
    first, second = json.loads(dse(directory, "runs", "--format", "json").stdout)[::-1]
    assert first["command"].startswith("dse sweep family=mlp grid=none")
    assert second["command"].startswith("dse search")
    assert (first["outcome"], first["host"]) == ("done", os.uname().nodename)
    printed = dse(directory, "runs", "1").stdout
    assert "  grid.width=[16, 32, 48]" in printed
    assert "torch 2" in printed
    assert "there is no run 9; the store holds ids from 1 to 2" in refused(directory, "runs", "9")


def test_runs_name_the_pages_chosen(directory):
    sweep, search = (
        json.loads(dse(directory, "runs", id, "--format", "json").stdout)[0]["config"]["choices"]
        for id in ("1", "2")
    )
    shared = {"family": "mlp", "grid": "none", "budget": "none", "cost": "default"}
    assert sweep.items() >= {**shared, "store": "sqlite"}.items()
    assert search.items() >= {**shared, "objective": "params", "sampler": "pool"}.items()


def test_status_tells_what_is_left(tmp_path):
    dse(tmp_path, "sweep", *SPACE)
    store = tmp_path / "outputs" / "dse.db"
    engine = open_store(str(store))
    start_run(engine, "dse sweep of old", {}, {})
    with sqlite3.connect(store) as connection:
        # As a run is found whose process was killed: a process of this number there is none.
        change = "update run set process = ?, done = 20, total = 50 where id = 2"
        connection.execute(change, (2**22 + 1,))
    printed = dse(tmp_path, "status")
    killed, done = json.loads(dse(tmp_path, "status", "--format", "json").stdout)
    assert (killed["outcome"], killed["left"]) == ("killed", 30)
    assert (done["outcome"], done["done"], done["left"]) == ("done", 6, 0)
    assert "6 candidates, 0 of them invalid; 0 measurements failed" in printed.stderr


def without_times(directory, *words):
    keep = "id,family,width,depth,macs,params,train_memory,run"
    return query(directory, *words, "--columns", keep)


def test_a_run_once_more_makes_the_same_rows(directory):
    dse(directory, "rerun", "1", "--into", "again.db")
    assert without_times(directory, "run = 1") == without_times(directory, "--store", "again.db")
    assert "6 candidates, all 6 present" in dse(directory, "rerun", "1").stdout
    printed = dse(directory, "rerun", "2").stdout
    assert "4 evaluated (4 of them present before" in printed
    dse(directory, "rerun", "2", "--into", "searched.db")
    measured = ("--columns", "width,depth,macs,params", "--sort", "macs", "--store")
    assert len(query(directory, *measured, "searched.db")) == 4
    rerun = json.loads(dse(directory, "runs", "--store", "again.db", "--format", "json").stdout)
    assert rerun[0]["command"] == "dse rerun 1 --into again.db"
    assert "there is no run 77" in refused(directory, "rerun", "77")


def test_the_front_by_command(directory):
    rows = json.loads(
        dse(directory, "pareto", "--min", "macs", "--max", "params", "--format", "json").stdout
    )
    assert [row["macs"] for row in rows] == sorted(row["macs"] for row in rows)
    assert {"id", "family", "width", "macs", "params"} <= {*rows[0]}
    assert "--min macs --max accuracy" in refused(directory, "pareto")
    assert "did you mean 'macs'" in refused(directory, "pareto", "--min", "maccs")
    empty = dse(directory, "pareto", "--min", "macs", "--where", "macs < 1")
    assert empty.stderr == "no candidate has all of these numbers and meets the condition\n"


def test_correlations_by_command(directory):
    words = ("correlate", "params", "macs", "depth", "--format", "json")
    rows = json.loads(dse(directory, *words).stdout)
    assert [(row["a"], row["b"], row["n"]) for row in rows] == [
        ("params", "macs", 6),
        ("params", "depth", 6),
        ("macs", "depth", 6),
    ]
    assert rows[0]["spearman"] == pytest.approx(1.0)
    assert rows[0]["kendall"] == pytest.approx(1.0)
    assert "two or more columns" in refused(directory, "correlate", "macs")
    constant = json.loads(dse(directory, "correlate", "batch", "macs", "--format", "json").stdout)
    assert (constant[0]["spearman"], constant[0]["kendall"]) == (None, None)


def test_the_difference_of_two_candidates(directory):
    narrow, wide = query(directory, "depth = 1 and width in (16, 32)", "--sort", "width")
    ids = str(narrow["id"]), str(wide["id"])
    printed = dse(directory, "diff", *ids).stdout
    assert "settings  width" in printed
    (changed, *_) = [line.split() for line in printed.splitlines() if line.startswith("~")]
    assert changed[2:6] == ["Linear", "1×16", "→", "1×32"]
    listed = json.loads(dse(directory, "diff", *ids, "--format", "json").stdout)
    layer = next(row for row in listed if row["of"] == "layers")
    assert (layer["first"], layer["second"]) == (
        "Linear 1×16 12560 12544",
        "Linear 1×32 25120 25088",
    )
    rows = json.loads(dse(directory, "diff", *ids, "--no-layers", "--format", "json").stdout)
    macs = next(row for row in rows if row["name"] == "macs")
    assert (macs["first"], macs["second"]) == (narrow["macs"], wide["macs"])
    assert macs["ratio"] == round(wide["macs"] / narrow["macs"], 4)
    same = dse(directory, "diff", ids[0], ids[0]).stdout
    assert "are the same network under the same conditions" in same
    assert "there is no candidate 99" in refused(directory, "diff", ids[0], "99")


def test_an_upgrade_by_command(directory):
    assert dse(directory, "upgrade").stdout == f"outputs/dse.db has schema {SCHEMA_VERSION}\n"
    assert "there is no store at none.db" in refused(directory, "upgrade", "--store", "none.db")
    assert not (directory / "none.db").exists()
