"""A picture of how memory rises and falls while a model runs."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING

from dse.extras import require
from dse.files import written_whole
from dse.report.figures import (
    LAYER_COLOURS,
    MEBIBYTE,
    PALETTE,
    memory_layers,
    peak_text,
    timeline_figure,
)
from dse.report.picture_file import IMAGES, check_picture_ending, page_of

if TYPE_CHECKING:
    from dse.counting import AliveTensor, Timeline

ENDINGS = (*IMAGES, ".html")
_SHOWN_TENSORS = 40


def check_memory_picture(path: Path) -> None:
    """Refuse a picture that cannot be drawn, before anything is counted.

    Raises:
        DseError: for another ending than png, svg, pdf or html.
    """
    check_picture_ending(path, ENDINGS)


def draw_memory(timeline: Timeline, title: str, path: Path) -> None:
    """Write a picture of a timeline, in the format that the file's name ends in.

    Args:
        timeline: what to draw.
        title: above the picture.
        path: ending in `.png`, `.svg`, `.pdf` or `.html`; the last can be zoomed and lists the
            tensors.

    Raises:
        DseError: for another ending, or where the library that draws it is not installed.
    """
    check_memory_picture(path)
    if path.suffix.lower() == ".html":
        page = memory_page(timeline, title)
        with written_whole(path) as part:
            part.write_text(page, encoding="utf-8")
    else:
        with written_whole(path) as part:
            draw_memory_plainly(timeline, title, part)


def draw_memory_plainly(timeline: Timeline, title: str, path: Path) -> None:
    """Write an image of a timeline by matplotlib, which needs no browser."""
    figure_module = require("matplotlib.figure", "pictures", "this picture")
    figure = figure_module.Figure(figsize=(10, 4.5), layout="constrained")
    axes = figure.subplots()
    layers = memory_layers(timeline)
    axes.stackplot(
        range(len(timeline.moments)),
        *layers.values(),
        labels=list(layers),
        colors=[LAYER_COLOURS[name] for name in layers],
        step="post",
    )
    for index in range(1, len(timeline.moments)):
        if timeline.moments[index].phase != timeline.moments[index - 1].phase:
            axes.axvline(index, color="0.3", linewidth=0.8, linestyle=":")
            axes.text(index, 0, f" {timeline.moments[index].phase}", va="bottom", fontsize=8)
    peak = timeline.peak / MEBIBYTE
    axes.plot(timeline.peak_index, peak, ".", color=PALETTE[3], clip_on=False)
    is_left = timeline.peak_index < len(timeline.moments) / 2
    axes.annotate(
        f" {peak_text(timeline)} ",
        (timeline.peak_index, peak),
        ha="left" if is_left else "right",
        va="bottom",
        parse_math=False,
    )
    axes.set(xlabel="operators, in the order in which they run", ylabel="MiB alive")
    axes.set_title(title, parse_math=False)
    axes.set_ylim(0, peak * 1.1)
    axes.margins(x=0)
    axes.legend(loc="lower right", fontsize=8)
    figure.savefig(path, dpi=150)


def memory_page(timeline: Timeline, title: str) -> str:
    """Return a page with a picture that can be zoomed, and what is alive at the peak."""
    rows = "\n".join(map(_row, timeline.tensors[:_SHOWN_TENSORS]))
    heads = "".join(f"<th>{head}</th>" for head in ("bytes", "shape", "dtype", "made by", "layer"))
    below = (
        f"<h2>Alive at the peak: {html.escape(peak_text(timeline))}</h2>"
        f"<div class='wide'><table><tr>{heads}</tr>\n{rows}</table></div>"
    )
    return page_of(timeline_figure(timeline, title), title, below)


def _row(tensor: AliveTensor) -> str:
    shape = "×".join(map(str, tensor.shape))
    cells = (f"{tensor.nbytes:,}", shape, tensor.dtype, tensor.operator, tensor.layer)
    return f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>"
