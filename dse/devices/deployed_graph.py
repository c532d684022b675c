"""The graph that a runtime runs: tensors in its memory, and operators with what is folded in."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dse.devices.runtimes import DeploymentRuntime


@dataclass(frozen=True, slots=True)
class DeployedWeight:
    """A constant that an operator reads."""

    elements: int
    channels: int
    """That have a scale each."""
    is_bias: bool = False


@dataclass(frozen=True, slots=True)
class ConvolutionShape:
    """What the buffers of a convolution follow from."""

    kernel: tuple[int, ...]
    """Rows and columns."""
    channels: int
    """That enter it."""
    padded: tuple[int, ...]
    """Rows and columns of its input with the padding."""


@dataclass(frozen=True, slots=True)
class DeployedOperator:
    """One operator as the runtime has it."""

    kind: str
    """Such as `conv`, `depthwise`, `pad`; of others the name that PyTorch has for it."""
    reads: tuple[int, ...]
    """Indices of tensors."""
    makes: tuple[int, ...]
    weights: tuple[DeployedWeight, ...] = ()
    shape: ConvolutionShape | None = None
    """Of a convolution."""


@dataclass(frozen=True)
class DeployedGraph:
    """Operators in the order in which they run, and the elements of each tensor between them."""

    shapes: tuple[tuple[int, ...], ...]
    """Of each tensor, in PyTorch's order of axes."""
    operators: tuple[DeployedOperator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @property
    def follows_from_inputs(self) -> int:
        """How many of its outputs depend on what enters; the others are constants."""
        reached = {*self.inputs}
        for operator in self.operators:
            if reached & {*operator.reads}:
                reached |= {*operator.makes}
        return len(reached & {*self.outputs})

    def elements(self, tensor: int) -> int:
        """Return the number of elements of a tensor."""
        return math.prod(self.shapes[tensor])


@dataclass(frozen=True, slots=True)
class ArenaBuffer:
    """A tensor, or several that lie in one place, with when there has to be room for it."""

    tensor: int
    size: int
    """Bytes, aligned."""
    first: int
    """The operator that makes it; 0 for an input."""
    last: int
    """The last operator that needs it."""
    shrinks: tuple[tuple[int, int], ...] = ()
    """Pairs of an operator that overwrites it in place, and the bytes that are in use behind."""

    def size_at(self, operator: int) -> int:
        """Return the bytes in use while an operator runs; none where it is not alive."""
        if not self.first <= operator <= self.last:
            return 0
        return next((size for at, size in reversed(self.shrinks) if operator > at), self.size)


def arena_buffers(
    graph: DeployedGraph, runtime: DeploymentRuntime, item: int, input_item: int
) -> tuple[ArenaBuffer, ...]:
    """Return what has to be in memory, in the order in which it is made.

    Args:
        graph: what runs.
        runtime: how; it may let a depthwise convolution overwrite its input.
        item: bytes an element.
        input_item: bytes an element of what enters.
    """
    last = dict.fromkeys(graph.inputs, 0)
    for position, operator in enumerate(graph.operators):
        last |= dict.fromkeys((*operator.makes, *operator.reads), position)
    end = max(len(graph.operators) - 1, 0)
    last |= dict.fromkeys(graph.outputs, end)

    def size(tensor: int) -> int:
        nbytes = graph.elements(tensor) * (input_item if tensor in graph.inputs else item)
        return -(-nbytes // runtime.alignment) * runtime.alignment

    found = {tensor: ArenaBuffer(tensor, size(tensor), 0, last[tensor]) for tensor in graph.inputs}
    place = {tensor: tensor for tensor in graph.inputs}
    for position, operator in enumerate(graph.operators):
        for tensor in operator.makes:
            source = operator.reads[0] if operator.reads else None
            if (
                runtime.in_place_depthwise
                and operator.kind == "depthwise"
                and source is not None
                and last[source] == position
                and size(tensor) <= size(source)
            ):
                place[tensor] = place[source]
                held = found[place[source]]
                shrunk = (*held.shrinks, (position, size(tensor)))
                found[held.tensor] = ArenaBuffer(
                    held.tensor, held.size, held.first, last[tensor], shrunk
                )
            else:
                place[tensor] = tensor
                found[tensor] = ArenaBuffer(tensor, size(tensor), position, last[tensor])
    return tuple(found.values())
