"""The good range of each axis: where the best networks lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dse.costs import Unit
from dse.extras import require
from dse.report.figures import figure_style as style
from dse.report.good_axis_ranges import GoodRange
from dse.report.thinning import thinned

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_COLUMNS = 2
_MOST = 1000
"""Points of a panel."""


def ranges_figure(
    ranges: Sequence[GoodRange], name: str, unit: Unit | None = None, title: str = ""
) -> Figure:
    """Draw a panel for each axis: the candidates, the good range as a band, its median as a line.

    Args:
        ranges: of the axes.
        name: of what candidates are judged by, as it came.
        unit: of a cost.
        title: above the picture, as it came.
    """
    subplots = require("plotly.subplots", "pictures", "this picture")
    columns = min(_COLUMNS, len(ranges))
    rows = -(-len(ranges) // columns)
    figure = style.new_figure(title or f"where the best {name} lies", height=110 + 250 * rows)
    panels = subplots.make_subplots(
        rows, columns, shared_yaxes=True, horizontal_spacing=0.05, vertical_spacing=0.34 / rows
    )
    figure.update_layout(style.axes_of(panels))
    divisor, suffix = style.scale_of(ranges[0].errors, unit)
    for number, each in enumerate(ranges):
        axis = "" if number == 0 else str(number + 1)
        some = thinned(each.at, each.errors, _MOST)
        figure.add_scatter(
            x=each.at[some].tolist(),
            y=(each.errors[some] / divisor).tolist(),
            mode="markers",
            xaxis=f"x{axis}",
            yaxis=f"y{axis}",
            hoverinfo="x+y",
            showlegend=False,
            marker={"size": 4, "color": style.QUIET},
        )
        span = float(np.ptp(each.at)) or 1.0
        figure.add_shape(
            type="rect",
            xref=f"x{axis}",
            yref=f"y{axis} domain",
            x0=each.low - span / 100,
            x1=each.high + span / 100,
            y0=0,
            y1=1,
            line={"width": 0},
            fillcolor=style.faded(style.colour(0), 0.25),
        )
        figure.add_shape(
            type="line",
            xref=f"x{axis}",
            yref=f"y{axis} domain",
            x0=each.median,
            x1=each.median,
            y0=0,
            y1=1,
            line={"color": style.colour(3), "width": 2},
        )
        told = style.lines(style.safe_text(each.axis, 20), f"{each.low:.4g} to {each.high:.4g}")
        figure.update_layout({f"xaxis{axis}": {"title": {"text": told, "font": {"size": 12}}}})
        if number % columns == 0:
            label = style.safe_text(name) + (f" ({suffix})" if suffix else "")
            figure.update_layout({f"yaxis{axis}": {"title": {"text": label}}})
    style.remark(figure, "band: 95 % of the best of resamples")
    return figure
