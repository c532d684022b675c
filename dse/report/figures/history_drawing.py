"""How the best that a search has found gets better, of one study or of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dse.costs import Unit
from dse.report.best_so_far import SearchHistory, best_so_far, mean_history
from dse.report.figures import figure_style as style

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def history_figure(
    histories: Sequence[SearchHistory],
    goal: str,
    is_least: bool,
    unit: Unit | None = None,
    mean: bool = False,
    title: str = "",
) -> Figure:
    """Draw the best so far over evaluations, and the evaluations as points.

    Args:
        histories: of one study or of several.
        goal: what the values are of, as it came.
        is_least: whether less is better.
        unit: of the values, where they are a cost.
        mean: draw the mean of all of them with its spread, a standard deviation to either side, in
            place of a curve for each.
        title: above the picture, as it came.
    """
    figure = style.new_figure(title or f"best {goal} so far")
    everything = np.concatenate([each.values for each in histories] or [np.empty(0)])
    divisor, suffix = style.scale_of(everything, unit)
    if mean and len(histories) > 1:
        _draw_mean(figure, histories, is_least, divisor)
    else:
        for number, history in enumerate(histories):
            _draw(figure, history, number, is_least, divisor, has_points=len(histories) <= 3)
    axis = style.axis_of(goal, everything / divisor, unit, suffix)
    title_of_x = {"title": {"text": "evaluations"}, "rangemode": "tozero"}
    figure.update_layout(xaxis=title_of_x, yaxis=axis)
    return figure


def _draw(
    figure: Figure,
    history: SearchHistory,
    number: int,
    is_least: bool,
    divisor: float,
    has_points: bool,
) -> None:
    name = style.safe_text(history.name)
    steps = list(range(1, len(history.values) + 1))
    if has_points:
        told = [style.safe_text(each, 400) for each in history.hovers]
        figure.add_scatter(
            x=steps,
            y=_values(history.values / divisor),
            mode="markers",
            name=f"{name}: evaluations",
            legendgroup=str(number),
            showlegend=False,
            hoverinfo="text",
            hovertext=told or [f"evaluation {step}" for step in steps],
            marker={"size": 5, "color": style.faded(style.colour(number), 0.55)},
        )
    best = best_so_far(history.values, is_least)
    figure.add_scatter(
        x=steps,
        y=_values(best / divisor),
        mode="lines+markers" if len(steps) == 1 else "lines",
        name=name,
        legendgroup=str(number),
        hoverinfo="y+name",
        showlegend=True,
        line={"shape": "hv", "color": style.colour(number), "dash": style.dash(number)},
    )


def _draw_mean(
    figure: Figure, histories: Sequence[SearchHistory], is_least: bool, divisor: float
) -> None:
    found = mean_history([each.values for each in histories], is_least)
    steps = list(range(1, len(found.mean) + 1))
    for edge, values in (("low", found.low), ("high", found.high)):
        figure.add_scatter(
            x=steps,
            y=_values(values / divisor),
            mode="lines",
            name=edge,
            showlegend=False,
            hoverinfo="skip",
            line={"width": 0, "shape": "hv", "color": style.colour(0)},
            fill="tonexty" if edge == "high" else None,
            fillcolor=style.faded(style.colour(0)),
        )
    figure.add_scatter(
        x=steps,
        y=_values(found.mean / divisor),
        mode="lines",
        showlegend=True,
        name=f"mean of {len(histories)} studies and spread",
        hoverinfo="y+name",
        line={"shape": "hv", "color": style.colour(0)},
    )


def _values(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[float | None]:
    """Return numbers as a picture takes them: none for one that is missing."""
    return [float(value) if np.isfinite(value) else None for value in values]
