"""Error distribution functions of groups of networks, with bands and sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dse.costs import Unit
from dse.report.error_distributions import ErrorDistribution
from dse.report.figures import figure_style as style

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_MOST = 500
"""Steps of a curve that a picture has."""


def edf_figure(
    groups: Sequence[ErrorDistribution],
    name: str,
    is_score: bool,
    unit: Unit | None = None,
    title: str = "",
) -> Figure:
    """Draw what share of each group is better than a value; the higher a curve, the better.

    Args:
        groups: each with its name.
        name: of what is measured, as it came.
        is_score: whether more is better; the axis runs from good to bad either way.
        unit: of a cost.
        title: above the picture, as it came.
    """
    figure = style.new_figure(title or f"networks better than each {name}")
    values = np.concatenate([group.at for group in groups])
    divisor, suffix = style.scale_of(values, unit)
    for number, group in enumerate(groups):
        some = np.unique(np.linspace(0, len(group.at) - 1, _MOST).astype(int))
        at = (group.at[some] / divisor).tolist()
        label = f"{style.safe_text(group.name)} ({group.number:,})"
        for edge, share in (("low", group.low), ("high", group.high)):
            figure.add_scatter(
                x=at,
                y=share[some].tolist(),
                mode="lines",
                name=edge,
                legendgroup=str(number),
                showlegend=False,
                hoverinfo="skip",
                line={"width": 0, "shape": "hv", "color": style.colour(number)},
                fill="tonexty" if edge == "high" else None,
                fillcolor=style.faded(style.colour(number), 0.15),
            )
        figure.add_scatter(
            x=at,
            y=group.share[some].tolist(),
            mode="lines+markers" if len(at) == 1 else "lines",
            name=label,
            legendgroup=str(number),
            showlegend=True,
            hoverinfo="x+y+name",
            line={"shape": "hv", "color": style.colour(number), "dash": style.dash(number)},
        )
    axis = style.axis_of(name, values / divisor, unit, suffix)
    figure.update_layout(
        xaxis={**axis, "autorange": "reversed" if is_score else True},
        yaxis={"title": {"text": "share of networks"}, "range": [0, 1.02], "tickformat": ".0%"},
    )
    return figure
