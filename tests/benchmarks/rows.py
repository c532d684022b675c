"""Rows that people bring, and answers over very many: each beside what bounds it, in one run.

    python -m tests.benchmarks.rows [--most 100000] [--candidates 1000000]

Tables of networks of the Once-for-All space are imported and swept, beside reading the same file
with `csv` and inserting its rows into a bare table of `sqlite3`. Then a store is asked, beside the
same statement in `sqlite3` in a process of its own. Processor seconds are those of the whole
process, start-up included; what starting alone takes stands beside them. The last column is how a
figure grows with the number of rows: the slope in a log-log plot, from one line to the next. This
process loads next to nothing, as the memory of another counts from what its parent has.
"""

from __future__ import annotations

import argparse
import csv
import math
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

FAMILY = "ofa_mobilenet_v3"
VALUES = {
    "resolution": [160, 192, 224],
    "depth": [2, 3, 4],
    "kernel": [3, 5, 7],
    "expansion": [3, 4, 6],
}
DSE = (sys.executable, "-m", "dse.cli.main")
BARE_INSERT = """
import csv, sqlite3, sys
with open(sys.argv[1], newline="") as file, sqlite3.connect(sys.argv[2]) as connection:
    rows = csv.reader(file)
    names = next(rows)
    connection.execute(f"create table t ({', '.join(names)})")
    connection.executemany(f"insert into t values ({', '.join('?' * len(names))})", rows)
"""
BARE_SELECT = """
import sqlite3, sys
with sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True) as connection:
    for row in connection.execute(sys.argv[2]):
        pass
"""
COLUMNS = """
import sys
from dse.configs import find_page
from dse.space import load_family
print(*load_family(find_page(sys.argv[1], None)).defaults)
"""
FILL = """
import sys
from pathlib import Path
from tests.benchmarks.store import filled
filled(Path(sys.argv[1]), int(sys.argv[2]))
"""
QUESTIONS: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("pareto", "--min", "macs", "--max", "activations"),
        "select id, macs, activations from candidate where invalid is null",
    ),
    (
        ("pareto", "--min", "macs", "--min", "peak_memory", "--max", "params"),
        "select id, macs, peak_memory, params from candidate where invalid is null",
    ),
    (("correlate", "macs", "params"), "select macs, params from candidate where invalid is null"),
    (
        ("query", "--group-by", "depth", "--columns", "count,mean(macs)"),
        "select json_extract(settings, '$.depth') as d, count(*), avg(macs) from candidate "
        "where invalid is null group by d order by d",
    ),
    (("query", "--format", "csv"), "select * from candidate where invalid is null"),
)


@dataclass(frozen=True)
class Spent:
    """What a process took."""

    seconds: float
    """Of the processor."""
    mebibytes: float


def spent(words: Sequence[str | Path], directory: Path) -> Spent:
    """Run a process and return what it took."""
    with subprocess.Popen(
        [*map(str, words)], cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, words
    return Spent(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def write_table(path: Path, names: Sequence[str], rows: int) -> None:
    """Write networks at random settings of the space, with a number that was measured of each."""
    draw = random.Random(rows)
    columns = [name for name in names if name.partition("_")[0] in VALUES]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, "score"])
        for _ in range(rows):
            settings = [draw.choice(VALUES[name.partition("_")[0]]) for name in columns]
            writer.writerow([*settings, round(draw.random(), 4)])


class Lines:
    """Prints figures, each with the slope from the one before."""

    def __init__(self, title: str) -> None:
        print(
            f"\n{title}\n{'rows':>10} {'s':>8} {'bound s':>8} {'ratio':>6} {'MiB':>6} {'slope':>6}"
        )
        self._before: tuple[int, float] | None = None

    def show(self, rows: int, ours: Spent, bound: Spent) -> None:
        """Print a line."""
        slope = ""
        if self._before is not None:
            size, seconds = self._before
            slope = f"{math.log(ours.seconds / seconds) / math.log(rows / size):.2f}"
        ratio = ours.seconds / bound.seconds
        print(
            f"{rows:>10,} {ours.seconds:>8.2f} {bound.seconds:>8.2f} {ratio:>6.1f} "
            f"{ours.mebibytes:>6.0f} {slope:>6}"
        )
        self._before = rows, ours.seconds


def sizes(first: int, most: int) -> list[int]:
    """Return powers of ten, from one to another number."""
    return [first * 10**power for power in range(round(math.log10(most / first)) + 1)]


def tables(directory: Path, most: int) -> None:
    """Import and sweep tables of more and more rows, whose blocks are known."""
    asked = [sys.executable, "-c", COLUMNS, FAMILY]
    names = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()
    first = directory / "first.csv"
    write_table(first, names, 3000)
    store = directory / "known.db"
    spent([*DSE, "import", first, "--family", FAMILY, "--store", store], directory)
    print(f"dse import of 3,000 rows leaves {store.stat().st_size / 2**20:.0f} MiB, blocks known")
    ways: tuple[tuple[str, Callable[[Path], list[str | Path]]], ...] = (
        ("dse import", lambda file: ["import", file, "--family", FAMILY, "--store", store]),
        (
            "dse sweep of the rows of a file",
            lambda file: ["sweep", f"family={FAMILY}", f"+grid.from={file}", f"store.url={store}"],
        ),
    )
    for title, words in ways:
        lines = Lines(f"{title}, beside csv.reader and a bare insert")
        for rows in sizes(1000, most):
            file = directory / f"{title.split()[1]}{rows}.csv"
            write_table(file, names, rows)
            bare = spent(
                [sys.executable, "-c", BARE_INSERT, file, directory / f"{file.stem}.db"], directory
            )
            lines.show(rows, spent([*DSE, *words(file)], directory), bare)


def answers(directory: Path, most: int) -> None:
    """Ask stores of more and more candidates."""
    stores = []
    for rows in sizes(1000, most):
        stores.append((rows, directory / f"store{rows}.db"))
        subprocess.run([sys.executable, "-c", FILL, stores[-1][1], str(rows)], check=True)
    nothing = spent([*DSE, "query", "macs < 0", "--store", stores[0][1]], directory)
    print(f"\na question that finds nothing: {nothing.seconds:.2f} s of processor")
    for words, statement in QUESTIONS:
        lines = Lines(f"dse {' '.join(words)}, beside sqlite3 with {statement!r}")
        for rows, store in stores:
            bare = spent([sys.executable, "-c", BARE_SELECT, store, statement], directory)
            lines.show(rows, spent([*DSE, *words, "--store", store], directory), bare)


def main() -> None:
    """Run the benchmark and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=100_000, help="rows of a table")
    parser.add_argument("--candidates", type=int, default=1_000_000, help="of a store")
    arguments = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as name:
        tables(Path(name), arguments.most)
        answers(Path(name), arguments.candidates)


if __name__ == "__main__":
    main()
