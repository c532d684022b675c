"""What fvcore (0.1.5, `einsum_flop_jit`) counts for `torch.einsum`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from math import prod

_EXACT = {"abc,abd->acd", "abc,adc->adb"}
"""Equations for which it multiplies the sizes; for others NumPy is asked, with four digits."""


def einsum_flops(equation: str, shapes: Sequence[tuple[int, ...]]) -> int:
    """Return fvcore's count of an einsum.

    Args:
        equation: with spaces or without.
        shapes: of the operands.
    """
    equation = equation.replace(" ", "")
    letters = dict.fromkeys(letter for letter in equation if letter.isalpha())
    equation = equation.translate({ord(x): 97 + i for i, x in enumerate(letters)})
    if equation in _EXACT:
        first, second = shapes
        return prod(first) * (second[2] if equation == "abc,abd->acd" else second[1])
    return math.floor(_optimal_flops(equation, shapes) / 2)


def _optimal_flops(equation: str, shapes: Sequence[tuple[int, ...]]) -> float:
    """Return the FLOPs of the best order of contraction, rounded as NumPy prints them."""
    import numpy as np

    operands = [np.broadcast_to(np.float32(0), shape) for shape in shapes]
    report = np.einsum_path(equation, *operands, optimize="optimal")[1]
    line = next(line for line in report.splitlines() if "optimized flop" in line.lower())
    return float(line.split(":")[-1])
