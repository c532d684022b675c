"""Stored candidates in two or three numbers, with their front."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dse.dominance import non_dominated
from dse.errors import DseError
from dse.project.plots.budget_lines import bound_lines
from dse.project.plots.candidate_columns import read_candidate_columns, require_some
from dse.project.store_access import Names, StoreReader
from dse.report import Direction, ParetoCloud, pareto_figure, thinned
from dse.store import words_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def plot_pareto(
    project: StoreReader,
    minimize: Names = (),
    maximize: Names = (),
    where: str | None = None,
    *,
    color: str | None = None,
    budget: str | Mapping[str, Any] | None = None,
    limit: int | None = None,
    title: str = "",
) -> Figure:
    """Draw candidates in two or three numbers, and those that no other one beats.

    Of many candidates the whole front is drawn and the others are thinned out, which the picture
    says.

    Args:
        project: whose candidates are drawn.
        minimize: costs, axes, measurements, or arithmetic over them, to be small.
        maximize: likewise, to be large.
        where: which candidates are compared.
        color: what points are coloured by: an axis, a cost, a measurement or `family`.
        budget: bounds that are drawn as lines, such as `macs <= 300M`; they leave nothing out.
        limit: candidates at most, the first by id.
        title: above the picture.

    Raises:
        DseError: for less than two or more than three numbers, an unknown column, a malformed
            condition or budget, and where no candidate has all of the numbers.
    """
    return pareto_figure(
        pareto_cloud(project, minimize, maximize, where, color, budget, limit), title
    )


def pareto_cloud(
    project: StoreReader,
    minimize: Names = (),
    maximize: Names = (),
    where: str | None = None,
    color: str | None = None,
    budget: str | Mapping[str, Any] | None = None,
    limit: int | None = None,
) -> ParetoCloud:
    """Return what `plot_pareto` draws."""
    goals = [(name.strip(), "min") for name in words_of(minimize, "min")]
    goals += [(name.strip(), "max") for name in words_of(maximize, "max")]
    names = [name for name, _ in goals]
    if not 2 <= len(set(names)) == len(names) <= 3:
        raise DseError("a front is of two or three different numbers, as in --min macs --max top1")
    bounds = bound_lines(budget)
    wanted = [*names, *([] if color is None else [color])]
    # Names that a budget bounds are columns, whether they are drawn or not.
    asked = list(dict.fromkeys([*wanted, *bounds]))
    found = read_candidate_columns(project.url, asked, where, limit).with_all(names)
    for name in bounds:
        if name not in names:
            warnings.warn(f"budget: {name} is no axis of the picture: not drawn", stacklevel=3)
    require_some(found, names)
    signs = [1 if direction == "min" else -1 for _, direction in goals]
    values = [found.numbers(name) for name in names]
    front = non_dominated([sign * each for sign, each in zip(signs, values, strict=True)])
    # A third number is looked at along the first one.
    shown = np.union1d(thinned(values[0], values[1]), front)
    some = found.at(shown)
    directions: tuple[Direction, ...] = tuple("min" if sign > 0 else "max" for sign in signs)
    return ParetoCloud(
        goals=tuple(some[name] for name in names),
        directions=directions,
        on_front=np.isin(shown, front),
        total=len(found.ids),
        hovers=some.hovers(wanted),
        colour=None if color is None else some[color],
        bounds=bounds,
    )
