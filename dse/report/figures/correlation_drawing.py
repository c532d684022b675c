"""How alike numbers rank candidates, as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dse.report.figures import figure_style as style
from dse.report.rank_correlation import RankMatrix

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_TOLD_UP_TO = 14
"""Numbers of which each pair has room for its coefficient."""


def correlation_figure(matrix: RankMatrix, method: str, title: str = "") -> Figure:
    """Draw a cell for each pair of numbers, blue where they rank alike and orange where opposite.

    Args:
        matrix: the coefficients.
        method: their name.
        title: above the picture, as it came.
    """
    size = len(matrix.names)
    figure = style.new_figure(title or f"rank correlation ({method})", height=200 + 36 * size)
    names = [style.safe_text(name, 24) for name in matrix.names]
    places = list(range(size))
    values = matrix.coefficients
    shown = [[None if np.isnan(v) else round(v, 3) for v in row] for row in values.tolist()]
    figure.add_heatmap(
        z=shown,
        x=places,
        y=places,
        zmin=-1,
        zmax=1,
        colorscale=[list(stop) for stop in style.DIVERGING],
        xgap=1,
        ygap=1,
        hoverinfo="text",
        hovertext=[[_hover(matrix, row, column) for column in places] for row in places],
        colorbar={"thickness": 12},
    )
    if size <= _TOLD_UP_TO:
        for row in places:
            for column in places:
                value = values[row, column]
                figure.add_annotation(
                    x=column,
                    y=row,
                    text="–" if np.isnan(value) else f"{value:.2f}",
                    showarrow=False,
                    # The cell is light or strong whatever the page is.
                    font={
                        "size": 10,
                        "color": "#ffffff" if abs(value) > 0.6 else "#222222",
                    },
                )
    ticks = {"tickvals": places, "ticktext": names, "showgrid": False, "zeroline": False}
    figure.update_layout(
        xaxis={**ticks, "tickangle": -40}, yaxis={**ticks, "autorange": "reversed"}
    )
    return figure


def _hover(matrix: RankMatrix, row: int, column: int) -> str:
    value = matrix.coefficients[row, column]
    told = "not defined" if np.isnan(value) else f"{value:.3f}"
    return style.lines(
        f"{style.safe_text(matrix.names[row])} and {style.safe_text(matrix.names[column])}",
        told,
        f"{matrix.numbers[row, column]:,} candidates",
    )
