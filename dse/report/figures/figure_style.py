"""What all pictures share: colours, axes with units, and the one door for text from outside.

A picture has a transparent background and no colour of its text, so that the page around it decides
on both; `ON_A_PAGE` is the style that lets the text of a picture have the colour of its page.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dse.costs import Unit
from dse.extras import require
from dse.language import BYTE_MULTIPLES, TIME_MULTIPLES, format_quantity

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

PALETTE = (
    *("#0072B2", "#E69F00", "#009E73", "#D55E00"),
    *("#CC79A7", "#56B4E9", "#B3A600", "#888888"),
)
"""Colours that people tell apart whatever they see of colours (Okabe and Ito)."""

SYMBOLS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "star")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
QUIET = "rgba(128,128,128,0.55)"
"""Of what stands behind: neither lost on white nor on black."""
GRID = "rgba(128,128,128,0.22)"
SCALE = "Cividis"
DIVERGING = ((0.0, "#B35806"), (0.5, "#F7F7F7"), (1.0, "#0072B2"))

ON_A_PAGE = (
    ".js-plotly-plot :is(.gtitle,.xtitle,.ytitle,.xtick text,.ytick text,.legendtext)"
    "{fill:currentColor !important}"
)
"""For the style sheet of a page with pictures: text in the page's colour, also in the dark."""

COLOURED_BY_PAGE = (
    "<script>for(const drawn of document.querySelectorAll('.js-plotly-plot'))"
    "Plotly.relayout(drawn,{'font.color':getComputedStyle(drawn).color})</script>"
)
"""For the end of a page with pictures: what its style does not reach, such as text in space."""

LONGEST = 60
"""Characters of a text from outside that a picture has room for."""

DECADES = 100.0
"""Costs that are so many times apart are shown on a logarithmic axis."""

_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


def safe_text(text: object, longest: int = LONGEST) -> str:
    """Return text from outside as a picture shows it, and never obeys it.

    Plotly reads a part of HTML in every text, links and line breaks included, and entities. Control
    characters, such as those of a terminal, and those that turn what follows become spaces.

    Args:
        text: anything.
        longest: characters, after which it is cut.
    """
    line = " ".join(_UNREADABLE.sub(" ", str(text)).split())
    line = line.encode("utf-8", "backslashreplace").decode()
    if len(line) > longest:
        line = f"{line[: longest - 1]}…"
    escaped = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # Between two dollars Plotly would look for a formula.
    return escaped.replace("$", "&#36;")


def lines(*parts: str) -> str:
    """Return lines of a hover, each of which is safe already."""
    return "<br>".join(part for part in parts if part)


def new_figure(title: str, height: int = 480) -> Figure:
    """Return an empty figure that is as wide as its place.

    Args:
        title: above the picture, as it came.
        height: in pixels.
    """
    graph_objects = require("plotly.graph_objects", "pictures", "this picture")
    axis = {
        "gridcolor": GRID,
        "linecolor": QUIET,
        "zerolinecolor": QUIET,
        "automargin": True,
        "exponentformat": "SI",
        "title": {"standoff": 12},
    }
    layout = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": list(PALETTE),
        "autotypenumbers": "strict",
        "hovermode": "closest",
        "hoverlabel": {"align": "left", "bgcolor": "#f5f5f5", "font": {"color": "#222"}},
        "xaxis": axis,
        "yaxis": axis,
        "font": {"size": 13},
        "legend": {"orientation": "h", "yanchor": "top", "y": -0.16, "x": 0, "xanchor": "left"},
    }
    figure: Figure = graph_objects.Figure(layout={"template": {"layout": layout}})
    figure.update_layout(
        autosize=True,
        height=height,
        margin={"l": 56, "r": 24, "t": 64, "b": 56},
        title={"text": wrapped(title), "x": 0.02, "xanchor": "left", "font": {"size": 15}},
    )
    return figure


_A_LINE = 40


def wrapped(text: str) -> str:
    """Return a safe text in two lines at most, which a phone has room for."""
    if len(text) <= _A_LINE:
        return safe_text(text)
    cut = text.rfind(" ", 0, _A_LINE)
    cut = cut if cut > 0 else _A_LINE
    return lines(safe_text(text[:cut], _A_LINE), safe_text(text[cut:], _A_LINE + 16))


def scale_of(values: npt.NDArray[Any], unit: Unit | None) -> tuple[float, str]:
    """Return what values of a unit are divided by on an axis, and what the axis says of it.

    Bytes and times are shown in the unit that suits their median; counts have SI prefixes at the
    ticks, so that these stay right when one zooms.
    """
    multiples = {"bytes": BYTE_MULTIPLES, "time": TIME_MULTIPLES}.get(unit or "")
    if multiples is None:
        return 1.0, ""
    finite = np.abs(values[np.isfinite(values)])
    middle = float(np.median(finite)) if len(finite) else 0.0
    name, multiple = next(
        ((name, each) for name, each in multiples.items() if middle >= each),
        [*multiples.items()][-1],
    )
    return float(multiple), name


def axis_of(name: str, values: npt.NDArray[Any], unit: Unit | None, suffix: str) -> dict[str, Any]:
    """Return the layout of an axis.

    Args:
        name: of what it shows, as it came.
        values: that it shows, scaled.
        unit: of a cost; None for what has none, whose axis is never logarithmic.
        suffix: as `scale_of` says.
    """
    title = safe_text(name) + (f" ({suffix})" if suffix else "")
    axis: dict[str, Any] = {"title": {"text": title}, "type": "linear"}
    finite = values[np.isfinite(values)]
    if unit is not None and len(finite) and finite.min() > 0:
        apart = float(finite.max() / finite.min())
        if apart >= DECADES:
            axis |= {"type": "log", "dtick": 1 if apart >= 10**3 else "D2"}
    return axis


def told(value: Any, unit: Unit | None = None) -> str:
    """Return a value as a hover shows it: costs with a unit, numbers in six digits."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if unit is not None and isinstance(value, int | float | np.number) and math.isfinite(value):
        return format_quantity(round(float(value)), unit)
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    return safe_text(value)


def colour(index: int) -> str:
    """Return the colour of a group by its number."""
    return PALETTE[index % len(PALETTE)]


def symbol(index: int) -> str:
    """Return the marker of a group: groups of one colour differ in it."""
    return SYMBOLS[index // len(PALETTE) % len(SYMBOLS)]


def dash(index: int) -> str:
    """Return the dashes of a line of a group: groups of one colour differ in them."""
    return DASHES[index // len(PALETTE) % len(DASHES)]


def faded(colour: str, share: float = 0.2) -> str:
    """Return a colour of the palette as that of an area."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share:g})"


def axes_of(panels: Figure) -> dict[str, Any]:
    """Return the axes of a figure of several panels, as a layout."""
    layout: dict[str, Any] = panels.to_dict()["layout"]
    return {name: axis for name, axis in layout.items() if "axis" in name}


def remark(figure: Figure, text: str) -> None:
    """Say something small below the title, on the right."""
    if text:
        figure.add_annotation(
            text=text,
            xref="paper",
            yref="paper",
            x=1,
            y=1,
            xanchor="right",
            yanchor="bottom",
            showarrow=False,
            font={"size": 11},
        )


def in_order(values: Sequence[Any]) -> list[Any]:
    """Return distinct values in order: numbers by size, others by their text, None last."""
    distinct = [value for value in dict.fromkeys(values) if value is not None]
    numbers = all(isinstance(value, int | float) for value in distinct)
    ordered = sorted(distinct) if numbers else sorted(distinct, key=str)
    return ordered + ([None] if any(value is None for value in values) else [])
