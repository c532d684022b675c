import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from dse.configs.config_places import config_directory
from tests.cli.command import DSE, dse, environment, query, refused
from tests.cli.forked import ForkedCommand

SAMPLERS = sorted(page.stem for page in (config_directory() / "sampler").glob("*.yaml"))
SPACE = ("family=mobilenet_v2", "grid.resolution=[96]", "grid.expansion=[3,6]")
QUICK = ("family=mlp", "grid=none", "grid.width=[8,16,24,32]", "grid.depth=[1,2,3,4]")

# An objective of the user's own: it leaves a line for each evaluation, and prefers few layers.
OBJECTIVE = """
import os, time
from pathlib import Path

def score(candidate, module, seed, pause=0.0, fails=False):
    with Path("evaluated.txt").open("a") as file:
        file.write(f"{candidate.key} {candidate.costs.macs}\\n")
    time.sleep(pause)
    if fails and candidate.settings["depth"] > 1:
        raise RuntimeError("too deep")
    return -sum(1 for _ in module.modules()) + candidate.settings["width"]
"""


@pytest.fixture
def directory(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(OBJECTIVE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


OWN = ("objective._target_=mine.score", "allow=[mine]", "~objective.batch")


def evaluations(directory: Path):
    file = directory / "evaluated.txt"
    lines = file.read_text().splitlines() if file.exists() else []
    return [tuple(map(int, line.split())) for line in lines]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_space_of_one_network_is_searched(tmp_path, sampler):
    words = ("family=mlp", "grid=none", "grid.resolution=8", "objective=params", "exact=false")
    printed = dse(tmp_path, "search", *words, f"sampler={sampler}", "trials=2").stdout
    assert "1 evaluated (0 of them present before, 0 failed)" in printed


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_infeasible_candidates_never_reach_the_objective_and_none_does_twice(directory, sampler):
    words = (*SPACE, *OWN, "budget.macs=60M", f"sampler={sampler}", "trials=12")
    printed = dse(directory, "search", *words).stdout
    assert "12 evaluated (0 of them present before, 0 failed)" in printed
    seen = evaluations(directory)
    assert len(seen) == len(set(seen)) == 12
    assert all(macs <= 60_000_000 for _, macs in seen)
    measured = query(directory, "score is not null", "--sort", "-score")
    assert len(measured) == 12
    best = printed.split("best by")[1].splitlines()[2].split()[0]
    assert int(best) == measured[0]["id"]


def test_the_same_command_repeats_nothing_and_more_trials_continue(directory):
    words = (*SPACE, *OWN, "budget.macs=60M")
    dse(directory, "search", *words, "trials=6")
    again = dse(directory, "search", *words, "trials=6").stdout
    assert "6 evaluated (6 of them present before" in again
    more = dse(directory, "search", *words, "trials=9").stdout
    assert "9 evaluated (6 of them present before" in more
    assert len(evaluations(directory)) == 9


def measurements(directory: Path):
    with sqlite3.connect(directory / "outputs" / "dse.db") as connection:
        statement = "select key, what, value from measurement"
        return sorted(connection.execute(statement).fetchall())


def test_a_killed_search_ends_as_an_undisturbed_one(directory):
    whole = directory / "whole"
    whole.mkdir()
    words = ("search", *SPACE, *OWN, "budget.macs=60M", "trials=15", "+objective.pause=0.2")
    dse(whole, *words)
    process = ForkedCommand(directory, *words)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(evaluations(directory)) < 5:
        time.sleep(0.02)
    process.kill()
    process.wait()
    dse(directory, *words)
    assert measurements(directory) == measurements(whole)
    seen = [key for key, _ in evaluations(directory)]
    # the one that was under way when the process died ran again, no finished one did
    assert len(seen) - len(set(seen)) <= 1


def test_an_interrupted_search_says_how_to_continue(directory):
    process = subprocess.Popen(
        [*DSE, "search", *QUICK, *OWN, "trials=15", "+objective.pause=0.3"],
        cwd=directory,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # A test runner may have its children ignore the signal.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(evaluations(directory)) < 2:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    *progress, last = stderr.splitlines()
    assert last == "error: interrupted; run the same command again to continue"
    assert all(" trials, " in line for line in progress)
    with sqlite3.connect(directory / "outputs" / "dse.db") as connection:
        assert connection.execute("select outcome from run").fetchall() == [("interrupted",)]


def test_a_budget_with_fewer_candidates_than_trials_evaluates_each_once(directory):
    words = (*SPACE, "grid.depth=[1.0]", "grid.expansion=[6]", *OWN, "budget.macs=60M")
    printed = dse(directory, "search", *words, "trials=50").stdout
    assert "fewer candidates than trials=50: each was evaluated once" in printed
    assert len(evaluations(directory)) == len(set(evaluations(directory))) == 4


def test_a_failing_objective_is_stored_with_its_error(directory):
    words = (*SPACE, *OWN, "+objective.fails=true", "trials=12")
    printed = dse(directory, "search", *words).stdout
    assert "RuntimeError: too deep" in printed
    failed = printed.count("failed: RuntimeError: too deep (2 attempts)")
    assert failed == 3, "the first few are shown"
    number = len(evaluations(directory))
    again = dse(directory, "search", *words, "retry=never").stdout
    assert "12 of them present before" in again
    assert len(evaluations(directory)) == number


def test_the_largest_network_that_fits(tmp_path):
    dse(tmp_path, "sweep", *SPACE)
    largest = query(tmp_path, "macs <= 60M and resolution = 96", "--sort", "-params")[0]
    words = (*SPACE, "objective=params", "exact=false", "budget.macs=60M", "trials=1000")
    printed = dse(tmp_path, "search", *words).stdout
    best = printed.split("best by")[1].splitlines()[2].split()
    assert int(best[0]) == largest["id"]


def test_the_default_objective_is_a_training_free_score_and_reproducible(tmp_path):
    words = ("search", *SPACE, "budget.macs=30M", "trials=3")
    first = dse(tmp_path, *words, "store.url=a.db").stdout
    second = dse(tmp_path, *words, "store.url=b.db").stdout
    assert "best by naswot (maximize)" in first
    assert first.replace("a.db", "b.db") == second
    rows = query(tmp_path, "naswot is not null", "--store", "a.db")
    assert len({row["naswot"] for row in rows}) == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["objective=nasswot"], "unknown objective 'nasswot'; did you mean 'naswot'?"),
        (["sampler=tpee"], "unknown sampler 'tpee'; did you mean 'tpe'?"),
        (["objective.batchh=3"], "objective: unknown argument 'batchh'; did you mean 'batch'?"),
        (["objective.seed=3"], "objective: unknown argument 'seed'"),
        (["sampler.seed=3"], "sampler: unknown argument 'seed'"),
        (["+objective.size=3"], "objective: unknown argument 'size'"),
        (["objective.direction=up"], "objective.direction: unknown 'up'"),
        (["+sampler.size=1"], "sampler: unknown argument 'size'"),
        (["trials=0"], "trials: 0 is not positive"),
        (["grid=none", "budget.macs=5M"], "no candidate meets macs <= 5M; the nearest is"),
        (
            ["grid=none", "budget.macs=[5M,6M]"],
            "no candidate meets 5M <= macs <= 6M; the nearest is",
        ),
        (["objective._target_=os.system"], "'os.system' is none of these; valid: dse.search."),
        (["objective._target_=dse.search.objectives.naswott"], "mean 'dse.search.objectives.nas"),
        (["objective=mypkg.score"], "allow its module with allow=[mypkg]"),
    ],
)
def test_bad_input_is_one_line(tmp_path, words, message):
    assert message in refused(tmp_path, "search", *SPACE, *words)


def test_a_family_whose_page_has_numbers_beside_words_for_keys(tmp_path):
    """Nodes of DARTS' cells go by numbers, and what joins them by a word."""
    words = ("family=darts", "grid=none", "grid.depth=1", "grid.width=[4,8]")
    found = dse(tmp_path, "search", *words, "objective=params", "trials=2")
    assert "2 candidates; 2 evaluated" in found.stdout
