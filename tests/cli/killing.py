"""Kills real commands at random moments: `python -m tests.cli.killing DIRECTORY sweep:25:2 …`.

One process loads everything once and forks a child for each command, so that a kill costs the
milliseconds of the command and not the seconds of loading torch. It starts no threads itself.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from dse.cli.main import main
from dse.search.sweeps import sweep_writer, sweeping
from dse.store.migrations.versions.v3 import ALL_COSTS
from dse.store.opening.database import writing
from dse.store.opening.upgrade import migrate

SPACE = (
    *("family=mlp", "grid=none", "grid.width=[8,16,24,32]", "grid.depth=[1,2,3,4]"),
    *("grid.norm=[none,batch]", "grid.resolution=[8,12]"),
)
LISTED = ("grid.width=[8,16,24]", "grid.depth=[1,2]")


def sweep_first(directory: Path) -> None:
    """Make a store by an earlier run, and a table of measurements, some of new candidates."""
    run(directory, ("sweep", *SPACE[:2], *LISTED))
    with contextlib.closing(sqlite3.connect(directory / "outputs" / "dse.db")) as database:
        rows = database.execute("select settings from candidate").fetchall()
    settings = [json.loads(row[0]) for row in rows]
    lines = [[*settings[0], "seed", "acc", "loss"]]
    for number, one in enumerate(settings):
        for width in (one["width"], one["width"] + 100):
            values = list((one | {"width": width}).values())
            lines += [[*values, seed, number + seed / 7, seed] for seed in range(60)]
    text = "\n".join(",".join(map(str, line)) for line in lines)
    (directory / "table.csv").write_text(text + "\n")


def store_of_schema_2(directory: Path) -> None:
    """Make a store as an earlier version of dse left it."""
    (directory / "outputs").mkdir()
    with writing(create_engine(f"sqlite:///{directory}/outputs/dse.db")) as connection:
        migrate(connection, "2")
        run_row = "(1, 'dse sweep', '{}', '{}', '2025-01-01', 'done')"
        connection.exec_driver_sql(
            f"insert into run (id, command, config, versions, started, outcome) values {run_row}"
        )
        connection.exec_driver_sql("""insert into family values ('mlp', '{"width": "number"}')""")
        costs = ", ".join(["7"] * len(ALL_COSTS))
        for number in range(1, 1_001):
            settings = f"""'{{"width": {number}}}'"""
            values = f"{number}, 'mlp', {number}, 1, 'float32', 'full', 'sgd', {costs}, 1"
            names = f"id, family, key, batch, dtype, precision, optimizer, {', '.join(ALL_COSTS)}"
            connection.exec_driver_sql(
                f"insert into candidate ({names}, run_id, scope, settings) "
                f"values ({values}, {number}, {settings})"
            )
            context = """'{"seed": 0, "target": "mypkg.train"}'"""
            connection.exec_driver_sql(
                "insert into measurement (candidate_id, what, value, context, context_digest, "
                "outcome, run_id, created) values "
                f"({number}, 'acc', 0.5, {context}, '', 'done', 1, '2025-01-01')"
            )


@dataclass(frozen=True)
class Killed:
    """A command that is killed, and what has to be there before it."""

    words: tuple[str, ...]
    prepare: Callable[[Path], None] = lambda directory: None
    store: str = "outputs/dse.db"
    is_loaded_before: bool = True
    """Whether children find all loaded; not where loading leaves threads or processes behind."""


MODELS = "[alexnet,squeezenet1_1,mnasnet0_5]"
KILLS_A_ROUND = 5
# A trial is given up when it was killed as often as it may be tried: no round comes to that.
ATTEMPTS = f"attempts={KILLS_A_ROUND + 1}"
PARAMS = ("objective=params", "exact=false", "sampler=random", "trials=24", ATTEMPTS)
COMMANDS = {
    "sweep": Killed(("sweep", *SPACE)),
    "search": Killed(("search", *SPACE, *PARAMS)),
    "import": Killed(("import", "table.csv"), sweep_first, is_loaded_before=False),
    "rerun": Killed(("rerun", "1", "--into", "again.db"), sweep_first, "again.db"),
    "upgrade": Killed(("upgrade",), store_of_schema_2),
    "callables": Killed(
        ("sweep", "family=torchvision_model", "grid=none", f"grid.name={MODELS}"),
        is_loaded_before=False,
    ),
}


def start(directory: Path, words: tuple[str, ...]) -> int:
    """Run a command in a child, with many small transactions, and return its process id."""
    child = os.fork()
    if child:
        return child
    os.chdir(directory)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    sweep_writer.CHUNK = sweep_writer.LARGEST = sweeping.CHUNK = 1
    status = 70
    try:
        main(words)
    except SystemExit as ended:
        status = int(ended.code or 0)
    finally:
        os._exit(status)


def load(killed: Killed, directory: Path) -> None:
    """Run a command in this process, so that its children have nothing left to load or trace."""
    shutil.copytree(directory / "ready", directory / "loading")
    with (
        contextlib.chdir(directory / "loading"),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        contextlib.suppress(SystemExit),
    ):
        main(killed.words)


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


def contents(store: Path) -> dict[str, list[Any]]:
    """Return every row but for what differs from run to run, in the order of the ids."""
    with contextlib.closing(sqlite3.connect(store)) as database:
        names = [row[1] for row in database.execute("pragma table_info(candidate)")]
        columns = ", ".join(name for name in names if name != "run_id")
        candidates = database.execute(f"select {columns} from candidate order by id").fetchall()
        measured = "family, key, what, value, source, label, context, code, outcome, error"
        rows = database.execute(f"select {measured} from measurement order by id").fetchall()
        families = database.execute("select * from family").fetchall()
    return {"candidate": candidates, "measurement": rows, "family": families}


def intact(store: Path) -> bool:
    if not store.exists():
        return True
    with contextlib.closing(sqlite3.connect(store)) as database:
        return database.execute("pragma integrity_check").fetchall() == [("ok",)]


def seconds_with_known_blocks(whole: Path, place: Path, killed: Killed) -> float:
    """Return how long a command takes when nothing is left to trace."""
    shutil.copytree(whole, place)
    with contextlib.closing(sqlite3.connect(place / killed.store)) as database:
        for table in ("replicate", "stored_candidate", "sweep", "run"):
            database.execute(f"delete from {table}")
        database.commit()
    started = time.monotonic()
    run(place, killed.words)
    return time.monotonic() - started


def kill_many(killed: Killed, kills: int, states: int, directory: Path) -> dict[str, Any]:
    """Kill a command many times; compare what its last restart leaves with an undisturbed run.

    Args:
        killed: the command.
        kills: how many at least.
        states: how many different unfinished stores kills have to leave; where chance, or a busy
            machine, leaves fewer, it is killed on, up to ten times as often.
        directory: an empty one.
    """
    draw = random.Random(killed.words[0])
    ready, whole = directory / "ready", directory / "whole"
    ready.mkdir()
    killed.prepare(ready)
    shutil.copytree(ready, whole)
    if killed.is_loaded_before:
        load(killed, directory)
    # A child that looks for cycles among what was there before it copies all of that.
    gc.freeze()
    started = time.monotonic()
    run(whole, killed.words)
    duration = time.monotonic() - started
    expected = contents(whole / killed.store)
    complete = (len(expected["candidate"]), len(expected["measurement"]))
    warm = duration
    if killed.words[0] in ("sweep", "search"):
        warm = seconds_with_known_blocks(whole, directory / "warm", killed)
    number, rounds, differing, broken, partial = 0, 0, 0, 0, set()

    def is_enough() -> bool:
        return (number >= kills and len(partial - {complete}) >= states) or number >= 10 * kills

    while not is_enough():
        place = directory / f"round{rounds}"
        shutil.copytree(ready, place)
        store = place / killed.store
        rounds += 1
        for attempt in range(KILLS_A_ROUND):
            # Later attempts find the costs of blocks in the store, and need less time.
            longest = duration if attempt == 0 else warm
            # Rows are written towards the end: half of the kills fall there.
            start, end = (0.02, 0.95) if attempt % 2 == 0 else (0.7, 1.0)
            was_killed = run(place, killed.words, draw.uniform(start, end) * longest)
            number += was_killed
            broken += not intact(store)
            if store.exists():
                with contextlib.suppress(sqlite3.OperationalError):
                    found = contents(store)
                    partial.add((len(found["candidate"]), len(found["measurement"])))
            if not was_killed or is_enough():
                break
        run(place, killed.words)
        differing += contents(store) != expected
        broken += not intact(store)
    return {
        "killed": number,
        "rounds": rounds,
        "differing": differing,
        "broken": broken,
        "states": len(partial - {complete}),
        "rows": len(expected["candidate"]) + len(expected["measurement"]),
        "seconds": round(duration, 2),
    }


def kill_each(directory: Path, asked: list[str]) -> dict[str, Any]:
    """Kill several commands, each by a process of its own, and return the results of each."""
    # What takes seconds to load, and leaves no threads that work.
    for module in ("torchvision", "optuna", "dse.space.blocks.attention"):
        importlib.import_module(module)
    results = {}
    for command, kills, states in (each.split(":") for each in asked):
        place, found = directory / command, directory / f"{command}.json"
        place.mkdir()
        if not (child := os.fork()):
            result = kill_many(COMMANDS[command], int(kills), int(states), place)
            found.write_text(json.dumps(result))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        results[command] = json.loads(found.read_text()) if status == 0 else {"status": status}
    return results


if __name__ == "__main__":
    print(json.dumps(kill_each(Path(sys.argv[1]), sys.argv[2:])))
