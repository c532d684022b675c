"""A store of a million candidates: filled, asked and compared with plain SQL, in one run.

    python -m tests.benchmarks.store [--candidates 1000000] [--repeats 5]

Fills a new SQLite file in one call, beside plain `sqlite3.executemany` of the same rows into a bare
table without any index. Then asks it from the shell, start-up included, beside the same statement
in Python's `sqlite3` in a process of its own, and checks that both answer the same.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
from numpy.typing import NDArray

from dse.costs.cost_list import COST_NAMES
from dse.store import (
    CostScope,
    insert_candidate_columns,
    open_store,
    register_family,
    start_run,
)

QUESTION = ("query", "macs < 300M", "--sort", "-params", "--limit", "20", "--format", "json")
STATEMENT = (
    "select id, params, macs from candidate where macs < 300000000 "
    "order by params desc, id limit 20"
)
OTHERS = (
    ("query", "280M <= macs <= 300M and width >= 1", "--limit", "20"),
    ("query", "family = 'bench'", "--group-by", "depth", "--columns", "count,mean(macs)"),
    ("query", "macs / params > 100 and width < 0.5", "--sort", "macs", "--limit", "20"),
    ("pareto", "--min", "macs", "--max", "activations"),
    ("pareto", "--min", "macs", "--min", "peak_memory", "--max", "params"),
)
PLAIN = """
import json, sqlite3, sys
with sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True) as connection:
    print(json.dumps(connection.execute(sys.argv[2]).fetchall()))
"""


def columns(number: int) -> tuple[list[int], list[str], dict[str, list[int]]]:
    """Return keys, settings and costs of candidates, spread as those of a real space are."""
    random = numpy.random.default_rng(0)
    keys = random.integers(0, 2**63, number, dtype=numpy.int64)
    width = random.integers(1, 33, number)
    depth = random.integers(1, 9, number)
    settings = [
        f'{{"width":{w / 16},"depth":{d}}}'
        for w, d in zip(width.tolist(), depth.tolist(), strict=True)
    ]
    size: NDArray[numpy.int64] = width * depth * random.integers(500, 1500, number)
    costs = {name: (size * random.integers(500, 3000, number)).tolist() for name in COST_NAMES}
    return keys.tolist(), settings, costs


def filled(path: Path, number: int) -> float:
    """Make a store and return the seconds that its candidates took."""
    keys, settings, costs = columns(number)
    engine = open_store(str(path))
    register_family(engine, "bench", {"width": "number", "depth": "number"})
    run = start_run(engine, "benchmark", {}, {})
    started = time.perf_counter()
    stored = insert_candidate_columns(engine, run, CostScope("bench"), keys, settings, costs)
    seconds = time.perf_counter() - started
    engine.dispose()
    assert stored == number
    return seconds


def bare(path: Path, number: int) -> float:
    """Return the seconds of the same numbers in a bare table of `sqlite3`."""
    keys, settings, costs = columns(number)
    with sqlite3.connect(path) as connection:
        connection.execute("pragma journal_mode=wal")
        names = ", ".join(COST_NAMES)
        connection.execute(f"create table candidate (key, settings, {names})")
        marks = ", ".join("?" * (2 + len(COST_NAMES)))
        started = time.perf_counter()
        rows = zip(keys, settings, *costs.values(), strict=True)
        connection.executemany(f"insert into candidate values ({marks})", rows)
        connection.commit()
        return time.perf_counter() - started


def seconds_of(words: list[str], directory: Path, repeats: int) -> tuple[float, str]:
    """Return the median seconds of a process from its start to its end, and what it printed."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        done = subprocess.run(words, cwd=directory, check=True, capture_output=True, text=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times), done.stdout


def main() -> None:
    """Run the benchmark and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--candidates", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        store = directory / "store.db"
        ours, plain = (
            filled(store, arguments.candidates),
            bare(directory / "bare.db", arguments.candidates),
        )
        rate = arguments.candidates / ours
        print(f"{arguments.candidates:,} candidates stored in {ours:.1f} s, {rate:,.0f} a second;")
        print(f"  {plain / ours:.2f} of the rate of a bare table without an index ({plain:.1f} s)")
        print(f"  {os.path.getsize(store) / 2**20:,.0f} MiB")

        dse = [sys.executable, "-m", "dse.cli.main"]
        at = ["--store", str(store)]
        question, answer = seconds_of([*dse, *QUESTION, *at], directory, arguments.repeats)
        statement, rows = seconds_of(
            [sys.executable, "-c", PLAIN, str(store), STATEMENT], directory, arguments.repeats
        )
        ours_rows = [[row["id"], row["params"], row["macs"]] for row in json.loads(answer)]
        same = "the same" if ours_rows == json.loads(rows) else "DIFFERENT"
        print(f"dse {' '.join(QUESTION)}: {question:.2f} s from shell to result")
        print(f"  {question / statement:.1f} × sqlite3 with {STATEMENT!r}; {same} answer")
        for words in OTHERS:
            seconds, _ = seconds_of([*dse, *words, *at], directory, arguments.repeats)
            print(f"dse {' '.join(words)}: {seconds:.2f} s, {seconds / statement:.1f} ×")


if __name__ == "__main__":
    main()
