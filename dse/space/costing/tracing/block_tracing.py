"""Traces of one block, alone on an input of given layout."""

from __future__ import annotations

from dataclasses import replace

from torch import nn

from dse.costs import INTEGER_DTYPES, Conditions
from dse.counting import (
    Gradients,
    GradientSpec,
    HandedOn,
    Input,
    OutputStorage,
    TensorSpec,
    Trace,
    TrainingStep,
    block_step_under,
    handed_on_as,
    is_floating_point,
    kernels_of,
    one_argument,
    parse_dtype,
    tensors_of,
    total_costs,
    trace_under,
)
from dse.errors import DseError
from dse.space.candidate import ResolvedBlock
from dse.space.costing.block_costs import (
    BlockCosts,
    StepInput,
    check_stride,
    conditions_of,
    shapes_within,
)
from dse.space.costing.block_step import BlockStep
from dse.space.costing.tracing.built_blocks import runs_of
from dse.space.costing.tracing.chains import ChainPart
from dse.space.costing.tracing.step_reading import block_step

LARGEST_COST = 2**53
"""Of one block: so that sums over the blocks of a network stay whole numbers of 64 bits."""


def trace_block(
    block: ResolvedBlock,
    spec: HandedOn,
    conditions: Conditions,
    part: ChainPart | None = None,
) -> BlockCosts:
    """Return the costs of a block on an input, by a trace of the block alone.

    Args:
        block: what it is.
        spec: of its input, one tensor or several.
        conditions: which of inference.
        part: the block as a part of a model; None for a block of a page, which is built.

    Raises:
        DseError: where it cannot be built or run, or has operators of unknown cost.
    """
    if part is None:
        check_stride(block, spec.shape)
    conditions = conditions_of(block, conditions)
    given = tuple(counted_input(each, conditions) for each in tensors_of(spec))
    if part is None and len(given) == 1:
        traced = runs_of(block, shapes_within(spec)).trace(given[0], conditions)
    else:
        traced = trace_under(_as_root(block, spec, part), [one_argument(given)], conditions)
    costs = total_costs(traced)
    if not traced.output_storages:
        raise DseError("a block must return a tensor, or a tuple of tensors")
    _check_apart(traced)
    if traced.unknown:
        raise DseError(f"operators of unknown cost: {', '.join(traced.unknown)}")
    for name, value in costs.as_dict().items():
        if value is not None and value > LARGEST_COST:
            raise DseError(f"{name} of {value:.3g} is more than any machine has")
    if part is not None and part.is_function:
        costs = replace(costs, activation_memory=0)
    return BlockCosts(
        additive=replace(costs, peak_memory=0),
        peak_bytes=traced.peak_activation_bytes - traced.input_bytes,
        output=handed_on(traced, spec, conditions),
        output_storages=traced.output_storages,
        kernels=kernels_of(traced.operations),
    )


def _check_apart(traced: Trace) -> None:
    """Refuse a block two of whose outputs are of one storage: what is alive then is not told."""
    storages = {(each.is_input, each.which) for each in traced.output_storages}
    if len(storages) < len(traced.output_storages):
        raise DseError("two of the tensors that it hands on share their storage")


def _as_root(block: ResolvedBlock, spec: HandedOn, part: ChainPart | None) -> nn.Module:
    """Return a model that runs a block alone, in which that is a layer like those in a network."""
    if part is None:
        return runs_of(block, shapes_within(spec)).model
    # What a model calls itself is no layer, as the model is none.
    return part.module if part.is_function else nn.Sequential(part.module)


def trace_step(key: StepInput, conditions: Conditions, part: ChainPart | None = None) -> BlockStep:
    """Return what a training step of a block takes, by a trace of the block alone.

    Args:
        key: the block and what it is handed.
        conditions: dtype, precision and optimizer.
        part: the block as a part of a model; None for a block of a page, which is built.

    Raises:
        DseError: where it cannot be built or trained.
    """
    step = block_step(run_block_step(key, conditions, part), key.needs_gradient)
    _check_taken(key.gradient, step)
    return step


def _check_taken(gradient: Gradients | None, step: BlockStep) -> None:
    """Refuse a block of whose outputs one is not taken: what it keeps for it is let go at once."""
    if gradient is None or isinstance(gradient, GradientSpec):
        return
    for arriving, view, trains in zip(gradient, step.views, step.has_gradient, strict=True):
        if trains and view is None and arriving is None:
            raise DseError("nothing behind takes a tensor that it makes")


def run_block_step(
    key: StepInput, conditions: Conditions, part: ChainPart | None = None
) -> TrainingStep:
    """Return a trace of a training step of a block alone; see `trace_step`."""
    if conditions_of(key.block, conditions) != conditions:
        raise DseError("a network of several dtypes is not trained in these")
    given = tuple(Input(e.shape, e.dtype, stride=e.stride) for e in tensors_of(key.input))
    if part is None and len(given) == 1 and key.gradient is None:
        runs = runs_of(key.block, shapes_within(key.input))
        return runs.step(given[0], conditions, key.needs_gradient)
    model = _as_root(key.block, key.input, part)
    return block_step_under(model, given, conditions, key.needs_gradient, key.gradient)


def counted_input(spec: TensorSpec, conditions: Conditions) -> Input:
    """Return an input of a block as the block runs on it, counted as it was handed on."""
    if not is_floating_point(spec.dtype) and spec.dtype not in INTEGER_DTYPES:
        return Input(spec.shape, spec.dtype, stride=spec.stride)
    dtype = conditions.dtype
    counted = parse_dtype(spec.dtype) if spec.dtype != dtype else None
    runs_in = dtype if is_floating_point(dtype) else "float32"
    return Input(spec.shape, runs_in, stride=spec.stride, counted_as=counted)


def handed_on(traced: Trace, spec: HandedOn, conditions: Conditions) -> HandedOn:
    """Return the output of a block as it is counted."""
    entering = tensors_of(spec)

    def counted(made: TensorSpec, storage: OutputStorage) -> TensorSpec:
        if storage.is_input:
            return made._replace(dtype=entering[storage.which].dtype)
        return made._replace(dtype=conditions.dtype) if is_floating_point(made.dtype) else made

    made = traced.outputs
    several = (made,) if isinstance(made, TensorSpec) else made
    return handed_on_as(map(counted, several, traced.output_storages))
