"""Several jobs of one command: which of them failed and why, and which went well."""

import sqlite3

import pytest

from tests.cli.command import dse, process, refused
from tests.ray_folder import ray_folder

SPACE = ("grid=none", "grid.resolution=[8]")


def runs(directory):
    with sqlite3.connect(directory / "outputs" / "dse.db") as connection:
        return connection.execute("select outcome, error from run order by id").fetchall()


def test_an_error_says_which_job_and_what_went_well(tmp_path):
    words = ("sweep", "-m", "family=mlp", *SPACE, "budget.macs=100M,1,200M")
    line = refused(tmp_path, *words)
    assert line.startswith("error: job 1 (family=mlp grid=none grid.resolution=[8] budget.macs=1):")
    assert "no candidate meets macs <= 1" in line
    assert "; done: job 0 (family=mlp " in line
    assert "budget.macs=100M), job 2 (" in line
    outcomes = runs(tmp_path)
    assert [outcome for outcome, _ in outcomes] == ["done", "failed", "done"]
    assert "no candidate meets macs <= 1" in outcomes[1][1]


def test_a_job_is_recorded_once_wherever_it_fails(tmp_path):
    """One is refused before its run begins, one fails in it, one by a value of the wrong type."""
    words = ("search", "-m", "family=mlp", *SPACE, "objective=params", "trials=1")
    refused(tmp_path, *words, "sampler=random,nothing.at_all")
    refused(tmp_path, *words, "variant=nothing,null")
    assert [outcome for outcome, _ in runs(tmp_path)] == ["done", "failed", "failed", "done"]
    with sqlite3.connect(tmp_path / "outputs" / "dse.db") as connection:
        commands = connection.execute("select distinct command from run").fetchall()
    assert all(command.startswith("dse search -m family=mlp") for (command,) in commands)


@pytest.mark.parametrize("launcher", ["joblib", "submitit_local", "ray"])
def test_a_launcher_runs_jobs_in_other_processes_and_is_told_how_they_end(tmp_path, launcher):
    # The processes of jobs whose blocks are known need not load PyTorch.
    dse(tmp_path, "sweep", "family=mlp", *SPACE)
    words = ("sweep", "-m", f"hydra/launcher={launcher}", "family=mlp", *SPACE)
    with ray_folder():
        done = process(tmp_path, *words, "budget.macs=1,100M")
    assert done.returncode == 1
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("error: "))
    assert line.startswith("error: job 0 (family=mlp grid=none grid.resolution=[8] budget.macs=1):")
    assert line.endswith(
        "; done: job 1 (family=mlp grid=none grid.resolution=[8] budget.macs=100M)"
    )
    assert sorted(outcome for outcome, _ in runs(tmp_path)[1:]) == ["done", "failed"]


def test_a_launcher_that_is_not_there_says_how_to_get_it(tmp_path):
    line = refused(tmp_path, "sweep", "-m", "hydra/launcher=dask", "family=mlp", *SPACE)
    assert line.startswith("error: unknown hydra/launcher 'dask'; ")
    assert line.endswith("; more launchers: pip install 'dse-nas[launchers]'")


def test_where_all_fail_none_is_done(tmp_path):
    line = refused(tmp_path, "sweep", "-m", "family=mlp", *SPACE, "variant=a,b")
    assert line.count("has no variant") == 2
    assert line.endswith("; none was done")
    assert len(runs(tmp_path)) == 2


def test_one_job_is_told_without_a_number_and_makes_no_store(tmp_path):
    line = refused(tmp_path, "sweep", "family=mlp", *SPACE, "variant=a")
    assert "job" not in line
    assert not (tmp_path / "outputs" / "dse.db").exists()


@pytest.mark.parametrize("words", [("grid.width=8,16",), ("budget.macs=1M,2M",), ("seed=1,2",)])
def test_several_values_without_a_multirun_show_the_mends(tmp_path, words):
    line = refused(tmp_path, "sweep", "family=mlp", *SPACE, *words)
    key, _, values = words[0].partition("=")
    assert f"'{words[0]}' is several values; -m runs a job for each" in line
    assert f"{key}=[{values}] is a list" in line
