"""One study, many processes: each candidate once, replayed proposals, and who did what."""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import signal
import sqlite3
import threading
import time
from collections import Counter

import pytest
from sqlalchemy import create_engine, text

import dse
from dse.errors import DseError
from dse.project import read_sampler
from dse.search.proposing.proposals import Proposer
from dse.search.proposing.study_trials import Seen, StudyTrials
from dse.search.proposing.study_view import StudyView
from dse.store import open_store
from tests.cli.command import dse as run_dse
from tests.cli.forked import ForkedCommand
from tests.search import asleep
from tests.store.server import postgres_server

GRID = {"width": [8, 16, 24, 32, 40, 48], "depth": [1, 2, 3, 4]}
WORDS = (
    *("family=mlp", "grid=none", "grid.width=[8,16,24,32,40,48]", "grid.depth=[1,2,3,4]"),
    *("objective._target_=tests.search.asleep.score", "+objective.name=score"),
    "allow=[tests.search.asleep]",
)


@pytest.fixture
def evaluated(tmp_path, monkeypatch):
    """Return a function that reads which candidates were evaluated, and how often."""
    file = tmp_path / "evaluated.txt"
    monkeypatch.setenv("DSE_EVALUATED", str(file))

    def read():
        return Counter(tuple(line.split()[:2]) for line in file.read_text().splitlines())

    return read


def space():
    return dse.design_space("mlp", grid=GRID)


@pytest.mark.parametrize(
    ("sampler", "order"),
    [("pool", "free"), ("pool", "fixed"), ("tpe", "free"), ("nsga2", "free")],
)
def test_proposals_are_replayed_from_what_each_saw(tmp_path, evaluated, sampler, order):
    project = dse.open(tmp_path / "dse.db")
    options = {"workers": 3, "order": order, "seed": 2}
    study = project.search(space(), asleep.score, trials=14, sampler=sampler, **options)
    assert set(evaluated().values()) == {1}
    result = study.result
    engine = open_store(project.url)
    trials = StudyTrials(engine, study.id, 3 if order == "fixed" else None)
    view = StudyView(trials, [], result.pool, result.objective)
    view.update()
    sampler_page = project.run(study.run)["config"]["sampler"]
    name = f"mlp: {result.objective.name}"
    make = read_sampler(sampler_page, [])
    proposer = Proposer(result.pool, make, ["maximize"], 2, lambda choices: -1, name=name)
    pending = set()
    for trial in trials.trials:
        seen = Seen.of(trial.seen)
        pending.add(len(seen.claims))
        proposal = proposer.propose(view.as_it_was(seen))
        assert result.pool.keys[proposal.index] == trial.key
    assert max(pending) == 2, "proposals were made while others were evaluated"


def states(directory):
    with sqlite3.connect(directory / "outputs" / "dse.db") as database:
        return Counter(row[0] for row in database.execute("select state from trial"))


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_processes_that_die_or_are_stopped_leave_a_study_to_the_others(tmp_path, evaluated):
    words = ("search", *WORDS, "trials=24", "lease=2", "workers=1")
    started = [ForkedCommand(tmp_path, *words) for _ in range(3)]
    store = tmp_path / "outputs" / "dse.db"
    wait_for(lambda: store.exists() and workers(store) == 3 and states(tmp_path)["done"] >= 3)
    killed, stopped, left = started
    killed.kill()
    stop_between_transactions(stopped, store)
    out, err = left.communicate(timeout=120)
    assert left.returncode == 0, err
    assert "24 evaluated" in out
    stopped.send_signal(signal.SIGCONT)
    late, told = stopped.communicate(timeout=60)
    assert stopped.returncode == 0, told
    assert "24 evaluated" in late, "whoever comes back sees what the others did"
    assert states(tmp_path) == {"done": 24}
    with sqlite3.connect(store) as database:
        again = database.execute("select count(*) from trial where attempt > 1").fetchone()[0]
        measured = database.execute("select count(*), count(distinct key) from replicate")
        assert measured.fetchone() == (24, 24)
    repeated = sum(number - 1 for number in evaluated().values())
    # What was under way where a process was killed or stopped was begun anew, and nothing else.
    assert repeated <= again <= 2


def stop_between_transactions(process, store):
    """Stop a process; one that is stopped as it writes holds SQLite's lock, whatever others do."""
    while True:
        process.send_signal(signal.SIGSTOP)
        with sqlite3.connect(store, timeout=2) as database:
            try:
                database.execute("begin immediate")
                return
            except sqlite3.OperationalError:
                process.send_signal(signal.SIGCONT)
        time.sleep(0.05)


def workers(store):
    with sqlite3.connect(store) as database, contextlib.suppress(sqlite3.OperationalError):
        return database.execute("select count(*) from worker").fetchone()[0]
    return 0


def test_a_study_is_asked_about_and_joined(tmp_path, evaluated):
    run_dse(tmp_path, "search", *WORDS, "trials=5")
    words = ("--allow", "tests.search.asleep")
    out = run_dse(tmp_path, "worker", "1", *words).stdout
    assert "5 evaluated (5 of them present before" in out
    assert "as study 1;" in out
    assert run_dse(tmp_path, "status", "1", "--follow").stdout.startswith(
        "5 of 5 trials ended (5 do"
    )
    project = dse.open(tmp_path / "outputs" / "dse.db")
    trials = project.trials(1)
    assert trials["number"].to_list() == list(range(5))
    assert set(trials["state"]) == {"done"}
    assert trials["score"].to_list() == (trials["width"] - 3 * trials["depth"]).to_list()
    best = trials.sort("finished")["best"]
    assert best.to_list() == trials.sort("finished")["score"].cum_max().to_list()
    assert project.studies().select("id", "done", "trials").rows() == [(1, 5, 5)]
    assert len(project.query("study = 1")) == len(project.query("run = 1")) == 5
    assert len(project.query("study != 1 or study = 2")) == 0
    assert project.query("study = 1", columns=["study"])["study"].to_list() == [1] * 5
    assert "there is no study 9; the store holds ids from 1 to 1" in refusal(tmp_path, "9", *words)
    assert "--allow tests.search.asleep" in refusal(tmp_path, "1")


def refusal(directory, *words):
    return run_dse(directory, "worker", *words, status=1).stderr


def test_another_seed_or_sampler_is_another_study_that_knows_what_was_measured(tmp_path, evaluated):
    run_dse(tmp_path, "search", *WORDS, "trials=5")
    out = run_dse(tmp_path, "search", *WORDS, "trials=4", "sampler=random").stdout
    assert "5 more were measured by other runs" in out
    assert sum(evaluated().values()) == 9
    assert "as study 2;" in out
    run_dse(tmp_path, "search", *WORDS, "trials=3", "seed=1")
    assert set(evaluated().values()) == {1}, "an objective that takes no seed is asked once"


def test_what_is_forgotten_is_evaluated_anew(tmp_path, evaluated):
    run_dse(tmp_path, "search", *WORDS, "trials=4")
    run_dse(tmp_path, "forget", "--measurement", "score", "--yes")
    assert states(tmp_path) == {"waiting": 4}
    run_dse(tmp_path, "search", *WORDS, "trials=4")
    assert set(evaluated().values()) == {2}


def test_limits_are_on_whatever_an_objective_returns(tmp_path):
    project = dse.open(tmp_path / "dse.db")
    budget = {"delay_ms": 20}
    study = project.search(space(), asleep.several, budget, trials=24)
    assert study.best["delay_ms"].max() <= 20
    assert study.best["several"][0] == 48
    wrong = {"delay_msec": 20}
    with pytest.raises(DseError, match=r"budget.delay_msec: nothing measures it; .*'delay_ms'"):
        project.search(space(), asleep.several, wrong, trials=3, sampler="random")
    measured = project.query("delay_ms > 0", columns=["delay_ms"])
    assert len(measured) == 24, "nothing that was measured is lost"


HALVING = {
    "_target_": "optuna.pruners.SuccessiveHalvingPruner",
    "min_resource": 1,
    "reduction_factor": 3,
}


def test_a_training_that_is_promoted_goes_on_from_its_checkpoint(tmp_path):
    """What it comes to is what it would have come to, had it never been interrupted."""
    tiny = dse.design_space("mlp", grid={"width": [8, 16, 24], "depth": [1, 2, 3], "resolution": 8})
    train = {"_target_": "dse.search.objectives.train", "epochs": 4, "limit": 300, "batch": 32}
    common = {"trials": 9, "sampler": "random", "seed": 3}
    halved = dse.open(tmp_path / "halved.db")
    halved.search(tiny, train, pruner=HALVING, checkpoints=tmp_path / "states", **common)
    trials = halved.trials(1)
    promoted = trials.filter(trials["attempt"] > 1)
    assert len(promoted) > 0
    left = list((tmp_path / "states").glob("*/*.pt"))
    assert len(left) == trials["state"].to_list().count("pruned"), "what has ended leaves no state"
    whole = dse.open(tmp_path / "whole.db")
    whole.search(tiny, train, **common)
    expected = dict(reported(tmp_path / "whole.db"))
    for key, steps in reported(tmp_path / "halved.db"):
        numbers = [step for step, _ in steps]
        assert numbers == list(range(1, len(steps) + 1)), "no epoch is trained twice"
        assert steps == expected[key][: len(steps)]
        with sqlite3.connect(tmp_path / "halved.db") as database:
            query = "select what, value from measurement where key = ? and what like '%_at_%'"
            measured = database.execute(f"{query} order by what", (key,)).fetchall()
        assert measured == [(f"objective_at_{step}", value) for step, value in steps]


def test_processes_share_hyperband_and_the_states_of_its_trainings(tmp_path):
    grid = ("grid.width=[8,16,24]", "grid.depth=[1,2,3]", "grid.resolution=8")
    train = ("objective=train", "objective.epochs=4", "objective.limit=300", "objective.batch=32")
    common = ("search", "family=mlp", *grid, *train, "trials=9", "sampler=random", "seed=3")
    hyperband = "{_target_: optuna.pruners.HyperbandPruner, min_resource: 1, max_resource: 4}"
    for attempt in range(3):
        places = (f"checkpoints=states{attempt}", "--store", f"shared{attempt}.db")
        words = (*common, f"pruner={hyperband}", *places)
        running = [ForkedCommand(tmp_path, *words) for _ in range(2)]
        assert [process.wait() for process in running] == [0, 0]
        shared = tmp_path / f"shared{attempt}.db"
        trials = dse.open(shared).trials(1)
        if len(set(trials["process"])) == 2:
            break
    assert len(set(trials["process"])) == 2, "in one of three times both took part"
    assert set(trials["state"]) <= {"done", "pruned"}
    run_dse(tmp_path, *common, "--store", "whole.db")
    expected = dict(reported(tmp_path / "whole.db"))
    for key, steps in reported(shared):
        assert [step for step, _ in steps] == list(range(1, len(steps) + 1))
        assert steps == expected[key][: len(steps)], "promoted or not, an epoch is trained once"


def test_who_joins_names_tools_and_states_for_itself(tmp_path, evaluated):
    run_dse(tmp_path, "search", *WORDS, "trials=2")
    with sqlite3.connect(tmp_path / "outputs" / "dse.db") as database:
        database.execute("update study set trials = 4")
    words = ("worker", "1", "--allow", "tests.search.asleep")
    told = run_dse(tmp_path, *words, "--track", "tensorbord=x", status=1).stderr
    assert "unknown tool 'tensorbord'; did you mean 'tensorboard'?" in told
    run_dse(tmp_path, *words, "--track", "tensorboard=events", "--checkpoints", "states")
    assert len(list((tmp_path / "events").rglob("events.*"))) >= 2
    assert sum(evaluated().values()) == 4


def reported(store):
    """Return what each network reported, step by step."""
    with sqlite3.connect(store) as database:
        query = "select key, step, value from report join trial on trial.id = trial_id"
        rows = database.execute(f"{query} order by key, step").fetchall()
    keys = dict.fromkeys(key for key, _, _ in rows)
    return [(key, [(step, value) for k, step, value in rows if k == key]) for key in keys]


def test_where_data_lie_makes_no_other_study_and_other_data_do(tmp_path):
    lines = [f"{w},{d},{w * d}" for w in GRID["width"] for d in GRID["depth"]]
    for name in ("here.csv", "there.csv"):
        (tmp_path / name).write_text("\n".join(["width,depth,accuracy", *lines]))
    (tmp_path / "other.csv").write_text("\n".join(["width,depth,accuracy", *lines, ""]))
    full = dse.design_space("mlp", grid=GRID)
    project = dse.open(tmp_path / "dse.db")
    ids = []
    for name in ("here.csv", "there.csv", "other.csv"):
        page = {"_target_": "dse.search.objectives.table", "value": "accuracy"}
        page["file"] = str(tmp_path / name)
        ids.append(project.search(full, page, trials=3, sampler="random").id)
    assert ids == [1, 1, 2]


EXECUTORS = {
    "local": {},
    "ray": {"cpus_per_trial": 0.5},
    "submitit": {"cluster": "local", "folder": "jobs"},
}


def test_a_study_is_the_same_wherever_it_runs(tmp_path, evaluated, monkeypatch):
    monkeypatch.chdir(tmp_path)
    orders = {}
    for name, options in EXECUTORS.items():
        project = dse.open(tmp_path / f"{name}.db")
        page = {"kind": name, **options}
        project.search(
            space(), asleep.score, trials=4, executor=page, workers=2, order="fixed", seed=4
        )
        orders[name] = project.trials(1).select("width", "depth", "score").rows()
    assert orders["ray"] == orders["submitit"] == orders["local"]
    assert set(evaluated().values()) == {3}


def test_a_store_chooses_no_file_no_tool_and_no_cluster(tmp_path, evaluated):
    """What whoever made a study had written elsewhere is nothing for who joins or repeats it."""
    places = {name: tmp_path / name for name in ("states", "events", "optuna.db")}
    words = (
        f"checkpoints={places['states']}",
        f"tensorboard={places['events']}",
        f"to_optuna=sqlite:///{places['optuna.db']}",
    )
    run_dse(tmp_path, "search", *WORDS, *words, "trials=2")
    for place in places.values():
        shutil.rmtree(place, ignore_errors=True)
        place.unlink(missing_ok=True)
    with sqlite3.connect(tmp_path / "outputs" / "dse.db") as database:
        config = json.loads(database.execute("select config from run").fetchone()[0])
        config["executor"] = {"kind": "submitit", "cluster": "local", "folder": str(tmp_path / "x")}
        database.execute("update run set config = ?", (json.dumps(config),))
        database.execute("update study set trials = 4")
    run_dse(tmp_path, "worker", "1", "--allow", "tests.search.asleep")
    assert sum(evaluated().values()) == 4
    run_dse(tmp_path, "rerun", "1", "--allow", "tests.search.asleep")
    assert {each.name for each in tmp_path.iterdir()} == {"outputs", "evaluated.txt"}


def test_a_search_outlives_connections_that_are_ended_all_the_time(evaluated):
    """Every statement of a search may be the one at which the server ends its connection."""
    over = threading.Event()
    with postgres_server() as new_database:
        url = new_database()
        project = dse.open(url)
        project.sweep(space(), limit=1)
        admin = create_engine(url.rpartition("/")[0] + "/postgres", isolation_level="AUTOCOMMIT")
        ended = 0

        def end_connections():
            nonlocal ended
            name = url.rpartition("/")[2]
            # On a slow machine the longest transaction needs a moment without an end, too.
            pauses = itertools.cycle([0.03] * 9 + [0.5])
            while not over.wait(next(pauses)):
                with admin.connect() as connection:
                    query = text(f"{ENDED_BY} where datname = :name")
                    ended += len(connection.execute(query, {"name": name}).all())

        ending = threading.Thread(target=end_connections)
        ending.start()
        try:
            study = project.search(space(), asleep.score, trials=12, sampler="random")
        finally:
            over.set()
            ending.join()
        assert ended > 10
        assert [each.values is not None for each in study.result.evaluations] == [True] * 12
        assert set(evaluated().values()) == {1}
        assert set(project.trials(study.id)["attempt"]) == {1}
        admin.dispose()


ENDED_BY = "select pg_terminate_backend(pid) from pg_stat_activity"
