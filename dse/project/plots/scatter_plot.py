"""Stored candidates in two columns of any kind, or in many as parallel axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dse.errors import DseError
from dse.project.plots.candidate_columns import read_candidate_columns, require_some
from dse.project.plots.stored_columns import known_axes, varying_axes
from dse.project.store_access import Names, StoreReader
from dse.report import PlottedColumn, parallel_figure, scatter_figure, thinned
from dse.store import words_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_LINES = 1500
MOST_PARALLEL = 12


def plot_scatter(
    project: StoreReader,
    x: str,
    y: str,
    where: str | None = None,
    *,
    color: str | None = None,
    limit: int | None = None,
    title: str = "",
) -> Figure:
    """Draw candidates in two columns: costs, axes of numbers or words, measurements, formulas.

    Args:
        project: whose candidates are drawn.
        x: what is told from left to right.
        y: what is told from below.
        where: which candidates.
        color: what points are coloured by.
        limit: candidates at most, the first by id.
        title: above the picture.

    Raises:
        DseError: for an unknown column, a malformed condition, or where no candidate has both.
    """
    wanted = [x, y, *([] if color is None else [color])]
    found = read_candidate_columns(project.url, wanted, where, limit)
    numbers = [name for name in (x, y) if found[name].is_number]
    found = found.with_all(numbers)
    require_some(found, [x, y])
    total = len(found.ids)
    some = found.at(thinned(_places(found[x]), _places(found[y])))
    colour = None if color is None else some[color]
    return scatter_figure(some[x], some[y], some.hovers(wanted), total, colour, title)


def _places(column: PlottedColumn) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return where candidates are along an axis; words by their place in order."""
    if column.is_number:
        return column.values
    places = {word: place for place, word in enumerate(column.categories)}
    return np.array([places[word] for word in column.values.tolist()], dtype=np.float64)


def plot_parallel(
    project: StoreReader,
    columns: Names = (),
    where: str | None = None,
    *,
    color: str | None = None,
    limit: int | None = None,
    title: str = "",
) -> Figure:
    """Draw each candidate as a line across parallel axes.

    Args:
        project: whose candidates are drawn.
        columns: costs, axes, measurements; by default the axes that vary, `params` and `macs`.
        where: which candidates.
        color: what lines are coloured by; by default the last column.
        limit: candidates at most, the first by id.
        title: above the picture.

    Raises:
        DseError: for less than two columns, an unknown one, a malformed condition, or where no
            candidate has all of them.
    """
    named = words_of(columns, "columns")
    if len(named) == 1:
        raise DseError("parallel axes are two or more columns")
    wanted = list(named) or [*known_axes(project.url), "params", "macs"]
    shades = [] if color is None else [color]
    found = read_candidate_columns(project.url, [*wanted, *shades], where, limit)
    if not named:
        varying = varying_axes(found, wanted)
        wanted = [*varying[: MOST_PARALLEL - 2], "params", "macs"]
        wanted = list(dict.fromkeys(wanted))
    found = found.with_all([n for n in [*wanted, *shades] if found[n].is_number])
    require_some(found, wanted)
    total = len(found.ids)
    some = found.at(thinned(_places(found[wanted[0]]), _places(found[wanted[-1]]), MOST_LINES))
    colour = None if color is None else some[color]
    return parallel_figure([some[name] for name in wanted], colour, total, title)
