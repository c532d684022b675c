"""Regret of samplers: the mean over the seeds, with its standard error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dse.extras import require
from dse.report.figures import figure_style as style

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from dse.search import Curve


@dataclass(frozen=True)
class MeanRegret:
    """The regret of a sampler within a budget, after so many evaluations."""

    bounds: str
    sampler: str
    mean: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    """The mean less its standard error, and 0 at least."""
    high: npt.NDArray[np.float64]


def mean_regrets(curves: Sequence[Curve]) -> list[MeanRegret]:
    """Return the mean curve of each sampler and budget, in the order in which they came."""
    found: dict[tuple[str, str], list[Any]] = {}
    for curve in curves:
        found.setdefault((curve.bounds, curve.sampler), []).append(curve.regret)
    means = []
    for (bounds, sampler), several in found.items():
        regrets = np.array(several)
        mean = regrets.mean(axis=0)
        error = regrets.std(axis=0) / np.sqrt(len(regrets))
        low = np.maximum(mean - error, 0)
        means.append(MeanRegret(bounds, sampler, mean, low, mean + error))
    return means


_WIDE = 20
"""Characters below a panel: as many as two have room for side by side on a phone."""


def regret_figure(curves: Sequence[Curve], title: str = "") -> Figure:
    """Draw a panel for each budget and a line for each sampler.

    Args:
        curves: of every run.
        title: above the picture, as it came.
    """
    means = mean_regrets(curves)
    budgets = list(dict.fromkeys(each.bounds for each in means))
    samplers = list(dict.fromkeys(each.sampler for each in means))
    columns = min(2, len(budgets))
    rows = -(-len(budgets) // columns)
    figure = style.new_figure(title or "regret of samplers", height=130 + 350 * rows)
    subplots = require("plotly.subplots", "pictures", "this picture")
    panels = subplots.make_subplots(rows, columns, vertical_spacing=0.3 / rows)
    figure.update_layout(style.axes_of(panels))
    for each in means:
        place = budgets.index(each.bounds)
        _draw(figure, each, samplers.index(each.sampler), "" if not place else str(place + 1))
    for place, bounds in enumerate(budgets):
        axis = "" if not place else str(place + 1)
        told = style.lines("evaluations", *map(style.safe_text, wrap(bounds, _WIDE)))
        is_first = place % columns == 0
        figure.update_layout(
            {
                f"xaxis{axis}": {"title": {"text": told, "font": {"size": 13}}},
                f"yaxis{axis}": {
                    "title": {"text": "regret" if is_first else ""},
                    "rangemode": "tozero",
                },
            }
        )
    deepest = max(len(wrap(bounds, _WIDE)) for bounds in budgets)
    figure.update_layout(legend={"y": -(50 + 17 * deepest) / (350 * rows)})
    return figure


def _draw(figure: Figure, each: MeanRegret, number: int, axis: str) -> None:
    common = {
        "x": list(range(1, len(each.mean) + 1)),
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
        "mode": "lines",
        "legendgroup": str(number),
    }
    for edge, values in (("low", each.low), ("high", each.high)):
        figure.add_scatter(
            **common,
            y=values.tolist(),
            name=edge,
            showlegend=False,
            hoverinfo="skip",
            line={"width": 0, "color": style.colour(number)},
            fill="tonexty" if edge == "high" else None,
            fillcolor=style.faded(style.colour(number)),
        )
    figure.add_scatter(
        **common,
        y=each.mean.tolist(),
        name=style.safe_text(each.sampler),
        showlegend=not axis,
        hoverinfo="x+y+name",
        line={"color": style.colour(number), "dash": style.dash(number)},
    )
