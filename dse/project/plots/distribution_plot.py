"""How a cost is spread over a space of any size, from the exact histogram of its graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dse.checked_numbers import check_counts
from dse.costs import unit_of
from dse.project.design_spaces import (
    Bounds,
    Space,
    bounds,
    cache_blocks,
    recall,
    refuse_impossible,
    summable,
)
from dse.project.plots.budget_lines import bound_lines
from dse.report import CountedRange, distribution_figure
from dse.space import Bar, histogram

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

BARS = 40
"""Of a picture, by default."""


def plot_distribution(
    space: Space,
    cost: str,
    *,
    bars: int = BARS,
    budget: str | None = None,
    title: str = "",
) -> Figure:
    """Draw how many networks of a space have how much of a cost; nothing is sampled.

    Args:
        space: of a family of blocks, of any size.
        cost: one that is a sum over blocks.
        bars: ranges of equal width.
        budget: bounds on the cost that are drawn as lines.
        title: above the picture.

    Raises:
        DseError: for another cost, a number of bars that is not positive, and for a family of
            callables.
    """
    return distribution_of_bars(space, cost, distribution_bars(space, cost, bars), budget, title)


def distribution_bars(space: Space, cost: str, bars: int) -> list[Bar]:
    """Return the bars that `plot_distribution` draws."""
    check_counts({"bars": bars})
    design = summable(cost, space)
    if space.store is not None:
        recall(design, space.store)
    refuse_impossible(design, bounds(None), [cost])
    found = histogram(design.graph_of([cost]), cost, bars)
    if space.store is not None:
        cache_blocks(design, space.store)
    return found


def distribution_of_bars(
    space: Space, cost: str, bars: list[Bar], budget: Bounds = None, title: str = ""
) -> Figure:
    """Draw bars that are known already."""
    return distribution_figure(
        [CountedRange(bar.low, bar.high, bar.least, bar.most) for bar in bars],
        cost,
        unit_of(cost),
        networks=summable(cost, space).graph_of([cost]).count(),
        title=title or f"{cost} of the networks of {space.family}",
        bounds=bound_lines(budget).get(cost, (None, None)),
    )
