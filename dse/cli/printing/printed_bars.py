"""Bars of text: how many networks have how much of a cost, and shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dse.cli.terminal import one_line
from dse.costs import unit_of
from dse.language import format_quantity

if TYPE_CHECKING:
    from dse.space import Bar

WIDEST = 40
"""Characters of the longest bar of a histogram."""


def print_bars(cost: str, bars: Sequence[Bar]) -> None:
    """Print how many networks of a space have how much of a cost."""
    print(f"networks by {cost}; bounds that hold for certain")
    from dse.project import count_of

    highest = max(bar.most for bar in bars)
    unit = unit_of(cost)
    for bar in bars:
        surely, perhaps = (round(WIDEST * n / highest) for n in (bar.least, bar.most))
        drawn = "█" * surely + "░" * (perhaps - surely)
        low, high = (format_quantity(end, unit) for end in (bar.low, bar.high))
        least, most = (count_of(round(end)) for end in (bar.least, bar.most))
        number = least if least == most else f"{least} to {most}"
        print(f"{low:>10} to {high:<10} {drawn:<{WIDEST}} {number}")


def print_shares(shares: Mapping[str, float]) -> None:
    """Print a bar for each share, as long as it is large."""
    width = min(28, max(map(len, shares)))
    for name, share in shares.items():
        bar = "█" * round(WIDEST * share)
        print(f"{one_line(name)[:width]:<{width}} {share:>6.1%} {bar}".rstrip())
