"""All costs of a model under given conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from dse.cost_conditions import Conditions
from dse.costs import Costs
from dse.counting.inputs import Inputs
from dse.counting.layers import total_costs
from dse.counting.tracing import trace
from dse.counting.training_step import TrainingStep, trace_step
from dse.errors import DseError


def dtype_of(conditions: Conditions) -> torch.dtype:
    """Return the dtype of weights and activations."""
    dtype: torch.dtype = getattr(torch, conditions.dtype)
    return dtype


def costs_under(model: nn.Module, inputs: Inputs, conditions: Conditions) -> Costs:
    """Return every cost of a model under given conditions.

    `saved_memory` and `train_memory` are None where it cannot be trained under these.

    Args:
        model: any module; it is not touched.
        inputs: its inputs, batch included, as for `trace`.
        conditions: dtype, precision and optimizer; the batch is that of the inputs.

    Raises:
        DseError: where the model cannot run on these inputs.
    """
    costs = total_costs(trace(model, inputs, dtype=dtype_of(conditions)))
    try:
        step = step_under(model, inputs, conditions, dtype=dtype_of(conditions))
    except DseError:
        return costs
    return replace(costs, saved_memory=step.saved_bytes, train_memory=step.peak_bytes)


def step_under(
    model: nn.Module,
    inputs: Inputs,
    conditions: Conditions,
    kwargs: Mapping[str, Any] | None = None,
    dtype: torch.dtype | None = None,
    real: bool = False,
) -> TrainingStep:
    """Return one training step of a model under given conditions.

    Args:
        model: any module; it is not touched.
        inputs: its inputs, batch included.
        conditions: precision and optimizer.
        kwargs: further keyword arguments of its forward.
        dtype: of weights and activations; None for the model's own.
        real: run on real tensors.

    Raises:
        DseError: where it cannot be trained under these.
    """
    if dtype is torch.int8:
        raise DseError("a network of int8 cannot be trained")
    is_mixed = conditions.precision == "mixed"
    optimizer = conditions.optimizer
    return trace_step(
        model, inputs, kwargs, optimizer=optimizer, mixed=is_mixed, dtype=dtype, real=real
    )
