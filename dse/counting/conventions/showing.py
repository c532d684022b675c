"""How counters print shapes, sizes and large numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

MEBIBYTE = 1024**2


def bracketed(shape: Sequence[int]) -> str:
    """Return a shape as `[8, 64, 112, 112]`."""
    return str(list(shape))


def spaced(shape: Sequence[int]) -> str:
    """Return a shape as `  3 224 224`, every size at least three characters wide."""
    return " ".join(f"{size:>3d}" for size in shape)


def in_megabytes(nbytes: int | Fraction, megabyte: int = MEBIBYTE) -> str:
    """Return a number of bytes as `44.59`, in megabytes of 2²⁰ or 10⁶ bytes."""
    return f"{float(Fraction(nbytes) / megabyte):.2f}"


def with_prefix(number: int, step: int) -> str:
    """Return a number as `3.64G`, in powers of 1000 or 1024."""
    for power, prefix in ((4, "T"), (3, "G"), (2, "M"), (1, "K")):
        if number // step**power > 0:
            return f"{round(number / step**power, 2)}{prefix}"
    return str(number)
