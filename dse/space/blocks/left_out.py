"""Blocks that do nothing where they stand.

A block that does nothing to its input is left out of a network, so that networks which differ only
in where such blocks stand are one candidate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dse.language import Value

DoesNothing = Callable[[Value, Mapping[str, Value]], bool]
"""(channels that enter, settings) -> whether the block is the identity."""


def _keeps(channels: Value, settings: Mapping[str, Value]) -> bool:
    return settings.get("stride", 1) == 1 and settings.get("channels", channels) == channels


LEFT_OUT: Mapping[str, DoesNothing] = {"skip": _keeps, "reducing_skip": _keeps}
"""By the name of a block, whether it does nothing."""
NOTHING = ("none",)
"""Blocks that make zeros: what adds their output is the same without them."""
