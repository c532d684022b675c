"""All costs of a model under given conditions."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from dse.costs import BlockNumbers, Conditions, Costs
from dse.counting.layers import total_costs
from dse.counting.profiling import kernels_of
from dse.counting.running import Input, Inputs, OperatorNotes, Real, on_imitated_cpu, prepare, trace
from dse.counting.tensors import Gradients
from dse.counting.trace_records import Trace
from dse.counting.training import TrainingLoss, TrainingStep, run_step, trace_step, with_checkpoints
from dse.errors import DseError, RanOnData


def dtype_of(conditions: Conditions) -> torch.dtype:
    """Return the dtype of weights and activations."""
    dtype: torch.dtype = getattr(torch, conditions.dtype)
    return dtype


def trace_under(
    model: nn.Module,
    inputs: Inputs,
    conditions: Conditions,
    kwargs: Mapping[str, Any] | None = None,
    *,
    own_dtype: bool = False,
    part_dtypes: Mapping[str, str] | None = None,
    real: Real = False,
    notes: list[OperatorNotes] | None = None,
) -> Trace:
    """Return a trace of a model under given conditions.

    Args:
        model: any module; it is not touched.
        inputs: its inputs, batch included, as for `trace`.
        conditions: which of inference; the batch is that of the inputs.
        kwargs: further keyword arguments of its forward.
        own_dtype: let weights and activations be of the model's own dtype.
        part_dtypes: by the name of a module, what weights and activations that are made within it
            are counted as.
        real: run on real tensors, or `auto`; as for `trace`.
        notes: as for `trace`.

    Raises:
        DseError: where the model cannot run on these inputs.
    """
    dtype = None if own_dtype else dtype_of(conditions)
    return trace(
        model,
        inputs,
        kwargs,
        real=real,
        dtype=dtype,
        part_dtypes={part: getattr(torch, name) for part, name in (part_dtypes or {}).items()},
        kernels=conditions.kernels,
        context=conditions.context,
        notes=notes,
    )


def one_argument(given: tuple[Input, ...]) -> Input | tuple[Input, ...]:
    """Return what a block is handed as the one argument of a model: a tensor, or a tuple."""
    return given[0] if len(given) == 1 else given


def block_step_under(
    model: nn.Module,
    given: tuple[Input, ...],
    conditions: Conditions,
    needs_gradient: Sequence[bool],
    gradient: Gradients | None,
    notes: list[OperatorNotes] | None = None,
) -> TrainingStep:
    """Return a training step of a model that is one of several in a row, under given conditions.

    Args:
        model: any module of one tensor, or of one tuple of tensors, or a sequence of these where
            each is to be under a checkpoint; it is not touched.
        given: those tensors, batch included.
        conditions: which of training.
        needs_gradient: which of them require a gradient.
        gradient: layout of the gradient that arrives at the output; None for a contiguous one.
        notes: as for `trace`.

    Raises:
        DseError: where it cannot be run or trained.
    """
    dtype, kernels = dtype_of(conditions), conditions.kernels
    if conditions.checkpointing == "block":
        model = with_checkpoints(model)
    prepared = prepare(
        model, [one_argument(given)], None, dtype=dtype, training=True, kernels=kernels
    )
    is_mixed = conditions.precision == "mixed"
    return run_step(
        on_imitated_cpu(prepared) if is_mixed else prepared,
        conditions.optimizer,
        is_mixed,
        as_block=True,
        needs_input_gradient=needs_gradient,
        gradient=gradient,
        notes=notes,
    )


def costs_under(
    model: nn.Module,
    inputs: Inputs,
    conditions: Conditions,
    kwargs: Mapping[str, Any] | None = None,
    *,
    strict: bool = False,
    real: Real = False,
    part_dtypes: Mapping[str, str] | None = None,
    numbers: BlockNumbers | None = None,
) -> Costs:
    """Return every cost of a model under given conditions.

    `saved_memory` and `train_memory` are None where it cannot be trained under these.

    Args:
        model: any module; it is not touched.
        inputs: its inputs, batch included, as for `trace`.
        conditions: dtype, precision and optimizer; the batch is that of the inputs.
        kwargs: further keyword arguments of its forward.
        strict: make an operator of unknown cost an error.
        real: run on real tensors, or `auto`, which a `RanOnData` warning tells.
        part_dtypes: as for `trace_under`; such a model is not trained.
        numbers: gives what no trace tells, from the model's operators.

    Raises:
        DseError: where the model cannot run on these inputs, or for an unknown operator if strict.
    """
    if conditions.is_divided:
        raise DseError("shards: what is divided is each block of a network of blocks in a row")
    traced = trace_under(model, inputs, conditions, kwargs, real=real, part_dtypes=part_dtypes)
    if traced.on_data is not None:
        warnings.warn(traced.on_data, RanOnData, stacklevel=2)
    if strict and traced.unknown:
        raise DseError(f"operators of unknown cost: {', '.join(traced.unknown)}")
    costs = total_costs(traced)
    if numbers is not None:
        given = {
            **numbers.of_kernels(kernels_of(traced.operations)),
            **numbers.of_model(model, inputs, kwargs),
        }
        costs = replace(costs, declared=(*costs.declared, *given.items()))
    if part_dtypes or not conditions.is_trained:
        return costs
    if conditions.checkpointing == "block":
        model = with_checkpoints(model)
        conditions = replace(conditions, checkpointing="none")
    try:
        step = step_under(
            model, inputs, conditions, kwargs, dtype_of(conditions), traced.is_real or real
        )
    except DseError:
        return costs
    return replace(costs, saved_memory=step.saved_bytes, train_memory=step.peak_bytes)


def step_under(
    model: nn.Module,
    inputs: Inputs,
    conditions: Conditions,
    kwargs: Mapping[str, Any] | None = None,
    dtype: torch.dtype | None = None,
    real: Real = False,
    loss: TrainingLoss | None = None,
) -> TrainingStep:
    """Return one training step of a model under given conditions.

    Args:
        model: any module; it is not touched.
        inputs: its inputs, batch included.
        conditions: precision and optimizer.
        kwargs: further keyword arguments of its forward.
        dtype: of weights and activations; None for the model's own.
        real: run on real tensors, or `auto`; as for `trace`.
        loss: what the backward pass starts from; None for a loss that keeps nothing.

    Raises:
        DseError: where it cannot be trained under these.
    """
    if dtype is not None and not dtype.is_floating_point:
        raise DseError(f"a network of {str(dtype).removeprefix('torch.')} cannot be trained")
    is_mixed = conditions.precision == "mixed"
    if conditions.checkpointing == "block":
        model = with_checkpoints(model)
    return trace_step(
        model,
        inputs,
        kwargs,
        optimizer=conditions.optimizer,
        mixed=is_mixed,
        dtype=dtype,
        real=real,
        kernels=conditions.kernels,
        loss=loss,
    )
