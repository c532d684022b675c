"""The points of a cloud as traces: of one colour, by a number, or a trace for each word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dse.extras import require
from dse.report.figures import figure_style as style
from dse.report.figures.plotted_column import PlottedColumn

Places = npt.NDArray[np.int64]


def cloud_traces(
    values: Sequence[npt.NDArray[Any]],
    hovers: Sequence[str],
    places: Places,
    colour: PlottedColumn | None,
    is_loud: bool = True,
) -> Iterator[Any]:
    """Yield the traces of points.

    Args:
        values: of each axis, two or three, as the axes show them.
        hovers: what to tell of each point, as safe text.
        places: of the points that are drawn.
        colour: by what they are coloured; None for all alike.
        is_loud: whether the points are what the picture is about, and not what is behind.
    """
    if colour is None or colour.is_number:
        quiet = {"size": 5, "color": style.colour(0) if is_loud else style.QUIET}
        marker = with_colours(quiet, colour, places, has_bar=True)
        yield _trace(values, hovers, places, "candidates", marker)
        return
    words = colour.values[places]
    for number, word in enumerate(colour.categories):
        some = places[[each == word for each in words.tolist()]]
        if len(some):
            marker = {"size": 6, "color": style.colour(number)}
            if len(values) == 2:
                marker["symbol"] = style.symbol(number)
            name = f"{style.safe_text(colour.name)} {style.told(word)} ({len(some):,})"
            yield _trace(values, hovers, some, name, marker)


def with_colours(
    marker: dict[str, Any], colour: PlottedColumn | None, places: Places, has_bar: bool = False
) -> dict[str, Any]:
    """Return a marker whose points are coloured by a number, where there is one."""
    if colour is None or not len(places):
        return marker
    if not colour.is_number:
        known = {word: number for number, word in enumerate(colour.categories)}
        colours = [style.colour(known[word]) for word in colour.values[places].tolist()]
        return {**marker, "color": colours}
    divisor, suffix = style.scale_of(colour.values, colour.unit)
    numbers, shown = colour.values / divisor, np.isfinite(colour.values)
    ends = {}
    if shown.any():
        ends = {"cmin": float(numbers[shown].min()), "cmax": float(numbers[shown].max())}
    name = style.safe_text(colour.name) + (f" ({suffix})" if suffix else "")
    bar = {"title": {"text": name, "side": "right"}, "thickness": 12, "exponentformat": "SI"}
    return {
        **marker,
        **ends,
        "color": numbers[places].tolist(),
        "colorscale": style.SCALE,
        "showscale": has_bar,
        "colorbar": bar,
    }


def _trace(
    values: Sequence[npt.NDArray[Any]],
    hovers: Sequence[str],
    places: Places,
    name: str,
    marker: dict[str, Any],
) -> Any:
    graph_objects = require("plotly.graph_objects", "pictures", "this picture")
    kinds = {2: graph_objects.Scatter, 3: graph_objects.Scatter3d}
    if len(values) == 3:
        # In space what shines through looks like what is near.
        colour = "#999999" if marker["color"] == style.QUIET else marker["color"]
        marker = {**marker, "size": 3, "color": colour}
    return kinds[len(values)](
        **{axis: each[places].tolist() for axis, each in zip("xyz", values, strict=False)},
        mode="markers",
        name=name,
        hoverinfo="text",
        hovertext=[hovers[place] for place in places.tolist()],
        marker=marker,
    )
