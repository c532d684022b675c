"""Several processes at one file, and processes that are killed while they write."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from dse.store import ask, open_for_reading, open_store, read_runs, registered_families
from dse.store.questions.statements import answer_sql
from tests.store.stress import LEAST_ROUNDS, ROWS, key_of, stress

WRITER = """
import sys
from dse.costs import (Conditions)
from dse.costs import (Costs)
from tests.store.recording import record_measurement
from dse.store import (CandidateRow, insert_candidates, open_store,
                       register_family, start_run)

url, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
store = open_store(url)
run = start_run(store, "writer", {}, {})
register_family(store, f"family {first}", {"width": "number"})
for start in range(first, first + count, 10):
    keys = range(start, start + 10)
    rows = [CandidateRow(k, "shared", Conditions(), {"width": k}, Costs(macs=k)) for k in keys]
    insert_candidates(store, run, rows)
    record_measurement(store, 1 + start % 7, "accuracy", start / 1e4, {"n": start}, run)
    print(start, flush=True)
"""


def start_writer(path: Path, first: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), str(first), str(count)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    )


def test_four_writers_and_four_readers_at_one_store(store_url: str) -> None:
    done = stress(store_url, 2)
    assert [each.error for each in done] == [None] * 8
    assert all(each.rounds >= LEAST_ROUNDS for each in done)
    rounds = {each.number: each.rounds for each in done if each.role == "writer"}
    own = {
        key_of(number, round, place)
        for number, most in rounds.items()
        for round in range(most)
        for place in range(1, ROWS, 2)
    }
    common = {
        key_of(0, round, place)
        for round in range(max(rounds.values()))
        for place in range(0, ROWS, 2)
    }
    store = open_for_reading(store_url)
    keys = [row["key"] for row in answer_sql(store, "select key from candidate").rows]
    assert len(keys) == len(set(keys)), "none twice"
    assert set(keys) == own | common, "every row there"
    losses = answer_sql(store, "select context from measurement where what = 'loss'").total
    assert losses == sum(rounds.values())
    assert {*registered_families(store)["shared"]} == {"width", *(f"axis_{n}" for n in rounds)}
    assert [(run["outcome"], run["done"]) for run in read_runs(store)] == [
        ("done", rounds[int(run["command"].split()[1])]) for run in read_runs(store)
    ]
    if store.dialect.name == "sqlite":
        with closing(sqlite3.connect(store_url)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_writers_and_a_reader_share_a_file_that_they_make_together(tmp_path: Path) -> None:
    path = tmp_path / "new" / "dse.db"
    # The ranges overlap: 500 candidates are found by two writers.
    writers = [start_writer(path, first, 1000) for first in (0, 500, 2000)]
    seen = [0]
    while any(writer.poll() is None for writer in writers):
        if path.exists() and seen[-1] == 0:
            open_store(str(path)).dispose()
        if path.exists():
            reader = open_for_reading(str(path))
            seen.append(len(ask(reader, "macs >= 0 and family = 'shared'", "-macs")))
            reader.dispose()
        time.sleep(0.01)
    for writer in writers:
        _, errors = writer.communicate()
        assert (writer.returncode, errors) == (0, "")
    assert seen == sorted(seen), "a reader never sees less than before"
    with closing(sqlite3.connect(path)) as database:
        keys = [key for (key,) in database.execute("SELECT key FROM candidate ORDER BY key")]
        assert keys == [*range(1500), *range(2000, 3000)]
        done = database.execute("SELECT count(*), count(DISTINCT context) FROM measurement")
        assert done.fetchone() == (250, 250)
        assert database.execute("SELECT count(*) FROM family").fetchone() == (3,)


def test_a_killed_writer_leaves_whole_transactions(tmp_path: Path) -> None:
    path = tmp_path / "dse.db"
    for attempt in range(4):
        writer = start_writer(path, 0, 100_000)
        assert writer.stdout is not None
        for _ in range(5 + 3 * attempt):
            writer.stdout.readline()
        # A little later each time, to hit different moments of a transaction.
        time.sleep(0.0007 * attempt)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            keys = [key for (key,) in database.execute("SELECT key FROM candidate ORDER BY key")]
            assert keys == list(range(len(keys)))
            assert len(keys) % 10 == 0
            assert len(keys) >= 10 * (5 + 3 * attempt)
    finisher = start_writer(path, 0, 1000)
    _, errors = finisher.communicate()
    assert (finisher.returncode, errors) == (0, "")
    found = ask(open_for_reading(str(path)), "macs < 1000")
    assert [row["key"] for row in found] == list(range(1000))


def test_a_transaction_cut_short_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "dse.db"
    open_store(str(path)).dispose()
    # Killed inside of a transaction, after its rows were written and before it was committed.
    halfway = """
import os, signal, sys
from dse.store.opening.database import open_store, writing
from dse.store.schema import run
with writing(open_store(sys.argv[1])) as connection:
    row = {"command": "x" * 100, "config": {}, "versions": {}, "started": "", "outcome": "running"}
    connection.execute(run.insert(), [row] * 50_000)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", halfway, str(path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("SELECT count(*) FROM run").fetchone() == (0,)
