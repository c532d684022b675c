"""What a study of many processes is worth: `python -m tests.benchmarks.studies COMMAND [WORDS]`.

- `throughput [TRIALS]`: trials of an instant objective through 8 processes into SQLite and into
  PostgreSQL, the sampler aside, beside Optuna's storage of the same kind in the same run.
- `scheduling [EVALUATIONS]`: two, then eight processes with the same command on one SQLite file,
  and on one PostgreSQL from three directories; evaluations that sleep for 0.1 to 10 s beside greedy
  list scheduling of the same.
- `kills [ROUNDS]`: processes killed, stopped and disconnected at random moments.
- `regret [SEEDS]`: 1, 4 and 16 asynchronous workers on NAS-Bench-Macro, by a simulation of time.

What was measured stands in studies.md beside this file. `regret` reads NAS-Bench-Macro from the
folder that DSE_REFERENCE_DATA names.
"""

from __future__ import annotations

import heapq
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from sqlalchemy import text

from dse.project import read_sampler
from dse.search import TableColumns, parse_bounds, read_measured
from dse.search.evaluations.verdict import TrialVerdict
from dse.search.proposing.proposals import Proposer, SeenTrial
from dse.store import (
    NO_TRAINING,
    Ending,
    Replicate,
    changed_trials,
    enter_study,
    join_study,
    made_place,
    open_store,
    put_replicates,
    start_run,
)
from dse.store.layout.contexts import Context
from dse.store.opening.database import reading
from tests.store.server import postgres_server
from tests.store.studies import test_study_rows

PROCESSES = 8
WORKERS = (1, 4, 16)
EVALUATIONS = 100
OF = Context({"objective": "instant"})


@contextmanager
def stores() -> Iterator[dict[str, Callable[[], str]]]:
    """Give what makes the URL of a new store, by the kind of database."""
    with tempfile.TemporaryDirectory() as directory, postgres_server() as new_database:
        numbers = iter(range(10**6))
        yield {
            "SQLite": lambda: f"{directory}/{next(numbers)}.db",
            "PostgreSQL": new_database,
        }


def throughput(trials: str = "10000") -> None:
    """Print trials a second, ours and Optuna's."""
    with stores() as kinds:
        for kind, new in kinds.items():
            ours = _rate(new(), int(trials), _take_part)
            url = new()
            optuna_url = url if "://" in url else f"sqlite:///{url}"
            theirs = _rate(optuna_url, max(100, int(trials) // 50), _take_part_in_optuna)
            print(f"{kind}: {ours:,.0f} trials/s, Optuna {theirs:,.1f}: {ours / theirs:.1f} times")


def _rate(url: str, trials: int, work: Callable[..., None]) -> float:
    """Return how many trials a second processes do, from the moment when all are ready."""
    spawn = get_context("spawn")
    ready, begin = spawn.Barrier(PROCESSES + 1), spawn.Event()
    if work is _take_part:
        engine = open_store(url)
        run = start_run(engine, "benchmark", {}, {})
        enter_study(engine, 7, "benchmark", "f", {}, [], trials, run)
        engine.dispose()
    else:
        optuna.create_study(storage=url, study_name="benchmark")
    words = (url, trials, ready, begin)
    running = [spawn.Process(target=work, args=(at, *words)) for at in range(PROCESSES)]
    for each in running:
        each.start()
    ready.wait()
    started = time.perf_counter()
    begin.set()
    for each in running:
        each.join()
    return trials / (time.perf_counter() - started)


def _take_part(at: int, url: str, trials: int, ready: Any, begin: Any) -> None:
    engine = open_store(url)
    run = start_run(engine, "benchmark", {}, {})
    worker, place = join_study(engine, 1, run, 60), made_place(engine, OF, "instant")
    change = 0
    ready.wait()
    begin.wait()
    for key in range(at, trials, PROCESSES):
        # A process of a search reads what others did before each proposal.
        change, _ = changed_trials(engine, 1, change)
        seen = {"trials": key, "last": change, "claims": [key]}
        claim = worker.claim_new(key, NO_TRAINING, seen, {}, 2, "cpu", lambda connection: None)
        assert claim is not None
        done = Replicate("f", key, "score", float(key))
        ending = Ending("done", [{"numbers": {"score": {"score": done.value}}}])
        worker.end(
            claim,
            ending,
            lambda connection, done=done: put_replicates(connection, run, [done], place),
        )
    worker.leave()


def _take_part_in_optuna(at: int, url: str, trials: int, ready: Any, begin: Any) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.RandomSampler(seed=at)
    study = optuna.load_study(study_name="benchmark", storage=url, sampler=sampler)
    ready.wait()
    begin.wait()
    for _ in range(at, trials, PROCESSES):
        trial = study.ask()
        study.tell(trial, trial.suggest_float("x", 0, 1))


def scheduling(evaluations: str = "48") -> None:
    """Print how long processes need beside greedy list scheduling of what they evaluated."""
    with stores() as kinds:
        for kind, new in kinds.items():
            for processes in (2, 8):
                _schedule(kind, new(), processes, int(evaluations))


def _schedule(kind: str, url: str, processes: int, evaluations: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        noted = Path(directory) / "evaluated.txt"
        environment = {**os.environ, "DSE_EVALUATED": str(noted), "OMP_NUM_THREADS": "1"}
        widths = list(range(8, 8 * (evaluations // 4 + 1), 8))
        words = [
            *(sys.executable, "-m", "dse.cli.main", "search", "family=mlp", "grid=none"),
            *(f"grid.width={widths}", "grid.depth=[1,2,3,4]", f"trials={evaluations}"),
            *("objective._target_=tests.search.asleep.long", "+objective.name=score"),
            *("allow=[tests.search.asleep]", "sampler=random", f"store.url={url}", "workers=1"),
        ]
        running = []
        for at in range(processes):
            place = Path(directory) / f"machine{at % 3 if kind == 'PostgreSQL' else 0}"
            place.mkdir(exist_ok=True)
            environment["PYTHONPATH"] = os.getcwd()
            running.append(
                subprocess.Popen(words, cwd=place, env=environment, stdout=subprocess.DEVNULL)
            )
        for each in running:
            assert each.wait() == 0
        rows = [line.split() for line in noted.read_text().splitlines()]
    assert len({tuple(row[:2]) for row in rows}) == len(rows) == evaluations, "each once"
    first: dict[str, float] = {}
    for _, _, process, started, _ in rows:
        first[process] = min(float(started), first.get(process, float("inf")))
    ready = max(first.values())
    # Before the last process is ready the others have begun: what they do then does not count.
    spans = sorted((float(start), float(end)) for *_, start, end in rows)
    under_way = [end - ready for start, end in spans if start <= ready < end]
    later = [end - start for start, end in spans if start > ready]
    free = [*under_way, *[0.0] * (processes - len(under_way))]
    heapq.heapify(free)
    for each in later:
        heapq.heappush(free, heapq.heappop(free) + each)
    took = max(float(row[4]) for row in rows) - ready
    least = max(free)
    print(
        f"{kind}, {processes} processes: {len(later)} evaluations in {took:.2f} s, "
        f"list scheduling {least:.2f} s: {took / least:.3f} times",
        flush=True,
    )


def kills(rounds: str = "50") -> None:
    """Kill, stop and disconnect processes many times; an assertion fails where one loses."""
    draw = random.Random(0)
    with stores() as kinds:
        for kind, new in kinds.items():
            for number in range(int(rounds)):
                url = new()
                engine = open_store(url)
                test_study_rows.disturb(url, engine, draw)
                with reading(engine) as connection:
                    again = text("select count(*) from trial where attempt > 1")
                    taken = connection.execute(again).scalar_one()
                engine.dispose()
                print(f"{kind}, round {number + 1}: nothing lost, {taken} taken over", flush=True)


def regret(seeds: str = "20") -> None:
    """Print how many evaluations asynchronous workers need for the regret of one."""
    data = Path(os.environ["DSE_REFERENCE_DATA"]) / "nas-bench-macro" / "nas_bench_macro.csv"
    columns = TableColumns(("mean_acc",), ("params", "flops"), characters="arch")
    table = read_measured(data, columns)
    page = {"_target_": "dse.search.samplers.PoolSampler"}
    for million in (40, 50, 60, 80):
        within = table.within(parse_bounds(f"flops<={million}M", ["params", "flops"]))
        curves = {
            workers: np.mean([_curve(within, page, workers, s) for s in range(int(seeds))], axis=0)
            for workers in WORKERS
        }
        for wanted in (25, 50):
            target = max(curves[1][wanted - 1], 1e-9)
            reached = {w: np.flatnonzero(curve <= target) for w, curve in curves.items()}
            needed = {w: int(at[0]) + 1 if len(at) else EVALUATIONS for w, at in reached.items()}
            told = ", ".join(f"{w}: {n} ({n / needed[1]:.2f})" for w, n in needed.items())
            print(f"flops <= {million}M, regret {target:.4f}: {told}", flush=True)


def _curve(within: Any, page: dict[str, Any], workers: int, seed: int) -> Any:
    """Return the regret after each result, where evaluations take different times."""
    durations = np.random.default_rng(seed)
    make = read_sampler(page, [])
    proposer = Proposer(within.pool, make, ["maximize"], seed, lambda choices: -1)
    seen: list[SeenTrial] = []
    running: list[tuple[float, int]] = []
    best, found, clock = -np.inf, [], 0.0
    for _ in range(EVALUATIONS):
        while len(running) < workers:
            proposed = proposer.propose(seen)
            seen.append(SeenTrial(proposed.index, notes=proposed.notes))
            heapq.heappush(running, (clock + durations.lognormal(0, 0.5), len(seen) - 1))
        clock, number = heapq.heappop(running)
        value = float(within.values[seen[number].index, 0])
        verdict = TrialVerdict([value])
        seen[number] = SeenTrial(seen[number].index, verdict, len(found), seen[number].notes)
        best = max(best, value)
        found.append(float(within.values.max()) - best)
    return np.array(found)


if __name__ == "__main__":
    name, *words = sys.argv[1:] or [""]
    commands = {each.__name__: each for each in (throughput, scheduling, kills, regret)}
    if name not in commands:
        sys.exit(f"{__doc__}\nexpected one of {json.dumps(list(commands))}")
    commands[name](*words)
