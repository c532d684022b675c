"""How many networks of a space have how much of a cost, from its exact histogram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dse.costs import Unit
from dse.language import format_quantity
from dse.report.figures import figure_style as style

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True)
class CountedRange:
    """How many networks have a cost within a range, with bounds that hold for certain."""

    low: int
    high: int
    least: float
    most: float


def distribution_figure(
    ranges: Sequence[CountedRange],
    cost: str,
    unit: Unit,
    networks: int,
    title: str = "",
    bounds: tuple[float | None, float | None] = (None, None),
) -> Figure:
    """Draw a bar for each range of a cost; where its count is not certain, the doubt above it.

    Args:
        ranges: from low to high.
        cost: its name, as it came.
        unit: of the cost.
        networks: of the space, in all; counts may be of any size.
        title: above the picture, as it came.
        bounds: of a budget on the cost: the least and the most.
    """
    figure = style.new_figure(title or f"networks by {cost}")
    middle = sorted(each.high for each in ranges)[len(ranges) // 2] if ranges else 1
    divisor, suffix = style.scale_of(np.array([float(middle)]), unit)
    centres = [(each.low + each.high) / 2 / divisor for each in ranges]
    # Networks of one cost alone are a bar too.
    widths = [max(each.high - each.low, each.high / 50, 1) / divisor for each in ranges]
    hovers = [_told(each, unit, networks) for each in ranges]
    for name, heights, fill in (
        ("networks", [each.least for each in ranges], style.colour(0)),
        ("at most", [each.most - each.least for each in ranges], style.faded(style.colour(0), 0.4)),
    ):
        if name == "at most" and not any(heights):
            continue
        figure.add_bar(
            x=centres,
            y=[float(height) for height in heights],
            width=widths,
            name=name,
            hoverinfo="text",
            hovertext=hovers,
            marker={"color": fill, "line": {"width": 0.5, "color": style.QUIET}},
        )
    title_of_x = style.safe_text(cost) + (f" ({suffix})" if suffix else "")
    figure.update_layout(
        barmode="stack",
        showlegend=len(figure.data) > 1,
        xaxis={"title": {"text": title_of_x}},
        yaxis={"title": {"text": "networks"}, "exponentformat": "power"},
    )
    for bound in bounds:
        if bound is not None:
            figure.add_vline(bound / divisor, line={"dash": "dash", "color": style.colour(3)})
    style.remark(
        figure,
        f"{_count(networks)} network{'' if networks == 1 else 's'}, none of them drawn by chance",
    )
    return figure


def _told(each: CountedRange, unit: Unit, networks: int) -> str:
    least, most = _count(round(each.least)), _count(round(each.most))
    number = least if least == most else f"{least} to {most}"
    share = each.most / networks if networks else 0.0
    between = f"{format_quantity(each.low, unit)} to {format_quantity(each.high, unit)}"
    return style.lines(between, f"{number} networks", f"{share:.3g} of all")


def _count(number: int) -> str:
    return f"{number:,}" if number < 10**12 else f"{number:.4g}"
