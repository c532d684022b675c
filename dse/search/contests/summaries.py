"""What the curves of a comparison come to: a number a sampler, and its place among the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dse.search.contests.comparison import Curve

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Summary:
    """The regret of a sampler at a budget of a table after some evaluations, over the seeds."""

    sampler: str
    bounds: str
    evaluations: int
    mean: float
    """NaN, as are the error and the worst, where a run found no candidate within the bounds."""
    error: float
    """Standard error of the mean."""
    median: float
    """Runs that found none count as worse than any; NaN where those are half of all."""
    worst: float
    seeds: int
    table: str = ""
    missing: int = 0
    """Runs that found no candidate within the bounds."""
    held: int = 0
    """Further runs that have found no more by then, whose regret is that of their last."""


def summarise(curves: Sequence[Curve], at: Sequence[int]) -> list[Summary]:
    """Return summaries by table, budget and sampler, in the order in which these first occur.

    Args:
        curves: of every run.
        at: numbers of evaluations; of a shorter curve its end counts.
    """
    groups: dict[tuple[str, str, str], list[Curve]] = {}
    for curve in curves:
        groups.setdefault((curve.table, curve.bounds, curve.sampler), []).append(curve)
    cases = list(dict.fromkeys((curve.table, curve.bounds) for curve in curves))
    samplers = list(dict.fromkeys(curve.sampler for curve in curves))
    return [
        _summary(groups[*case, sampler], number)
        for case in cases
        for sampler in samplers
        if (*case, sampler) in groups
        for number in at
    ]


def _summary(curves: Sequence[Curve], number: int) -> Summary:
    some = np.array([curve.regret[min(number, len(curve.regret)) - 1] for curve in curves])
    missing = int(np.isnan(some).sum())
    # Squares of very large regrets are beyond what a number holds.
    scale = max(float(np.nan_to_num(np.abs(some)).max()), 1.0)
    spread = (some / scale).std(ddof=1) * scale if len(some) > 1 else 0.0 * some[0]
    error = spread / np.sqrt(len(some))
    median = np.median(np.where(np.isnan(some), np.inf, some))
    first = curves[0]
    return Summary(
        sampler=first.sampler,
        bounds=first.bounds,
        evaluations=number,
        mean=float(some.mean()),
        error=float(error),
        median=float(median) if np.isfinite(median) else np.nan,
        worst=float(some.max()),
        seeds=len(some),
        table=first.table,
        missing=missing,
        held=sum(1 for each in curves if each.found and each.found < number),
    )


@dataclass(frozen=True)
class Ranks:
    """The places of samplers over several cases, by their mean regrets; 1 is the best."""

    samplers: tuple[str, ...]
    means: tuple[float, ...]
    """The mean rank of each."""
    critical_difference: float
    """Samplers whose mean ranks are further apart differ: by Nemenyi's test, at a level of 5 %."""
    probability: float
    """That ranks differ as much as these where no sampler is better: by Friedman's test."""
    cases: int
    evaluations: int
    """After so many."""


LEVEL = 0.05
"""The level of Nemenyi's test."""


def rank_samplers(summaries: Sequence[Summary]) -> Ranks | None:
    """Return the ranks of samplers over the cases; None of fewer than 3 samplers or 2 cases.

    In each case the sampler of the least mean regret has rank 1; equal ones share the mean of their
    ranks, and a sampler without a mean comes last.

    Args:
        summaries: of every sampler in every case, after one number of evaluations.
    """
    means = {(each.table, each.bounds, each.sampler): each.mean for each in summaries}
    cases = list(dict.fromkeys((each.table, each.bounds) for each in summaries))
    samplers = tuple(dict.fromkeys(each.sampler for each in summaries))
    if len(samplers) < 3 or len(cases) < 2:
        return None
    # Takes a while to load, and only ranks need it.
    from scipy import stats

    regrets = np.array([[means[*case, sampler] for sampler in samplers] for case in cases])
    # Equal numbers that were added up in another order may differ in the last digit.
    scale = np.maximum(np.nan_to_num(np.abs(regrets)).max(axis=1, keepdims=True), 1e-300)
    alike = np.round(regrets / scale, 12)
    ranks: Floats = stats.rankdata(np.where(np.isnan(alike), np.inf, alike), axis=1)
    is_tied = bool((ranks == ranks[:, :1]).all())
    number = len(samplers)
    quantile = stats.studentized_range.ppf(1 - LEVEL, number, np.inf) / np.sqrt(2)
    return Ranks(
        samplers,
        tuple(ranks.mean(axis=0).tolist()),
        float(quantile * np.sqrt(number * (number + 1) / (6 * len(cases)))),
        1.0 if is_tied else float(stats.friedmanchisquare(*ranks.T).pvalue),
        len(cases),
        summaries[0].evaluations,
    )
