"""The regret of samplers on a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dse.project.contests import Contested, read_curves
from dse.report import regret_figure

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def plot_compare(contested: Contested | str | Path, *, title: str = "") -> Figure:
    """Draw the regret of samplers after so many evaluations, a panel for each budget.

    Args:
        contested: what `dse.open(…).compare(…)` returned, or the file that its `write_curves` or
            `dse compare --curves` wrote.
        title: above the picture.

    Raises:
        DseError: for a file that cannot be read, or holds something else.
    """
    if isinstance(contested, Contested):
        return regret_figure(contested.curves, title)
    return regret_figure(read_curves(Path(contested)), title)
