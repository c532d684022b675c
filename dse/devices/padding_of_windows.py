"""When the padding of a convolution or a pooling is not what a runtime knows as SAME or VALID."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """What slides over a tensor, by axis."""

    kernel: Sequence[int]
    stride: Sequence[int]
    padding: Sequence[int]
    """On both sides."""
    dilation: Sequence[int]
    ceil: bool = False
    """Whether a last window that is partly beyond the end counts."""


def padding_beyond_same(sizes: Sequence[int], window: Window) -> tuple[int, ...] | None:
    """Return what an operator of its own has to add to each axis; None where there is no need.

    SAME of TensorFlow has as many outputs as the size over the stride, rounded up, and where the
    padding for that is odd it puts the larger half behind; VALID has none.

    Args:
        sizes: of the axes.
        window: what slides over them.
    """
    wanted = [_sides(size, window, axis) for axis, size in enumerate(sizes)]
    same = [_same_sides(size, window, axis) for axis, size in enumerate(sizes)]
    if wanted == same or not any(map(sum, wanted)):
        return None
    return tuple(map(sum, wanted))


def _reach(window: Window, axis: int) -> int:
    return window.dilation[axis % len(window.dilation)] * (window.kernel[axis] - 1) + 1


def _sides(size: int, window: Window, axis: int) -> tuple[int, int]:
    """Return the padding in front and behind that PyTorch has."""
    before = window.padding[axis % len(window.padding)]
    if not window.ceil:
        return before, before
    stride = window.stride[axis % len(window.stride)]
    outputs = -(-(size + 2 * before - _reach(window, axis)) // stride) + 1
    if (outputs - 1) * stride >= size + before:
        outputs -= 1
    return before, max(before, (outputs - 1) * stride + _reach(window, axis) - size - before)


def _same_sides(size: int, window: Window, axis: int) -> tuple[int, int]:
    stride = window.stride[axis % len(window.stride)]
    total = max((-(-size // stride) - 1) * stride + _reach(window, axis) - size, 0)
    return total // 2, total - total // 2
