"""Pictures as Plotly figures, by the names of the commands: `dse.plots.pareto(project, …)`.

What is drawn comes from a project (`dse.open`), a space (`dse.design_space`) or a counted model
(`dse.count`). A figure shows itself at the end of a cell of a notebook; `write_html` and
`write_image` are its own, and `save` writes what `--picture` does.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dse.project import plot_compare as compare
from dse.project import plot_correlation as correlation
from dse.project import plot_distribution as distribution
from dse.project import plot_edf as edf
from dse.project import plot_history as history
from dse.project import plot_importance as importance
from dse.project import plot_network as network
from dse.project import plot_parallel as parallel
from dse.project import plot_pareto as pareto
from dse.project import plot_ranges as ranges
from dse.project import plot_roofline as roofline
from dse.project import plot_scatter as scatter
from dse.project import plot_timeline as timeline
from dse.report import write_picture

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = [
    "compare",
    "correlation",
    "distribution",
    "edf",
    "history",
    "importance",
    "network",
    "parallel",
    "pareto",
    "ranges",
    "roofline",
    "save",
    "scatter",
    "timeline",
]


def save(figure: Figure, path: str | Path, title: str = "") -> None:
    """Write a figure to a file: whole, or not at all.

    Args:
        figure: of any kind.
        path: ending in `.html`, whole in itself and following the reader's dark or light; in
            `.json`; or in `.png`, `.svg` or `.pdf`, which Kaleido and a Chrome draw.
        title: of a page of HTML; by default the picture's.

    Raises:
        DseError: for another ending, or where it cannot be drawn or written.
    """
    write_picture(figure, Path(path), title or "a picture by dse")
