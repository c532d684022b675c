"""Samplers side by side on tables of measured candidates."""

from __future__ import annotations

import os
import pickle
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import optuna
from numpy.typing import NDArray

from dse.errors import DseError
from dse.search.contests.contest_runs import found_by_aware, found_by_plain
from dse.search.contests.yardsticks import Yardstick, yardstick_of
from dse.search.measured_tables import Bounds, MeasuredTable
from dse.search.proposing import SamplerMaker

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Contestant:
    """A sampler in a comparison."""

    name: str
    make: Callable[[], SamplerMaker]
    """Returns what makes the sampler; it is called where the sampler runs."""
    is_plain: bool = False
    """Whether it proposes from the whole grid, and is told of the bounds as Optuna's constraints.

    A proposal that is in no row of the table becomes the row that is nearest to it. Proposals that
    are infeasible or repeated are told, and are not counted as evaluations."""


@dataclass(frozen=True)
class Case:
    """A table, and the bounds within which candidates are searched."""

    table: MeasuredTable
    bounds: Bounds

    @cached_property
    def within(self) -> MeasuredTable:
        """The candidates within the bounds."""
        return self.table.within(self.bounds)

    @cached_property
    def yardstick(self) -> Yardstick:
        """How far these are from the best of them."""
        return yardstick_of(self.within)

    def check(self) -> None:
        """Refuse a case in which there is nothing to find.

        Raises:
            DseError: where no row meets the bounds, or the front of those that do covers nothing.
        """
        of_table = f"{self.table.name}: " if self.table.name else ""
        if not len(self.within):
            raise DseError(f"{of_table}no row of the table meets {self.bounds}")
        try:
            _ = self.yardstick
        except DseError as error:
            raise DseError(f"{of_table}{self.bounds}: {error}") from error


@dataclass(frozen=True)
class Curve:
    """The regret of one run: how far the best so far is from the best within the bounds."""

    sampler: str
    bounds: str
    seed: int
    regret: Floats
    """After each evaluation; that of the last where a run finds no further candidate, and NaN where
    it found none."""
    table: str = ""
    """The name of the table, where there are several."""
    found: int | None = None
    """Evaluations after which the run found no further candidate; None where it found enough."""


def compare(
    cases: Sequence[Case],
    contestants: Sequence[Contestant],
    seeds: int,
    evaluations: int,
    batch: int = 1,
    workers: int | None = None,
) -> Iterator[Curve]:
    """Yield a curve for each sampler, case and seed as they are done.

    They run in parallel processes; those of one worker in this one, in their order.

    Args:
        cases: tables, each with bounds.
        contestants: the samplers.
        seeds: runs of each at each case.
        evaluations: of a run; fewer where fewer candidates meet the bounds.
        batch: how many candidates a sampler proposes before it learns of any of them.
        workers: processes; by default one a processor.

    Raises:
        DseError: for a case in which there is nothing to find.
    """
    for case in cases:
        case.check()
    runs = [
        (place, contestant, seed, evaluations, batch)
        for contestant in contestants
        for seed in range(seeds)
        for place in range(len(cases))
    ]
    if workers == 1:
        yield from (_run(cases, run) for run in runs)
    else:
        yield from _side_by_side(cases, runs, workers)


_Run = tuple[int, Contestant, int, int, int]
"""The place of the case, and what `run_curve` takes."""


def _side_by_side(
    cases: Sequence[Case], runs: Sequence[_Run], workers: int | None
) -> Iterator[Curve]:
    with (
        one_thread_each(),
        TemporaryDirectory() as directory,
        ProcessPoolExecutor(workers or os.cpu_count(), get_context("spawn")) as processes,
    ):
        # A process reads a large table once, and not with each run.
        file = Path(directory) / "cases.pickle"
        with file.open("wb") as opened:
            pickle.dump(cases, opened)
        running = [processes.submit(_run_of_file, file, run) for run in runs]
        try:
            for future in as_completed(running):
                yield future.result()
        finally:
            for future in running:
                future.cancel()


def _run_of_file(file: Path, run: _Run) -> Curve:
    return _run(_cases_of(file), run)


def _run(cases: Sequence[Case], run: _Run) -> Curve:
    place, contestant, seed, evaluations, batch = run
    return run_curve(cases[place], contestant, seed, evaluations, batch)


@lru_cache(maxsize=1)
def _cases_of(file: Path) -> Sequence[Case]:
    cases: Sequence[Case] = pickle.loads(file.read_bytes())
    return cases


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Let processes that start here side by side do their linear algebra on one thread each."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    kept = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def run_curve(
    case: Case, contestant: Contestant, seed: int, evaluations: int, batch: int = 1
) -> Curve:
    """Return the curve of one sampler with one seed; shorter where there are fewer candidates.

    Nothing is filled in: where the run finds no further candidate, its regret stays what it is, and
    where it finds none at all, it has none.
    """
    make = contestant.make()
    # What made the sampler may have set it otherwise.
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    number = min(evaluations, len(case.within))
    with warnings.catch_warnings():
        # What it says of its own draws, it would say in every run.
        warnings.filterwarnings("ignore", module=r"optuna\.")
        if contestant.is_plain:
            found = found_by_plain(case.table, case.within, case.bounds, make, seed, number, batch)
        else:
            found = found_by_aware(case.within, make, seed, number, batch)
    regrets = case.yardstick.regrets(found)
    held = regrets[-1] if len(regrets) else np.nan
    regrets = np.concatenate([regrets, np.full(number - len(regrets), held)])
    end = len(found) if len(found) < number else None
    return Curve(contestant.name, str(case.bounds), seed, regrets, case.table.name, end)
