"""Candidates in two columns of any kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dse.report.figures import figure_style as style
from dse.report.figures.cloud_traces import cloud_traces
from dse.report.figures.plotted_column import PlottedColumn

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def scatter_figure(
    x: PlottedColumn,
    y: PlottedColumn,
    hovers: Sequence[str],
    total: int,
    colour: PlottedColumn | None = None,
    title: str = "",
) -> Figure:
    """Draw a point for each candidate.

    Args:
        x: numbers, words or truths of those that are drawn.
        y: likewise.
        hovers: what to tell of each, as safe text.
        total: candidates in all, those that are not drawn included.
        colour: by what they are coloured.
        title: above the picture, as it came.
    """
    figure = style.new_figure(title or f"{y.name} against {x.name}")
    (across, x_axis), (up, y_axis) = x.scaled(), y.scaled()
    places = np.arange(len(hovers))
    for trace in cloud_traces([across, up], hovers, places, colour):
        figure.add_trace(trace)
    figure.update_layout(
        xaxis=x_axis, yaxis=y_axis, showlegend=colour is not None and not colour.is_number
    )
    if len(hovers) < total:
        style.remark(figure, f"{len(hovers):,} of {total:,} points shown")
    return figure
