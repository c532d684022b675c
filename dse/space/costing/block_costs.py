"""What one block costs on an input of given layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from dse.costs import Conditions, Costs
from dse.counting import Gradients, HandedOn, KernelCall, OutputStorage, TensorSpec
from dse.errors import DseError
from dse.space.blocks import Shapes, block_of, dtype_of_block
from dse.space.candidate import ResolvedBlock


@dataclass(frozen=True, slots=True)
class BlockCosts:
    """What one block costs on one input; memory apart from the weights and from that input."""

    additive: Costs
    """All costs but `peak_memory`, which is 0 here."""
    peak_bytes: int
    """Highest bytes alive of what the block itself makes."""
    output: HandedOn
    output_storages: tuple[OutputStorage, ...]
    """Of each tensor of the output."""
    kernels: tuple[KernelCall, ...] = ()
    """What its operators ask of a device."""
    given: Mapping[str, int] = field(default_factory=dict, compare=False)
    """Its numbers of costs that no trace tells."""


@dataclass(frozen=True, slots=True)
class Invalid:
    """Why a candidate cannot be built."""

    reason: str


class BlockInput(NamedTuple):
    """What the costs of a block follow from."""

    block: ResolvedBlock
    input: HandedOn


class StepInput(NamedTuple):
    """What a training step of a block follows from."""

    block: ResolvedBlock
    input: HandedOn
    needs_gradient: tuple[bool, ...]
    """Of each tensor of its input, whether a block before has something to train by it."""
    gradient: Gradients | None
    """What arrives at its output; None for a contiguous gradient of every tensor."""


def shapes_within(handed: HandedOn) -> Shapes:
    """Return the shapes of what enters a block, without the batch."""
    if isinstance(handed, TensorSpec):
        return handed.shape[1:]
    return tuple(tensor.shape[1:] for tensor in handed.tensors)


def check_stride(block: ResolvedBlock, shape: Sequence[int]) -> None:
    """Refuse a block whose stride is larger than what it is handed.

    Args:
        block: what it is.
        shape: of its input, with the batch.

    Raises:
        DseError: naming both.
    """
    settings = {**block_of(block.block).defaults, **dict(block.settings)}
    stride = settings.get("stride", 1)
    if stride is None:
        # As PyTorch's pools have it.
        stride = settings.get("kernel_size", 1)
    strides = stride if isinstance(stride, tuple | list) else (stride,) * len(shape[2:])
    if "Transpose" in block.block or not all(isinstance(each, int) for each in strides):
        return
    if any(side < each for side, each in zip(shape[2:], strides, strict=False)):
        size = "×".join(map(str, shape[2:]))
        raise DseError(f"stride {stride} on a map of only {size}: the resolution is too small")


def conditions_of(block: ResolvedBlock, conditions: Conditions) -> Conditions:
    """Return the conditions of a block, which may have a dtype of its own."""
    dtype = dtype_of_block(block)
    if dtype is None or dtype == conditions.dtype:
        return conditions
    return replace(conditions, dtype=dtype, precision="full")
