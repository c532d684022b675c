"""Where runtimes place tensors in their arenas: each planner as its source has it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dse.devices.deployed_graph import ArenaBuffer, DeployedOperator
from dse.devices.runtimes import Planner


def alive_bytes(buffers: Sequence[ArenaBuffer], own: Sequence[int]) -> int:
    """Return the highest number of bytes in use while any operator runs.

    Args:
        buffers: the tensors.
        own: what each operator has besides while it runs.
    """
    return max(
        sum(buffer.size_at(moment) for buffer in buffers) + extra
        for moment, extra in enumerate(own or [0])
    )


def planned_bytes(buffers: Sequence[ArenaBuffer], planner: Planner) -> int:
    """Return the bytes of an arena that a planner makes for some buffers."""
    # TFLite-Micro's GreedyMemoryPlanner fills its list from the end and sorts it stably by size, so
    # that of equal ones the later comes first (greedy_memory_planner.cc); TinyEngine takes the
    # first of the largest (allocator/base_allocator.py, `sortSize`).
    later_first = -1 if planner == "greedy" else 1
    positions = sorted(range(len(buffers)), key=lambda i: (-buffers[i].size, later_first * i))
    placed: list[tuple[int, ArenaBuffer]] = []
    for buffer in (buffers[position] for position in positions):
        taken = sorted(
            (offset, offset + _height(other, buffer))
            for offset, other in placed
            if other.first <= buffer.last and buffer.first <= other.last
        )
        placed.append((_first_gap(taken, buffer.size), buffer))
    return max((offset + buffer.size for offset, buffer in placed), default=0)


def _height(placed: ArenaBuffer, wanted: ArenaBuffer) -> int:
    """Return the bytes of a placed buffer that are in use from where another is wanted."""
    return placed.size_at(max(placed.first, wanted.first))


def _first_gap(taken: Sequence[tuple[int, int]], size: int) -> int:
    """Return the lowest offset at which so many bytes are free."""
    offset = 0
    for start, end in taken:
        if start - offset >= size:
            break
        offset = max(offset, end)
    return offset


def own_buffers(operator: DeployedOperator) -> tuple[int, int]:
    """Return the bytes of the two buffers that an int8 convolution has in TinyEngine's arena.

    They are those of `get_sbuf_size` and `get_kbuf_size` of its `code_generator/operators/`
    (conv2d.py, depthwiseConv2d.py): two columns of 16 bits for a convolution, two bytes a position
    of one padded channel for a depthwise one; and the weights in 16 bits of a convolution that is
    larger than 1×1.
    """
    shape = operator.shape
    if shape is None:
        return 0, 0
    if operator.kind == "depthwise":
        return 2 * math.prod(shape.padded), 0
    area = math.prod(shape.kernel)
    elements = sum(each.elements for each in operator.weights if not each.is_bias)
    return 2 * 2 * area * shape.channels, 2 * elements if area > 1 else 0


def highest_buffers(operators: Sequence[DeployedOperator]) -> int:
    """Return the bytes that TinyEngine sets aside for such buffers: the largest of each kind."""
    columns, weights = zip(*map(own_buffers, operators), strict=True) if operators else ((), ())
    return max(columns, default=0) + max(weights, default=0)
