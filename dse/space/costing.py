"""What a candidate costs: the sum over its blocks, each distinct one traced once.

Additive costs are summed. Peak memory is the highest over the blocks: while a block runs, all
weights, the network's input, the block's own input and whatever the block itself holds are alive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import nn

from dse.costs import Costs
from dse.counting import OutputStorage, Shape, TensorSpec, build_without_weights, trace
from dse.counting.layers import total_costs
from dse.errors import DseError
from dse.space.blocks import BLOCKS
from dse.space.candidate import Candidate, ResolvedBlock


@dataclass(frozen=True, slots=True)
class BlockCosts:
    """What one block costs on one input; memory apart from the weights and from that input."""

    additive: Costs
    """All costs but `peak_memory`, which is 0 here."""
    peak_bytes: int
    """Highest bytes alive of what the block itself makes."""
    output: TensorSpec
    output_storage: OutputStorage


@dataclass(frozen=True, slots=True)
class Invalid:
    """Why a candidate cannot be built."""

    reason: str


class _BlockInput(NamedTuple):
    block: ResolvedBlock
    input: TensorSpec


class BlockTable:
    """Costs of blocks by (block, settings, input), each traced on first use.

    Args:
        batch: size of the batch axis.
        dtype: of weights and activations.
    """

    def __init__(self, batch: int = 1, dtype: torch.dtype = torch.float32) -> None:
        self.batch = batch
        self.dtype = dtype
        self._blocks: dict[_BlockInput, BlockCosts | Invalid] = {}

    def __len__(self) -> int:
        """Number of distinct blocks traced so far."""
        return len(self._blocks)

    def chain(self, candidate: Candidate) -> list[tuple[ResolvedBlock, TensorSpec, BlockCosts]]:
        """Return each block of a candidate with its input and its costs.

        Raises:
            DseError: naming the first block that cannot be built or run.
        """
        tensor = torch.empty((self.batch, *candidate.input_shape), dtype=self.dtype, device="meta")
        spec = TensorSpec.of(tensor)
        chain = []
        for position, block in enumerate(candidate.blocks, start=1):
            costs = self.block_costs(block, spec)
            if isinstance(costs, Invalid):
                raise DseError(f"block {position} ({block.block}): {costs.reason}")
            chain.append((block, spec, costs))
            spec = costs.output
        return chain

    def block_costs(self, block: ResolvedBlock, spec: TensorSpec) -> BlockCosts | Invalid:
        """Return the costs of a block on an input, traced if they are not known yet."""
        key = _BlockInput(block, spec)
        known = self._blocks.get(key)
        if known is None:
            try:
                known = _trace_block(block, spec)
            except DseError as error:
                known = Invalid(str(error))
            self._blocks[key] = known
        return known

    def cost(self, candidate: Candidate) -> Costs | Invalid:
        """Return the costs of a candidate, equal to those of its whole network traced at once."""
        try:
            chain = self.chain(candidate)
        except DseError as error:
            return Invalid(str(error))
        return combine([(spec, costs) for _, spec, costs in chain])


def combine(chain: list[tuple[TensorSpec, BlockCosts]]) -> Costs:
    """Return the costs of blocks run one after the other, each with its input."""
    totals = [costs.additive for _, costs in chain]
    weight_memory = sum(costs.weight_memory for costs in totals)
    network_input = chain[0][0].nbytes
    entering, is_network_input = network_input, True
    peak = network_input
    for _, costs in chain:
        held = entering if is_network_input else network_input + entering
        peak = max(peak, held + costs.peak_bytes)
        storage = costs.output_storage
        if not storage.is_input:
            entering, is_network_input = storage.nbytes, False
    macs = sum(costs.macs for costs in totals)
    return Costs(
        params=sum(costs.params for costs in totals),
        trainable_params=sum(costs.trainable_params for costs in totals),
        macs=macs,
        flops=2 * macs,
        activations=sum(costs.activations for costs in totals),
        weight_memory=weight_memory,
        activation_memory=sum(costs.activation_memory for costs in totals),
        peak_memory=weight_memory + peak,
    )


def build_block(block: ResolvedBlock, input_shape: tuple[int, ...]) -> nn.Module:
    """Build a block for inputs of a shape, given without the batch.

    Raises:
        DseError: where the block class refuses its settings.
    """
    try:
        return BLOCKS[block.block].module(input_shape, dict(block.settings))
    except (ValueError, TypeError, RuntimeError, NotImplementedError, ZeroDivisionError) as error:
        raise DseError(str(error) or type(error).__name__) from error


def _trace_block(block: ResolvedBlock, spec: TensorSpec) -> BlockCosts:
    stride = {**BLOCKS[block.block].defaults, **dict(block.settings)}.get("stride", 1)
    if min(spec.shape[2:], default=stride) < stride:
        size = "×".join(map(str, spec.shape[2:]))
        raise DseError(f"stride {stride} on a map of only {size}: the resolution is too small")
    module = build_without_weights(lambda: build_block(block, spec.shape[1:]))
    traced = trace(nn.Sequential(module), Shape(spec.shape, spec.dtype, spec.stride))
    costs = total_costs(traced)
    if not isinstance(traced.outputs, TensorSpec) or traced.output_storage is None:
        raise DseError("a block must return one tensor")
    if traced.unknown:
        raise DseError(f"operators of unknown cost: {', '.join(traced.unknown)}")
    return BlockCosts(
        additive=Costs(**{**costs.as_dict(), "peak_memory": 0}),
        peak_bytes=traced.peak_activation_bytes - traced.input_bytes,
        output=traced.outputs,
        output_storage=traced.output_storage,
    )
