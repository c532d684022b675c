"""How memory rises and falls while a model runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dse.language import format_quantity
from dse.report.figures import figure_style as style

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from dse.counting import Timeline

MEBIBYTE = 2**20
LAYER_COLOURS = {"weights": "#0072B2", "optimizer state": "#CC79A7", "activations": "#E69F00"}


def memory_layers(timeline: Timeline) -> dict[str, list[float]]:
    """Return what is stacked, in MiB by moment, from below."""
    number = len(timeline.moments)
    layers = {"weights": [timeline.weights / MEBIBYTE] * number}
    if timeline.state:
        layers["optimizer state"] = [timeline.state / MEBIBYTE] * number
    return layers | {"activations": [moment.alive / MEBIBYTE for moment in timeline.moments]}


def peak_text(timeline: Timeline) -> str:
    """Return where memory is highest, in a line."""
    moment = timeline.moments[timeline.peak_index]
    place = moment.layer or ("the optimizer" if moment.phase == "optimizer" else "the model itself")
    phase = "" if place == f"the {moment.phase}" else f" ({moment.phase})"
    return f"{format_quantity(timeline.peak, 'bytes')} in {place}{phase}"


def timeline_figure(timeline: Timeline, title: str = "") -> Figure:
    """Draw weights, the state of the optimizer upon them, and what is alive at each operator.

    Args:
        timeline: of an inference or a training step.
        title: above the picture, as it came.
    """
    figure = style.new_figure(title or "memory over time")
    texts = [
        style.lines(
            style.safe_text(moment.layer or "model"),
            f"{style.safe_text(moment.operator)}, {moment.phase}",
        )
        for moment in timeline.moments
    ]
    for name, values in memory_layers(timeline).items():
        hovers = [
            style.lines(f"{name} {value:.4g} MiB", text)
            for value, text in zip(values, texts, strict=True)
        ]
        figure.add_scatter(
            x=list(range(len(values))),
            y=values,
            name=name,
            mode="lines",
            stackgroup="memory",
            line={"shape": "hv", "width": 0, "color": LAYER_COLOURS[name]},
            hoverinfo="text",
            hovertext=hovers,
        )
    figure.add_annotation(
        x=timeline.peak_index,
        y=timeline.peak / MEBIBYTE,
        text=style.safe_text(peak_text(timeline)),
        ax=40 if timeline.peak_index < len(timeline.moments) / 2 else -40,
        ay=-24,
    )
    figure.update_layout(
        xaxis={"title": {"text": "operators, in the order in which they run"}},
        yaxis={"title": {"text": "alive (MiB)"}, "rangemode": "tozero"},
    )
    return figure
