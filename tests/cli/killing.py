"""Kills real commands at random moments: `python -m tests.cli.killing sweep 25 DIRECTORY`.

One process loads everything once and forks a child for each command, so that a kill costs the
milliseconds of the command and not the seconds of loading torch. It starts no threads itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

import dse.cli.search
import dse.cli.sweep
import dse.search.table_sweep
from dse.cli.main import main

SPACE = (
    *("family=mlp", "grid=none", "grid.width=[8,16,24,32,40,48,56,64]", "grid.depth=[1,2,3,4]"),
    *("grid.norm=[none,batch]", "grid.resolution=[8,12]"),
)
COMMANDS = {
    "sweep": ("sweep", *SPACE),
    "search": ("search", *SPACE, "objective=params", "exact=false", "sampler=random", "trials=90"),
}
KILLS_A_ROUND = 5


def start(directory: Path, words: tuple[str, ...]) -> int:
    """Run a command in a child, with many small transactions, and return its process id."""
    child = os.fork()
    if child:
        return child
    os.chdir(directory)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    dse.search.table_sweep.CHUNK = dse.search.table_sweep.LARGEST = 1
    status = 70
    try:
        main(words)
    except SystemExit as ended:
        status = int(ended.code or 0)
    finally:
        os._exit(status)


def run(directory: Path, words: tuple[str, ...], seconds: float | None = None) -> bool:
    """Run a command to its end, or kill it after some seconds; return whether it was killed."""
    child = start(directory, words)
    if seconds is not None:
        time.sleep(seconds)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0, f"{words} ended with {os.WEXITSTATUS(status)}"
    return False


def contents(directory: Path) -> dict[str, list[Any]]:
    """Return every row but for what differs from run to run, in the order of the ids."""
    with sqlite3.connect(directory / "outputs" / "dse.db") as database:
        names = [row[1] for row in database.execute("pragma table_info(candidate)")]
        columns = ", ".join(name for name in names if name != "run_id")
        candidates = database.execute(f"select {columns} from candidate order by id").fetchall()
        measured = "family, key, what, value, source, label, context, code, outcome, error"
        rows = database.execute(f"select {measured} from measurement order by id").fetchall()
        families = database.execute("select * from family").fetchall()
    return {"candidate": candidates, "measurement": rows, "family": families}


def intact(directory: Path) -> bool:
    store = directory / "outputs" / "dse.db"
    if not store.exists():
        return True
    with sqlite3.connect(store) as database:
        return database.execute("pragma integrity_check").fetchall() == [("ok",)]


def seconds_with_known_blocks(whole: Path, place: Path, words: tuple[str, ...]) -> float:
    """Return how long a command takes when nothing is left to trace."""
    shutil.copytree(whole, place)
    with contextlib.closing(sqlite3.connect(place / "outputs" / "dse.db")) as database:
        for table in ("replicate", "stored_candidate", "sweep", "run"):
            database.execute(f"delete from {table}")
        database.commit()
    started = time.monotonic()
    run(place, words)
    return time.monotonic() - started


def kill_many(words: tuple[str, ...], kills: int, directory: Path) -> dict[str, Any]:
    """Kill a command many times; compare what its last restart leaves with an undisturbed run."""
    draw = random.Random(words[0])
    whole = directory / "whole"
    whole.mkdir()
    started = time.monotonic()
    run(whole, words)
    duration = time.monotonic() - started
    expected = contents(whole)
    warm = seconds_with_known_blocks(whole, directory / "warm", words)
    killed, rounds, differing, broken, partial = 0, 0, 0, 0, set()
    while killed < kills:
        place = directory / f"round{rounds}"
        place.mkdir()
        rounds += 1
        for attempt in range(KILLS_A_ROUND):
            # Later attempts find the costs of blocks in the store, and need less time.
            longest = duration if attempt == 0 else warm
            # Rows are written towards the end: half of the kills fall there.
            start, end = (0.02, 0.95) if attempt % 2 == 0 else (0.7, 1.0)
            killed += run(place, words, draw.uniform(start, end) * longest)
            broken += not intact(place)
            if (place / "outputs" / "dse.db").exists():
                with contextlib.suppress(sqlite3.OperationalError):
                    partial.add(len(contents(place)["candidate"]))
        run(place, words)
        differing += contents(place) != expected
        broken += not intact(place)
    return {
        "killed": killed,
        "rounds": rounds,
        "differing": differing,
        "broken": broken,
        "states": len(partial),
        "rows": len(expected["candidate"]),
        "seconds": round(duration, 2),
    }


if __name__ == "__main__":
    command, number, place = sys.argv[1:]
    print(json.dumps(kill_many(COMMANDS[command], int(number), Path(place))))
