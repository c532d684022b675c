"""The best value that a search has found after so many evaluations, of one run or of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SearchHistory:
    """What the evaluations of a search were worth, in the order in which they ended."""

    name: str
    values: Values
    """Of shape (evaluations); NaN for one that failed."""
    hovers: tuple[str, ...] = ()
    """What to tell of each, in lines of plain text; none for its number alone."""


@dataclass(frozen=True)
class MeanHistory:
    """The best so far of several runs of one search, evaluation by evaluation."""

    mean: Values
    low: Values
    """The mean less a standard deviation over the runs."""
    high: Values


def best_so_far(values: Values, is_least: bool) -> Values:
    """Return the best of all values up to each; NaN before the first that did not fail.

    Args:
        values: of shape (evaluations), NaN where one failed.
        is_least: whether less is better.
    """
    if is_least:
        return np.fmin.accumulate(values)
    return np.fmax.accumulate(values)


def mean_history(histories: Sequence[Values], is_least: bool) -> MeanHistory:
    """Return the mean of several curves of the best so far, with their spread.

    A run that ended earlier keeps its last value, as its best does not change any more. The spread
    is the sample standard deviation; a single run has none.
    """
    length = max(map(len, histories))
    curves = np.full((len(histories), length), np.nan)
    for row, values in zip(curves, histories, strict=True):
        if len(values):
            best = best_so_far(values, is_least)
            row[: len(best)], row[len(best) :] = best, best[-1]
    there = ~np.isnan(curves)
    number = there.sum(axis=0)
    total = np.where(there, curves, 0.0).sum(axis=0)
    mean = np.divide(total, number, out=np.full(length, np.nan), where=number > 0)
    squares = np.where(there, (curves - mean) ** 2, 0.0).sum(axis=0)
    spread = np.sqrt(np.divide(squares, number - 1, out=np.zeros(length), where=number > 1))
    return MeanHistory(mean, mean - spread, mean + spread)
