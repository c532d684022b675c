"""How a cost is spread over all networks of a space, with bounds that hold for certain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dse.cost_formulas import is_sum_over_blocks, terms_of
from dse.space.graph.amounts import Amounts, weighted_amount
from dse.space.graph.networks import NetworkGraph
from dse.space.graph.ways import Floats
from dse.space.graph.within import ways_of
from dse.space.tables import Integers


@dataclass(frozen=True, slots=True)
class Bar:
    """Networks whose cost lies in a range."""

    low: int
    high: int
    """Not included, but in the last bar."""
    least: float
    """Networks that lie there at least."""
    most: float


def histogram(graph: NetworkGraph, cost: str, bars: int) -> list[Bar]:
    """Return bars of equal width from the least to the greatest value of a cost.

    Args:
        graph: of a space.
        cost: one that is a sum over blocks: see `dse.cost_formulas.is_sum_over_blocks`.
        bars: how many.
    """
    assert is_sum_over_blocks(cost), "only sums over blocks have histograms"
    followed = weighted_amount(graph, terms_of(cost))
    ways = ways_of(graph, Amounts((followed,), (), is_partial=False))
    number = ways.beginnings[ways.may_end]
    low, high = ways.low[0][ways.may_end], ways.high[0][ways.may_end]
    edges = _edges(int(low.min()), int(high.max()), bars)
    surely, perhaps = (_up_to(values, number, edges) for values in (high, low))
    return [
        Bar(
            edges[i],
            edges[i + 1],
            max(0.0, float(surely[i + 1] - perhaps[i])),
            float(perhaps[i + 1] - surely[i]),
        )
        for i in range(len(edges) - 1)
    ]


def _edges(low: int, high: int, bars: int) -> list[int]:
    bars = max(1, min(bars, high - low))
    return [low + (high - low) * i // bars for i in range(bars + 1)]


def _up_to(values: Integers, number: Floats, edges: Sequence[int]) -> list[float]:
    """Return how many networks lie below each edge, and of the last one at it as well."""
    below = [float(number[values < edge].sum()) for edge in edges[:-1]]
    return [*below, float(number.sum())]
