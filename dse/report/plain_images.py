"""Images of fronts and histories by matplotlib, where no browser draws them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dse.costs import Unit
from dse.errors import DseError
from dse.extras import require
from dse.report.best_so_far import SearchHistory, best_so_far, mean_history
from dse.report.figures import ParetoCloud, colour, scale_of


def _paper() -> tuple[Any, Any]:
    figure_module = require("matplotlib.figure", "pictures", "this picture")
    figure = figure_module.Figure(figsize=(9, 5), layout="constrained")
    return figure, figure.subplots()


def draw_pareto_plainly(cloud: ParetoCloud, title: str, path: Path) -> None:
    """Write an image of candidates in two numbers with their front.

    Raises:
        DseError: for three numbers, which take a browser.
    """
    if len(cloud.goals) != 2:
        raise DseError("an image of three numbers needs Kaleido and a Chrome; a .html does not")
    figure, axes = _paper()
    values = []
    for goal, label in zip(cloud.goals, (axes.set_xlabel, axes.set_ylabel), strict=True):
        divisor, suffix = scale_of(goal.values, goal.unit)
        values.append(goal.values / divisor)
        label(f"{goal.name} ({suffix})" if suffix else goal.name, parse_math=False)
    _, x_axis = cloud.goals[0].scaled()
    _, y_axis = cloud.goals[1].scaled()
    axes.set(xscale=x_axis["type"], yscale=y_axis["type"])
    behind, front = ~cloud.on_front, np.flatnonzero(cloud.on_front)
    shade: dict[str, Any] = {"color": "0.6"}
    if cloud.colour is not None and cloud.colour.is_number:
        shade = {"c": cloud.colour.values[behind], "cmap": "cividis"}
    points = axes.scatter(values[0][behind], values[1][behind], s=8, **shade)
    if cloud.colour is not None and cloud.colour.is_number and behind.any():
        figure.colorbar(points).set_label(cloud.colour.name, parse_math=False)
    front = front[np.lexsort((values[1][front], values[0][front]))]
    where = "post" if cloud.directions[0] == "min" else "pre"
    axes.step(values[0][front], values[1][front], where=where, color=colour(3), marker="o", ms=4)
    for goal, line in zip(cloud.goals, (axes.axvline, axes.axhline), strict=True):
        for bound in cloud.bounds.get(goal.name, ()):
            if bound is not None:
                line(bound / scale_of(goal.values, goal.unit)[0], color=colour(0), linestyle="--")
    axes.set_title(title or " against ".join(g.name for g in cloud.goals[::-1]), parse_math=False)
    figure.savefig(path, dpi=150)


def draw_history_plainly(
    histories: Sequence[SearchHistory],
    goal: str,
    is_least: bool,
    unit: Unit | None,
    mean: bool,
    title: str,
    path: Path,
) -> None:
    """Write an image of the best so far over evaluations."""
    figure, axes = _paper()
    divisor, suffix = scale_of(np.concatenate([each.values for each in histories]), unit)
    if mean and len(histories) > 1:
        found = mean_history([each.values for each in histories], is_least)
        steps = np.arange(1, len(found.mean) + 1)
        axes.fill_between(steps, found.low / divisor, found.high / divisor, step="post", alpha=0.2)
        axes.step(steps, found.mean / divisor, where="post", label="mean and spread")
    else:
        for number, history in enumerate(histories):
            steps = np.arange(1, len(history.values) + 1)
            best = best_so_far(history.values, is_least) / divisor
            axes.plot(steps, history.values / divisor, ".", ms=4, color=colour(number), alpha=0.5)
            axes.step(steps, best, where="post", color=colour(number), label=history.name)
    axes.set_xlabel("evaluations")
    axes.set_ylabel(f"{goal} ({suffix})" if suffix else goal, parse_math=False)
    axes.set_title(title or f"best {goal} so far", parse_math=False)
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=150)
