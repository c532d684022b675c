"""The regret of samplers on a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dse.project.contests import Contested
from dse.report import regret_figure

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def plot_compare(contested: Contested, *, title: str = "") -> Figure:
    """Draw the regret of samplers after so many evaluations, a panel for each budget.

    Args:
        contested: what `dse.open(…).compare(…)` returned.
        title: above the picture.
    """
    return regret_figure(contested.curves, title)
