"""Traces of what a cell does: its operations, and the joins of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from dse.costs import Conditions
from dse.counting import (
    Lifetime,
    TensorSpec,
    TrainingStep,
    highest,
    kernels_of,
    total_costs,
    trace_under,
)
from dse.space.blocks import Join
from dse.space.costing.block_costs import BlockCosts, StepInput
from dse.space.costing.cell_steps import OperationStep
from dse.space.costing.cells import Joining
from dse.space.costing.tracing.block_tracing import counted_input, handed_on, run_block_step
from dse.space.costing.tracing.step_reading import block_step


def operation_step(step: TrainingStep, needs_gradient: Sequence[bool]) -> OperationStep:
    """Return what composition in a cell needs to know of a training step of an operation."""
    (entering,), (leaving,) = step.inputs, step.outputs
    begin, end = step.forward_end, step.backward_end
    arriving = [each for each in step.lifetimes if each.born >= begin and each.nbytes][:1]

    def peak(*held: Lifetime) -> int:
        return highest(step.lifetimes, begin, end, [*held, *arriving])

    peaks = (peak(), peak(leaving), peak(entering), peak(entering, leaving))
    hands_on = any(each is step.handed_back for each in arriving)
    return OperationStep(block_step(step, needs_gradient), peaks, hands_on, step.returns_input)


class Joined(nn.Module):
    """The sum of tensors, or all of them along the channels.

    Args:
        join: which.
        places: of each term, its place among the tensors that enter.
    """

    def __init__(self, join: Join, places: Sequence[int]) -> None:
        super().__init__()
        self.join, self.places = join, places

    def forward(self, *entering: Tensor) -> Tensor:
        """Return the join."""
        terms = [entering[place] for place in self.places]
        return torch.add(*terms) if self.join == "add" else torch.cat(terms, 1)


def trace_join(joining: Joining, conditions: Conditions) -> BlockCosts:
    """Return the costs of joining values, by a trace of that alone.

    Args:
        joining: which values, and how.
        conditions: which of inference.
    """
    inputs = tuple(counted_input(spec, conditions) for spec in joining.values)
    traced = trace_under(Joined(joining.join, joining.places), inputs, conditions)
    assert isinstance(traced.outputs, TensorSpec)
    return BlockCosts(
        # What a cell calls itself is no layer, which outputs something.
        additive=replace(total_costs(traced), peak_memory=0, activation_memory=0),
        peak_bytes=traced.peak_activation_bytes - traced.input_bytes,
        output=handed_on(traced, joining.values[0], conditions),
        output_storages=traced.output_storages,
        kernels=kernels_of(traced.operations),
    )


def trace_operation(key: StepInput, conditions: Conditions) -> OperationStep:
    """Return a training step of an operation of a cell, by a trace of it alone.

    Raises:
        DseError: where it cannot be built or trained.
    """
    return operation_step(run_block_step(key, conditions), key.needs_gradient)
