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
    """The regret of a sampler within a budget of a table, after so many evaluations."""

    panel: str
    """The budget, behind the table where there are several."""
    sampler: str
    mean: npt.NDArray[np.float64]
    """NaN where a run has found no candidate within the budget."""
    low: npt.NDArray[np.float64]
    """The mean less its standard error, and 0 at least."""
    high: npt.NDArray[np.float64]


def mean_regrets(curves: Sequence[Curve]) -> list[MeanRegret]:
    """Return the mean curve of each sampler, budget and table, in the order in which they came."""
    several = len({curve.table for curve in curves}) > 1
    found: dict[tuple[str, str], list[Any]] = {}
    for curve in curves:
        panel = f"{curve.table}: {curve.bounds}" if several else curve.bounds
        found.setdefault((panel, curve.sampler), []).append(curve.regret)
    means = []
    for (panel, sampler), runs in found.items():
        regrets = np.array(runs)
        mean = regrets.mean(axis=0)
        error = regrets.std(axis=0) / np.sqrt(len(regrets))
        low = np.maximum(mean - error, 0)
        means.append(MeanRegret(panel, sampler, mean, low, mean + error))
    return means


_WIDE = 20
"""Characters below a panel: as many as two have room for side by side on a phone."""


def regret_figure(curves: Sequence[Curve], title: str = "") -> Figure:
    """Draw a panel for each budget of each table, and a line for each sampler.

    Args:
        curves: of every run.
        title: above the picture, as it came.
    """
    means = mean_regrets(curves)
    names = list(dict.fromkeys(each.panel for each in means))
    samplers = list(dict.fromkeys(each.sampler for each in means))
    columns = min(2, len(names))
    rows = -(-len(names) // columns)
    figure = style.new_figure(title or "regret of samplers", height=130 + 350 * rows)
    subplots = require("plotly.subplots", "pictures", "this picture")
    panels = subplots.make_subplots(rows, columns, vertical_spacing=0.3 / rows)
    figure.update_layout(style.axes_of(panels))
    for each in means:
        place = names.index(each.panel)
        _draw(figure, each, samplers.index(each.sampler), "" if not place else str(place + 1))
    for place, name in enumerate(names):
        axis = "" if not place else str(place + 1)
        told = style.lines("evaluations", *map(style.safe_text, wrap(name, _WIDE)))
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
    deepest = max(len(wrap(name, _WIDE)) for name in names)
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
            y=_drawn(values),
            name=edge,
            showlegend=False,
            hoverinfo="skip",
            line={"width": 0, "color": style.colour(number)},
            fill="tonexty" if edge == "high" else None,
            fillcolor=style.faded(style.colour(number)),
        )
    figure.add_scatter(
        **common,
        y=_drawn(each.mean),
        name=style.safe_text(each.sampler),
        showlegend=not axis,
        hoverinfo="x+y+name",
        line={"color": style.colour(number), "dash": style.dash(number)},
    )


def _drawn(values: npt.NDArray[np.float64]) -> list[float | None]:
    """Return values as a line has them, with a gap where there is none."""
    return [None if np.isnan(value) else value for value in values.tolist()]
