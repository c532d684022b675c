"""What axes have to do with a number: good ranges, and importance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dse.checked_numbers import checked_seed
from dse.costs import Unit
from dse.project.plots.goal_directions import is_score_of
from dse.project.plots.stored_columns import axes_and
from dse.project.store_access import Names, StoreReader
from dse.report import (
    GoodRange,
    Method,
    axis_importance,
    good_ranges,
    importance_figure,
    ranges_figure,
)
from dse.store import words_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_PANELS = 12
MOST_EXPLAINED = 2000
"""Candidates from which importance comes, evenly spread over all."""

MOST_SEED = 2**32 - 1
"""Of the forests of scikit-learn."""


@dataclass(frozen=True)
class FoundRanges:
    """The good ranges of axes by a number."""

    ranges: tuple[GoodRange, ...]
    unit: Unit | None


def plot_ranges(
    project: StoreReader,
    value: str,
    axes: Names = (),
    where: str | None = None,
    *,
    maximize: bool | None = None,
    seed: int = 0,
    title: str = "",
) -> Figure:
    """Draw in which range of each axis the best candidates lie, by the empirical bootstrap.

    Args:
        project: whose candidates are drawn.
        value: an error or a score that was measured, or a cost.
        axes: of numbers; by default those that vary.
        where: which candidates.
        maximize: whether more is better; by default as the studies of the store have it.
        seed: of the draws.
        title: above the picture.

    Raises:
        DseError: for an unknown column, one of words or that does not vary, and what is no seed.
    """
    found = found_ranges(project, value, axes, where, maximize, seed)
    return ranges_figure(found.ranges, value, found.unit, title)


def found_ranges(
    project: StoreReader,
    value: str,
    axes: Names = (),
    where: str | None = None,
    maximize: bool | None = None,
    seed: int = 0,
) -> FoundRanges:
    """Return what `plot_ranges` draws."""
    checked_seed(seed)
    named = words_of(axes, "axes")
    found, names = axes_and(project.url, value, where, named, numbers_only=True)
    is_score = is_score_of(project.url, value) if maximize is None else maximize
    columns = [(name, found.numbers(name)) for name in names[:MOST_PANELS]]
    ranges = good_ranges(columns, found.numbers(value), is_score, seed)
    return FoundRanges(tuple(ranges), found[value].unit)


@dataclass(frozen=True)
class FoundImportance:
    """How much each axis decides on a number."""

    shares: dict[str, float]
    number: int
    """Candidates that it comes from."""


def plot_importance(
    project: StoreReader,
    value: str,
    axes: Names = (),
    where: str | None = None,
    *,
    method: Method = "fanova",
    seed: int = 0,
    title: str = "",
) -> Figure:
    """Draw how much each axis decides on a cost or a measurement.

    Args:
        project: whose candidates it comes from.
        value: a cost, a measurement, or arithmetic over them.
        axes: by default those that vary.
        where: which candidates.
        method: `fanova`, `ped_anova` or `permutation`.
        seed: of forests and permutations.
        title: above the picture.

    Raises:
        DseError: for an unknown column or method, too few candidates, and where the library that
            works it out is not installed.
    """
    found = found_importance(project, value, axes, where, method, seed)
    return importance_figure(found.shares, value, method, found.number, title)


def found_importance(
    project: StoreReader,
    value: str,
    axes: Names = (),
    where: str | None = None,
    method: Method = "fanova",
    seed: int = 0,
) -> FoundImportance:
    """Return what `plot_importance` draws."""
    checked_seed(seed, MOST_SEED)
    found, names = axes_and(project.url, value, where, words_of(axes, "axes"))
    some = np.unique(np.linspace(0, len(found.ids) - 1, MOST_EXPLAINED).astype(np.int64))
    found = found.at(some)
    shares = axis_importance([found[name] for name in names], found.numbers(value), method, seed)
    return FoundImportance(shares, len(found.ids))
