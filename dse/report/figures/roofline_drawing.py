"""The layers of a model under the roofline of a device (10.1145/1498765.1498785)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dse.language import format_count, format_quantity
from dse.report.figures import figure_style as style

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True)
class RooflinePoint:
    """A layer of a model on a device."""

    name: str
    operations: int
    """Floating-point operations: two a multiply-accumulate."""
    nbytes: int
    """That it moves."""
    nanoseconds: int
    bound: str
    """What it waits for: operations or bytes."""

    @property
    def intensity(self) -> float:
        """Operations a byte."""
        return self.operations / self.nbytes

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.operations / self.nanoseconds * 1e9


def roofline_figure(
    points: Sequence[RooflinePoint], peak: float, bandwidth: float, title: str = ""
) -> Figure:
    """Draw the roof of a device and each layer below it, as large as the time that it takes.

    Args:
        points: layers with operations, bytes and a time; none of these is 0.
        peak: operations a second of the device.
        bandwidth: bytes a second.
        title: above the picture, as it came.
    """
    figure = style.new_figure(title or "a roofline", height=520)
    intensities = [point.intensity for point in points]
    ridge = peak / bandwidth
    low, high = min([*intensities, ridge]) / 3, max([*intensities, ridge]) * 3
    figure.add_scatter(
        x=[low, ridge, high],
        y=[low * bandwidth, peak, peak],
        mode="lines",
        name="roof",
        hoverinfo="skip",
        line={"color": style.QUIET, "width": 2},
    )
    longest = max((point.nanoseconds for point in points), default=1)
    for number, bound in enumerate(("bytes", "operations")):
        some = [point for point in points if point.bound == bound]
        if some:
            figure.add_scatter(
                x=[point.intensity for point in some],
                y=[point.rate for point in some],
                mode="markers",
                name=f"waits for {bound} ({len(some)})",
                hoverinfo="text",
                hovertext=[_hover(point) for point in some],
                marker={
                    "size": [6 + 22 * float(np.sqrt(p.nanoseconds / longest)) for p in some],
                    "color": style.faded(style.colour(number), 0.6),
                    "symbol": style.SYMBOLS[number],
                    "line": {"width": 1, "color": style.colour(number)},
                },
            )
    si = {"type": "log", "exponentformat": "SI", "dtick": 1}
    figure.update_layout(
        xaxis={**si, "title": {"text": "operations a byte"}},
        yaxis={**si, "title": {"text": "operations a second"}},
    )
    total = sum(point.nanoseconds for point in points)
    style.remark(
        figure, f"{format_quantity(total, 'time')} in these layers; areas are shares of time"
    )
    return figure


def _hover(point: RooflinePoint) -> str:
    return style.lines(
        style.safe_text(point.name),
        f"{format_quantity(point.nanoseconds, 'time')}, waits for {point.bound}",
        f"{format_count(point.operations)} operations, {format_quantity(point.nbytes, 'bytes')}",
        f"{format_count(point.rate)} operations a second",
    )
