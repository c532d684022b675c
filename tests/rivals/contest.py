"""The contest: every sampler on every case, one line of a file for each run that is done."""

from __future__ import annotations

import csv
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from dse.errors import DseError
from dse.search.contests.comparison import one_thread_each, run_curve
from tests.rivals.encodings import Floats
from tests.rivals.registry import BY_NAME
from tests.rivals.tables import CaseName

COLUMNS = ("table", "budget", "sampler", "seed", "seconds", "regrets")

Key = tuple[str, str, str, int]
"""Table, budget, sampler and seed."""


@dataclass(frozen=True)
class Done:
    """A run that is done."""

    seconds: float
    regrets: Floats
    """After each evaluation; NaN while the sampler had found nothing within the budget."""


@dataclass(frozen=True)
class Run:
    """A run that may be to do."""

    case: CaseName
    sampler: str
    seed: int
    evaluations: int

    @property
    def key(self) -> Key:
        return self.case.table, self.case.budget, self.sampler, self.seed

    def is_in(self, done: dict[Key, Done]) -> bool:
        """Return whether the run is done, with as many evaluations or all that there are."""
        if self.key not in done:
            return False
        return len(done[self.key].regrets) >= min(self.evaluations, len(self.case.read().within))

    def __call__(self) -> tuple[Key, Done]:
        warnings.simplefilter("ignore")
        started = time.perf_counter()
        contestant = BY_NAME[self.sampler].contestant
        curve = run_curve(self.case.read(), contestant, self.seed, self.evaluations)
        return self.key, Done(time.perf_counter() - started, curve.regret)


def planned(
    cases: Sequence[CaseName], samplers: Sequence[str], seeds: int, evaluations: int
) -> Iterator[Run]:
    """Yield all runs, those of one seed before those of the next: a part tells of every case."""
    for seed in range(seeds):
        for case in cases:
            for sampler in samplers:
                yield Run(case, sampler, seed, evaluations)


def read_done(file: Path) -> dict[Key, Done]:
    """Return the runs that a file holds; a last line that was cut short is taken off it."""
    if not file.exists():
        return {}
    text = file.read_text(encoding="utf-8")
    if whole := text[: text.rfind("\n") + 1]:
        if whole != text:
            file.write_text(whole, encoding="utf-8")
    else:
        file.unlink()
    found = {}
    for row in csv.DictReader(whole.splitlines()):
        regrets = np.array([float(word) for word in row["regrets"].split()])
        key = row["table"], row["budget"], row["sampler"], int(row["seed"])
        found[key] = Done(float(row["seconds"]), regrets)
    return found


def contest(runs: Iterable[Run], file: Path, workers: int) -> Iterator[str]:
    """Do what is not done, in parallel processes, and yield a line for each run.

    A run that a sampler fails in is told of, and left for another time.
    """
    done = read_done(file)
    left = [each for each in runs if not each.is_in(done)]
    yield f"{len(left)} runs to do"
    with one_thread_each(), ProcessPoolExecutor(workers, get_context("spawn")) as processes:
        running = {processes.submit(each): each for each in left}
        try:
            for number, future in enumerate(as_completed(running), start=1):
                name = " ".join(map(str, running[future].key))
                try:
                    key, ended = future.result()
                except DseError as error:
                    yield f"{number}/{len(left)} {name}: {error}"
                    continue
                append(file, key, ended)
                told = f"{ended.regrets[-1]:.4g} after {len(ended.regrets)}, {ended.seconds:.1f} s"
                yield f"{number}/{len(left)} {name}: {told}"
        finally:
            for future in running:
                future.cancel()


def append(file: Path, key: Key, done: Done) -> None:
    """Add a run to a file."""
    regrets = " ".join(f"{regret:.9g}" for regret in done.regrets)
    is_new = not file.exists()
    with file.open("a", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        if is_new:
            writer.writerow(COLUMNS)
        writer.writerow([*key, f"{done.seconds:.2f}", regrets])
