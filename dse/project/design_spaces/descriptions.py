"""A space in numbers, with what a store already knows of its blocks."""

from __future__ import annotations

from dataclasses import dataclass

from dse.checked_numbers import check_counts, checked_seed
from dse.project.design_spaces.before_costing import cache_blocks, recall, refuse_impossible
from dse.project.design_spaces.question_checks import Bounds, bounds
from dse.project.design_spaces.spaces import Space, summable
from dse.space import Bar, Budget, Overview, histogram, overview


@dataclass(frozen=True)
class Described:
    """A space in numbers."""

    overview: Overview
    budget: Budget
    bars: tuple[Bar, ...] = ()


def described(
    space: Space, budget: Bounds, url: str, seed: int = 0, cost: str | None = None, bars: int = 12
) -> Described:
    """Describe a space; candidates are neither listed nor stored, blocks are remembered.

    Args:
        space: what is described.
        budget: which networks are feasible.
        url: of a store, which may not be there.
        seed: of the draws behind quantiles and estimates.
        cost: of which a histogram is made.
        bars: of the histogram.

    Raises:
        DseError: for an impossible budget, a cost that is no sum over blocks, or where no
            candidate can be built.
    """
    checked_seed(seed)
    check_counts({"bars": bars})
    chains = None if cost is None else summable(cost, space)
    read = bounds(budget)
    recall(space.design, url)
    refuse_impossible(space.design, read, [] if cost is None else [cost])
    found = overview(space.design, read, seed)
    drawn = tuple(histogram(chains.graph_of([cost]), cost, bars)) if cost and chains else ()
    cache_blocks(space.design, url)
    return Described(found, read, drawn)
