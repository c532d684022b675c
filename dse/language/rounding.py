"""How numbers of channels are rounded."""

from __future__ import annotations

import math

from dse.errors import DseError


def round_to(value: float, divisor: int) -> int:
    """Round to the nearest multiple of `divisor`, never more than 10 % down, and at least one.

    The rule for channel counts of MobileNetV2 (arXiv:1801.04381), as `_make_divisible` of the
    authors' and torchvision's code.

    Raises:
        DseError: for what is no positive number: of no channels there is no multiple.
    """
    if not math.isfinite(value) or value <= 0 or divisor < 1:
        raise DseError(f"round_to({value:g}, {divisor:g}) leaves no channels")
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded
