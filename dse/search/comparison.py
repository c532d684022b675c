"""Samplers side by side on a table of measured candidates."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.trial import TrialState

from dse.errors import DseError
from dse.search.proposals import Proposer, SamplerMaker, SeenTrial, index_distributions
from dse.search.table_bounds import Bounds
from dse.search.tabulated import MeasuredTable
from dse.search.verdict import TrialVerdict

Floats = NDArray[np.float64]

PROPOSALS = 40
"""Proposals for each evaluation that a sampler has at most, to find feasible ones."""


@dataclass(frozen=True)
class Contestant:
    """A sampler in a comparison."""

    name: str
    make: Callable[[], SamplerMaker]
    """Returns what makes the sampler; it is called where the sampler runs."""
    is_plain: bool = False
    """Whether it proposes from the whole grid, and is told of the bounds as Optuna's constraints.

    Proposals that are infeasible, in no row of the table or repeated are not counted as
    evaluations; the former two would otherwise fill the place of a candidate that could be
    trained."""


@dataclass(frozen=True)
class Curve:
    """The regret of one run: how far the best so far is from the best row within the bounds."""

    sampler: str
    bounds: str
    seed: int
    regret: Floats
    """After each evaluation."""


def compare(
    table: MeasuredTable,
    budgets: Sequence[Bounds],
    contestants: Sequence[Contestant],
    seeds: int,
    evaluations: int,
    workers: int | None = None,
) -> Iterator[Curve]:
    """Yield a curve for each sampler, budget and seed as they are done.

    They run in parallel processes; those of one worker in this one, in their order.

    Raises:
        DseError: where no row meets a budget.
    """
    for bounds in budgets:
        if not len(table.within(bounds).values):
            raise DseError(f"no row of the table meets {bounds}")
    runs = [
        partial(run_curve, table, bounds, contestant, seed, evaluations)
        for contestant in contestants
        for seed in range(seeds)
        for bounds in budgets
    ]
    if workers == 1:
        yield from (run() for run in runs)
    else:
        yield from _side_by_side(runs, workers)


def _side_by_side(runs: Sequence[Callable[[], Curve]], workers: int | None) -> Iterator[Curve]:
    # Processes side by side: each runs its linear algebra on one thread.
    kept = {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    os.environ.update(dict.fromkeys(kept, "1"))
    try:
        with ProcessPoolExecutor(workers or os.cpu_count(), get_context("spawn")) as processes:
            running = [processes.submit(run) for run in runs]
            try:
                for future in as_completed(running):
                    yield future.result()
            finally:
                for future in running:
                    future.cancel()
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def run_curve(
    table: MeasuredTable, bounds: Bounds, contestant: Contestant, seed: int, evaluations: int
) -> Curve:
    """Return the curve of one sampler with one seed; shorter where there are fewer candidates."""
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    within = table.within(bounds)
    number = min(evaluations, len(within.values))
    run = _run_plain if contestant.is_plain else _run_aware
    values = run(table, within, bounds, contestant.make(), seed, number)
    best = np.maximum.accumulate(np.array(values))
    if len(best) < number:
        # It found no further candidate that is feasible and new.
        rest = best[-1] if len(best) else within.values.min()
        best = np.concatenate([best, np.full(number - len(best), rest)])
    return Curve(contestant.name, str(bounds), seed, within.values.max() - best)


def _run_aware(
    table: MeasuredTable,
    within: MeasuredTable,
    bounds: Bounds,
    make: SamplerMaker,
    seed: int,
    number: int,
) -> list[float]:
    proposer = Proposer(within.pool, make, ["maximize"], seed, key_of=lambda choices: -1)
    seen: list[SeenTrial] = []
    for place in range(number):
        proposed = proposer.propose(seen)
        verdict = TrialVerdict([float(within.values[proposed.index])])
        seen.append(SeenTrial(proposed.index, verdict, place, proposed.notes))
    return [each.verdict.values[0] for each in seen if each.verdict and each.verdict.values]


def _run_plain(
    table: MeasuredTable,
    within: MeasuredTable,
    bounds: Bounds,
    make: SamplerMaker,
    seed: int,
    number: int,
) -> list[float]:
    study = optuna.create_study(sampler=make(table.pool, seed), direction="maximize")
    distributions = index_distributions(table.pool)
    rows = {tuple(choices): row for row, choices in enumerate(table.pool.choices.tolist())}
    values: dict[int, float] = {}
    for _ in range(PROPOSALS * number):
        if len(values) == number:
            break
        trial = study.ask(distributions)
        row = rows.get(tuple(trial.params[d.name] for d in table.pool.dimensions))
        if row is None:
            study.tell(trial, state=TrialState.FAIL)
            continue
        costs = {name: float(column[row]) for name, column in table.pool.costs.items()}
        violations = bounds.violations(costs)
        for name, violation in violations.items():
            trial.set_constraint(name, violation)
        study.tell(trial, float(table.values[row]))
        if all(violation <= 0 for violation in violations.values()):
            values.setdefault(row, float(table.values[row]))
    return list(values.values())


@dataclass(frozen=True)
class Summary:
    """The regret of a sampler at a budget after some evaluations, over the seeds."""

    sampler: str
    bounds: str
    evaluations: int
    mean: float
    error: float
    """Standard error of the mean."""
    median: float
    worst: float
    seeds: int


def summarise(curves: Sequence[Curve], at: Sequence[int]) -> list[Summary]:
    """Return summaries by budget and sampler, in the order in which these first occur."""
    found = []
    for bounds in dict.fromkeys(curve.bounds for curve in curves):
        for sampler in dict.fromkeys(curve.sampler for curve in curves):
            regrets = [c.regret for c in curves if (c.sampler, c.bounds) == (sampler, bounds)]
            for number in at:
                some = np.array([regret[min(number, len(regret)) - 1] for regret in regrets])
                error = some.std(ddof=1) / np.sqrt(len(some)) if len(some) > 1 else 0.0
                found.append(
                    Summary(
                        sampler,
                        bounds,
                        number,
                        float(some.mean()),
                        float(error),
                        float(np.median(some)),
                        float(some.max()),
                        len(some),
                    )
                )
    return found
