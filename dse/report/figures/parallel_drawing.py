"""Candidates as lines across parallel axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dse.report.figures import figure_style as style
from dse.report.figures.plotted_column import PlottedColumn

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_MOST_TICKS = 12


def parallel_figure(
    columns: Sequence[PlottedColumn], colour: PlottedColumn | None, total: int, title: str = ""
) -> Figure:
    """Draw a line for each candidate through its value of each column; none may be missing.

    Args:
        columns: numbers, words or truths of those that are drawn.
        colour: numbers by which lines are coloured; by default the last column's.
        total: candidates in all, those that are not drawn included.
        title: above the picture, as it came.
    """
    figure = style.new_figure(title or "candidates across their axes", height=520)
    dimensions = [_dimension(column) for column in columns]
    shade = columns[-1] if colour is None else colour
    values = _dimension(shade)["values"]
    figure.add_parcoords(
        dimensions=dimensions,
        line={
            "color": values,
            "colorscale": style.SCALE,
            "showscale": True,
            "colorbar": {
                "title": {"text": style.safe_text(shade.name), "side": "right"},
                "thickness": 12,
                "exponentformat": "SI",
                **_ticks(shade),
            },
        },
        labelfont={"size": 12},
        labelangle=-15 if len(columns) > 4 else 0,
    )
    figure.update_layout(margin={"l": 64, "r": 48, "t": 120, "b": 40})
    shown = len(columns[0].values)
    if shown < total:
        style.remark(figure, f"{shown:,} of {total:,} lines shown")
        figure.layout.annotations[-1].update(y=1.16)
    return figure


def _dimension(column: PlottedColumn) -> dict[str, Any]:
    if not column.is_number:
        places = {word: place for place, word in enumerate(column.categories)}
        at = [places[word] for word in column.values.tolist()]
        return {"label": style.safe_text(column.name, 24), "values": at, **_ticks(column)}
    values, axis = column.scaled()
    label = axis["title"]["text"]
    if axis["type"] == "log":
        return {"label": label, "values": np.log10(values).tolist(), **_ticks(column)}
    shown = {"tickformat": "~s"} if column.unit is not None else {}
    return {"label": label, "values": values.tolist(), **shown}


def _ticks(column: PlottedColumn) -> dict[str, Any]:
    """Return where an axis says what: words at their places, powers at their logarithms."""
    if not column.is_number:
        words = [style.told(word) for word in column.categories]
        step = -(-len(words) // _MOST_TICKS) if words else 1
        places = list(range(0, len(words), step))
        return {"tickvals": places, "ticktext": [words[place] for place in places]}
    values, axis = column.scaled()
    if axis["type"] != "log":
        return {}
    low, high = np.log10(values.min()), np.log10(values.max())
    ticks = np.linspace(low, high, 6)
    divisor = style.scale_of(column.values, column.unit)[0]
    texts = [style.told(float(10**tick * divisor), column.unit) for tick in ticks]
    return {"tickvals": ticks.tolist(), "ticktext": texts}
