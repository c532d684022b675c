"""How alike costs and measurements rank stored candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dse.errors import DseError, nearest
from dse.project.plots.candidate_columns import read_candidate_columns
from dse.project.plots.stored_columns import costs_and_measurements
from dse.project.store_access import Names, StoreReader
from dse.report import RankMatrix, RankMethod, correlation_figure, rank_matrix
from dse.store import words_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def plot_correlation(
    project: StoreReader,
    columns: Names = (),
    where: str | None = None,
    *,
    method: RankMethod = "spearman",
    limit: int | None = None,
    title: str = "",
) -> Figure:
    """Draw the rank correlation of each pair of costs and measurements as a matrix.

    Args:
        project: whose candidates are compared.
        columns: two or more numbers; by default the usual costs and all that was measured.
        where: which candidates.
        method: `spearman`, or `kendall`, which is τ-b.
        limit: candidates at most, the first by id.
        title: above the picture.

    Raises:
        DseError: for less than two columns, an unknown one, or a malformed condition.
    """
    found = found_correlation(project, columns, where, method, limit)
    return correlation_figure(found, method, title)


def found_correlation(
    project: StoreReader,
    columns: Names = (),
    where: str | None = None,
    method: RankMethod = "spearman",
    limit: int | None = None,
) -> RankMatrix:
    """Return what `plot_correlation` draws."""
    if method not in ("spearman", "kendall"):
        raise DseError(f"method: unknown {method!r}; {nearest(method, ('spearman', 'kendall'))}")
    named = words_of(columns, "columns")
    if len(named) == 1:
        raise DseError("correlation is of two or more columns, as in accuracy macs params")
    found = read_candidate_columns(
        project.url, named or costs_and_measurements(project.url), where, limit
    )
    numbers = [(name.strip("`"), found.numbers(name)) for name in found.columns]
    if not named:
        numbers = [(name, values) for name, values in numbers if np.isfinite(values).any()]
    return rank_matrix(numbers, method)
