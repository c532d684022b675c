"""Writers and readers at one store for a while: `python -m tests.store.stress URL SECONDS`.

Every writer adds candidates of its own and ones that other writers find, registers an axis,
measures and notes its progress; every reader asks, groups, looks for fronts and runs SQL. However
busy the machine is, each of them does a few rounds.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
from dataclasses import dataclass
from queue import Empty
from typing import Any

from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import COST_NAMES, Costs
from dse.store import (
    CandidateRow,
    ask,
    finish_run,
    insert_candidates,
    note_progress,
    open_for_reading,
    open_store,
    read_runs,
    register_family,
    start_run,
)
from dse.store.questions.grouped_answers import answer_by_group
from dse.store.questions.pareto_answers import ParetoGoal, pareto
from dse.store.questions.statements import answer_sql
from tests.store.recording import record_measurement

WRITERS = 4
READERS = 4
LEAST_ROUNDS = 3
ROWS = 20
"""Candidates a transaction; every second one is found by all writers."""


@dataclass(frozen=True)
class Done:
    """What a process did until its time was over, or the error that ended it."""

    role: str
    number: int
    rounds: int
    error: str | None


def write(url: str, number: int, until: float) -> int:
    """Store rounds of candidates until the time is over, a few at least, and return how many."""
    store = open_store(url)
    run = start_run(store, f"writer {number}", {}, {})
    rounds = 0
    while rounds < LEAST_ROUNDS or time.time() < until:
        keys = [key_of(number if place % 2 else 0, rounds, place) for place in range(ROWS)]
        register_family(store, "shared", {"width": "number", f"axis_{number}": "number"})
        costs = [Costs(*[key + place for place in range(len(COST_NAMES))]) for key in keys]
        rows = [
            CandidateRow(key, "shared", Conditions(), {"width": key % 7}, cost)
            for key, cost in zip(keys, costs, strict=True)
        ]
        insert_candidates(store, run, rows)
        record_measurement(store, 1 + rounds % 9, "accuracy", rounds / 1e6, {"w": number}, run)
        record_measurement(store, 1, "loss", 0.5, {"w": number, "n": rounds}, run)
        rounds += 1
        note_progress(store, run, rounds, 0)
    finish_run(store, run, "done")
    return rounds


def key_of(number: int, round: int, place: int) -> int:
    """Return the key of a candidate; writer 0 stands for all of them."""
    return (number * 10**6 + round) * ROWS + place


def read(url: str, _number: int, until: float) -> int:
    """Ask questions until the time is over, each of which sees at least what the last one saw."""
    seen = rounds = 0
    while rounds < LEAST_ROUNDS or time.time() < until:
        store = open_for_reading(url)
        number = answer_sql(store, "select count(*) as n from candidate").rows[0]["n"]
        assert number >= seen, f"{number} rows after {seen}"
        seen = number
        ask(store, "width > 2 and macs > 10", "-params", 20)
        answer_by_group(store, "width")
        pareto(store, [ParetoGoal("macs", "min"), ParetoGoal("width", "max")], "macs < 10k", 5)
        read_runs(store)
        store.dispose()
        rounds += 1
    return rounds


def _work(role: str, number: int, url: str, seconds: float, ready: Any, results: Any) -> None:
    work = write if role == "writer" else read
    # Loading takes the processes a while; they all start to work at one time.
    ready.wait()
    until = time.time() + seconds
    try:
        results.put(Done(role, number, work(url, number, until), None))
    except Exception as error:  # noqa: BLE001  told to the parent, which fails by it
        results.put(Done(role, number, 0, f"{type(error).__name__}: {error}"))


def stress(url: str, seconds: float) -> list[Done]:
    """Let writers and readers work on a store, which is made first."""
    store = open_store(url)
    register_family(store, "shared", {"width": "number"})
    store.dispose()
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    ready = context.Barrier(WRITERS + READERS)
    workers = [
        context.Process(target=_work, args=(role, number, url, seconds, ready, results))
        for role, total in (("writer", WRITERS), ("reader", READERS))
        for number in range(1, total + 1)
    ]
    for worker in workers:
        worker.start()
    found = []
    for _ in workers:
        try:
            found.append(results.get(timeout=seconds + 120))
        except Empty:
            found.append(Done("?", 0, 0, "a process never ended"))
    for worker in workers:
        worker.join()
    return found


if __name__ == "__main__":
    print(json.dumps([vars(done) for done in stress(sys.argv[1], float(sys.argv[2]))], indent=1))
