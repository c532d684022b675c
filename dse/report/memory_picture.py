"""A picture of how memory rises and falls while a model runs."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path

from dse.counting import AliveTensor, Timeline
from dse.errors import DseError, nearest
from dse.extras import require
from dse.language import format_quantity

MEBIBYTE = 2**20
_COLOURS = {"weights": "#4c72b0", "optimizer state": "#8172b3", "activations": "#dd8452"}
_SHOWN_TENSORS = 40


def check_memory_picture(path: Path) -> None:
    """Refuse a picture that cannot be drawn, before anything is counted.

    Raises:
        DseError: for another ending than png, svg or html.
    """
    if path.suffix.lower() not in _DRAWINGS:
        raise DseError(f"{path}: unknown picture format; {nearest(path.suffix, _DRAWINGS)}")


def draw_memory(timeline: Timeline, title: str, path: Path) -> None:
    """Write a picture of a timeline, in the format that the file's name ends in.

    Args:
        timeline: what to draw.
        title: above the picture.
        path: ending in `.png`, `.svg` or `.html`; the last can be zoomed and lists the tensors.

    Raises:
        DseError: for another ending, or where the library that draws it is not installed.
    """
    check_memory_picture(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _DRAWINGS[path.suffix.lower()](timeline, title, path)


def _layers(timeline: Timeline) -> dict[str, list[float]]:
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


def _draw_with_matplotlib(timeline: Timeline, title: str, path: Path) -> None:
    figure_module = require("matplotlib.figure", "pictures", "this picture")
    figure = figure_module.Figure(figsize=(10, 4.5), layout="constrained")
    axes = figure.subplots()
    layers = _layers(timeline)
    axes.stackplot(
        range(len(timeline.moments)),
        *layers.values(),
        labels=list(layers),
        colors=[_COLOURS[name] for name in layers],
        step="post",
    )
    for index in range(1, len(timeline.moments)):
        if timeline.moments[index].phase != timeline.moments[index - 1].phase:
            axes.axvline(index, color="0.3", linewidth=0.8, linestyle=":")
            axes.text(index, 0, f" {timeline.moments[index].phase}", va="bottom", fontsize=8)
    peak = timeline.peak / MEBIBYTE
    axes.plot(timeline.peak_index, peak, "k.", clip_on=False)
    is_left = timeline.peak_index < len(timeline.moments) / 2
    axes.annotate(
        f" {peak_text(timeline)} ",
        (timeline.peak_index, peak),
        ha="left" if is_left else "right",
        va="bottom",
    )
    axes.set(title=title, xlabel="operators, in the order in which they run", ylabel="MiB alive")
    axes.set_ylim(0, peak * 1.1)
    axes.margins(x=0)
    axes.legend(loc="lower right", fontsize=8)
    figure.savefig(path, dpi=150)


def _draw_with_plotly(timeline: Timeline, title: str, path: Path) -> None:
    graph_objects = require("plotly.graph_objects", "pictures", "this picture")
    figure = graph_objects.Figure()
    texts = [
        f"{html.escape(m.layer or 'model')}<br>{m.operator}, {m.phase}" for m in timeline.moments
    ]
    for name, values in _layers(timeline).items():
        figure.add_trace(
            graph_objects.Scatter(
                y=values,
                name=name,
                stackgroup="memory",
                line={"shape": "hv", "width": 0, "color": _COLOURS[name]},
                text=texts,
                hovertemplate="%{y:.2f} MiB<br>%{text}",
            )
        )
    figure.add_annotation(
        x=timeline.peak_index, y=timeline.peak / MEBIBYTE, text=peak_text(timeline)
    )
    figure.update_layout(
        title=title, xaxis_title="operator", yaxis_title="MiB alive", hovermode="x unified"
    )
    drawn: str = figure.to_html(full_html=False, include_plotlyjs=True)
    rows = "\n".join(map(_row, timeline.tensors[:_SHOWN_TENSORS]))
    heads = "".join(f"<th>{head}</th>" for head in ("bytes", "shape", "dtype", "made by", "layer"))
    path.write_text(
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{html.escape(title)}</title>"
        "<style>body{font-family:sans-serif;margin:2em}td{padding:0 1em}td:first-child"
        "{text-align:right}</style>"
        f"<body>{drawn}<h2>Alive at the peak: {html.escape(peak_text(timeline))}</h2>"
        f"<table><tr>{heads}</tr>\n{rows}</table></body></html>",
        encoding="utf-8",
    )


def _row(tensor: AliveTensor) -> str:
    shape = "×".join(map(str, tensor.shape))
    cells = (f"{tensor.nbytes:,}", shape, tensor.dtype, tensor.operator, tensor.layer)
    return f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>"


_DRAWINGS: dict[str, Callable[[Timeline, str, Path], None]] = {
    ".png": _draw_with_matplotlib,
    ".svg": _draw_with_matplotlib,
    ".html": _draw_with_plotly,
}
