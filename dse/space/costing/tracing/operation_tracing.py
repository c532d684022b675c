"""Traces of what a cell does: its operations, and the sums of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from dse.cost_conditions import Conditions
from dse.counting import (
    Lifetime,
    TensorSpec,
    TrainingStep,
    highest,
    kernels_of,
    total_costs,
    trace_under,
)
from dse.space.costing.block_costs import BlockCosts, StepInput
from dse.space.costing.cell_steps import OperationStep
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
    return OperationStep(block_step(step, needs_gradient), peaks, hands_on)


class Addition(nn.Module):
    """The sum of two tensors, or of one and itself."""

    def forward(self, first: Tensor, second: Tensor | None = None) -> Tensor:
        """Return the sum."""
        return torch.add(first, first if second is None else second)


def trace_addition(
    first: TensorSpec, second: TensorSpec | None, conditions: Conditions
) -> BlockCosts:
    """Return the costs of adding two values, by a trace of that alone.

    Args:
        first: a value.
        second: the other one; None for a value that is added to itself, and read once.
        conditions: which of inference.
    """
    specs = [first] if second is None else [first, second]
    inputs = tuple(counted_input(spec, conditions) for spec in specs)
    traced = trace_under(Addition(), inputs, conditions)
    assert isinstance(traced.outputs, TensorSpec)
    return BlockCosts(
        # What a cell calls itself is no layer, which outputs something.
        additive=replace(total_costs(traced), peak_memory=0, activation_memory=0),
        peak_bytes=traced.peak_activation_bytes - traced.input_bytes,
        output=handed_on(traced, first, conditions),
        output_storages=traced.output_storages,
        kernels=kernels_of(traced.operations),
    )


def trace_operation(key: StepInput, conditions: Conditions) -> OperationStep:
    """Return a training step of an operation of a cell, by a trace of it alone.

    Raises:
        DseError: where it cannot be built or trained.
    """
    return operation_step(run_block_step(key, conditions), key.needs_gradient)
