"""How alike numbers rank candidates, each pair of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

RankMethod = Literal["spearman", "kendall"]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RankMatrix:
    """Rank correlations of numbers."""

    names: tuple[str, ...]
    coefficients: Values
    """Of shape (names, names); NaN where one is not defined."""
    numbers: npt.NDArray[np.int64]
    """How many candidates have both."""


def rank_matrix(
    columns: Sequence[tuple[str, Values]], method: RankMethod = "spearman"
) -> RankMatrix:
    """Return Spearman's ρ, or Kendall's τ-b, of each pair over the candidates that have both.

    Args:
        columns: names, with a number of each candidate, NaN for a missing one.
        method: which of the two.
    """
    size = len(columns)
    # Ranks among those that have both are those among all where nobody lacks anything.
    if method == "spearman" and all(bool(np.isfinite(values).all()) for _, values in columns):
        return _of_whole_columns(columns)
    coefficients, numbers = np.full((size, size), np.nan), np.zeros((size, size), dtype=np.int64)
    for row, (_, first) in enumerate(columns):
        for column, (_, second) in enumerate(columns[: row + 1]):
            both = np.isfinite(first) & np.isfinite(second)
            value = _coefficient(first[both], second[both], method)
            coefficients[row, column] = coefficients[column, row] = value
            numbers[row, column] = numbers[column, row] = int(both.sum())
    return RankMatrix(tuple(name for name, _ in columns), coefficients, numbers)


def _of_whole_columns(columns: Sequence[tuple[str, Values]]) -> RankMatrix:
    from scipy.stats import rankdata

    size, length = len(columns), len(columns[0][1]) if columns else 0
    numbers = np.full((size, size), length, dtype=np.int64)
    coefficients = np.full((size, size), np.nan)
    varies = [index for index, (_, values) in enumerate(columns) if length > 1 and np.ptp(values)]
    if varies:
        ranks = np.stack([rankdata(columns[index][1]) for index in varies])
        coefficients[np.ix_(varies, varies)] = np.atleast_2d(np.corrcoef(ranks))
    return RankMatrix(tuple(name for name, _ in columns), coefficients, numbers)


def _coefficient(first: Values, second: Values, method: RankMethod) -> float:
    # SciPy takes half a second to load.
    from scipy.stats import kendalltau, rankdata

    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    if method == "kendall":
        return float(kendalltau(first, second).statistic)
    return float(np.corrcoef(rankdata(first), rankdata(second))[0, 1])
