"""In which order the axes of a tensor lie in memory, and what it takes to permute them."""

from __future__ import annotations

from collections.abc import Sequence

from dse.counting import Dataflow, FlowOperator


def axes_in_memory(rank: int, channels_last: bool) -> tuple[int, ...]:
    """Return the axes of a tensor from the outermost in memory to the innermost."""
    if channels_last and rank >= 3:
        return (0, *range(2, rank), 1)
    return tuple(range(rank))


def is_free_move(shape: Sequence[int], held: Sequence[int], wanted: Sequence[int]) -> bool:
    """Return whether axes are in the wanted order already, but for those of one element."""
    return [a for a in held if shape[a] > 1] == [a for a in wanted if shape[a] > 1]


def permutation_of(name: str, operator: FlowOperator, flow: Dataflow) -> tuple[int, ...] | None:
    """Return the axes of the operand that those of the result are; None for another operator."""
    rank = len(flow.tensors[operator.reads[0]].spec.shape) if operator.reads else 0
    if name == "permute":
        return tuple(axis % rank for axis in operator.arguments[1])
    if name in ("transpose", "t"):
        first, second = operator.arguments[1:3] if name == "transpose" else (0, rank - 1)
        order = list(range(rank))
        order[first], order[second] = order[second], order[first]
        return tuple(order)
    return None
