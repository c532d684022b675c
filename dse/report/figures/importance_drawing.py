"""How much each axis decides on a number, as bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dse.report.figures import figure_style as style

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def importance_figure(
    shares: Mapping[str, float], name: str, method: str, number: int, title: str = ""
) -> Figure:
    """Draw a bar for each axis, the most important on top.

    Args:
        shares: of the axes; all of them together are 1.
        name: of what is explained, as it came.
        method: by which, as people know it.
        number: candidates that it comes from.
        title: above the picture, as it came.
    """
    figure = style.new_figure(
        title or f"what {name} depends on", height=150 + 26 * max(len(shares), 4)
    )
    figure.add_bar(
        x=list(shares.values()),
        y=[style.safe_text(axis, 36) for axis in shares],
        orientation="h",
        name="share",
        hoverinfo="x+y",
        text=[f"{share:.1%}" for share in shares.values()],
        textposition="outside",
        cliponaxis=False,
        marker={"color": style.colour(0)},
    )
    figure.update_layout(
        showlegend=False,
        margin={"r": 56},
        xaxis={"tickformat": ".0%", "title": {"text": "share"}, "rangemode": "tozero"},
        yaxis={"type": "category", "autorange": "reversed"},
    )
    style.remark(figure, f"{style.safe_text(method)}, {number:,} candidates")
    return figure
