"""A sweep of a million candidates from the shell, beside a bare insert of the same rows.

    python -m tests.benchmarks.sweeps [--rounds 3]

Seconds of processor, of processes from their start to their end: one that knows no block of the
space, one that knows all of them, and one that has nothing to do. The bare insert is one call of
SQLAlchemy's `exec_driver_sql` of the same rows into a table of as many columns without any index,
its own start left out. Also printed is how the time grows with the number of candidates.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from dse.configs.config_places import config_directory
from tests.benchmarks.space import MILLION, PAGE

BARE = """
import resource, sqlite3, sys
import sqlalchemy
with sqlite3.connect(sys.argv[1]) as store:
    columns = [row[1] for row in store.execute("pragma table_info(stored_candidate)")]
    stored = ", ".join(f"s.{name}" for name in columns if name != "settings")
    # With the settings of each written out.
    query = f"select {stored}, c.settings from stored_candidate s join candidate c on c.id = s.id"
    rows = store.execute(query).fetchall()
engine = sqlalchemy.create_engine(f"sqlite:///{sys.argv[2]}")
names = [f"c{index}" for index in range(len(rows[0]))]
def spent():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
with engine.begin() as connection:
    connection.exec_driver_sql("pragma journal_mode=wal")
with engine.begin() as connection:
    connection.exec_driver_sql(f"create table bare ({', '.join(names)})")
started = spent()
with engine.begin() as connection:
    marks = ", ".join("?" * len(names))
    connection.exec_driver_sql(f"insert into bare values ({marks})", rows)
print(len(rows), spent() - started)
"""
GRIDS = {
    "thousand": {**MILLION, "expansion": 6, "depth": [1, 2], "depth_5": [1, 2, 3, 4]},
    "hundred_thousand": {**MILLION, "depth_1": 1, "depth_2": 1, "depth_5": 1},
    "million": MILLION,
}


def seconds_of(words: list[str], directory: Path) -> float:
    """Return the seconds of processor of a process and what it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {"PYTHONPATH": str(config_directory().parent)}
    subprocess.run(words, cwd=directory, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Run the benchmark and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        for group, pages in (("family", {"mobile_stages": PAGE}), ("grid", GRIDS)):
            (directory / "my" / group).mkdir(parents=True)
            for page, content in pages.items():
                (directory / "my" / group / f"{page}.yaml").write_text(json.dumps(content))
        sizes = [compared(directory, grid, arguments.rounds) for grid in GRIDS]
    (few, _, fast), (many, _, slow) = sizes[-2], sizes[-1]
    print(f"slope of log seconds over log candidates: {math.log(slow / fast, many / few):.2f}")


def compared(directory: Path, grid: str, rounds: int) -> tuple[int, float, float]:
    """Print and return the candidates of a grid, and seconds without and with known blocks."""
    words = [sys.executable, "-m", "dse", "sweep", "--config-dir", "my", "family=mobile_stages"]
    words += [f"grid={grid}"]
    found: dict[str, list[float]] = {}
    number = 0
    for _ in range(rounds):
        for file in directory.glob("*.db*"):
            file.unlink()
        found.setdefault("unknown blocks", []).append(
            seconds_of([*words, "store.url=new.db"], directory)
        )
        seconds_of([*words, "store.url=known.db", "limit=1"], directory)
        shutil.copy(directory / "known.db", directory / "swept.db")
        found.setdefault("known blocks", []).append(
            seconds_of([*words, "store.url=swept.db"], directory)
        )
        found.setdefault("nothing to do", []).append(
            seconds_of([*words, "store.url=swept.db"], directory)
        )
        bare = subprocess.run(
            [sys.executable, "-c", BARE, "new.db", "bare.db"],
            cwd=directory, check=True, capture_output=True, text=True,
        )  # fmt: skip
        number = int(bare.stdout.split()[0])
        found.setdefault("bare insert", []).append(float(bare.stdout.split()[1]))
    medians = {what: statistics.median(times) for what, times in found.items()}
    print(f"{number:,} candidates")
    for what, seconds in medians.items():
        ratio = statistics.median(
            own / bare for own, bare in zip(found[what], found["bare insert"], strict=True)
        )
        print(f"  {what:<16} {seconds:>8.2f} s {ratio:>8.2f} × the bare insert", flush=True)
    return number, medians["unknown blocks"], medians["known blocks"]


if __name__ == "__main__":
    main()
