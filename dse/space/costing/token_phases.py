"""What enters a network on tokens: all of its input, or the one token that is decoded."""

from __future__ import annotations

from dse.costs import Conditions
from dse.counting import canonical_dtype, is_floating_point
from dse.errors import DseError


def tokens_that_enter(
    conditions: Conditions, shape: tuple[int, ...], dtype: str | None
) -> tuple[int, ...]:
    """Return the shape of what enters a network, without the batch.

    Args:
        conditions: with the phase.
        shape: of a whole input.
        dtype: of the input; None for that of the conditions.

    Raises:
        DseError: for a context of a network that takes no ids of tokens.
    """
    if not conditions.context:
        return shape
    if dtype is None or is_floating_point(canonical_dtype(dtype)) or len(shape) != 1:
        raise DseError("a context is of networks on ids of tokens, and this one takes none")
    return (1,) if conditions.phase == "decode" else shape
