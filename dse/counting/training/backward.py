"""What the backward pass of a model costs, from its real autograd graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from dse.counting.meta_device import ControlFlow
from dse.counting.running import Inputs, Real, Way, first_that_runs, running
from dse.counting.tensors import returned_tensors


def backward_macs(
    model: nn.Module,
    inputs: Inputs,
    kwargs: Mapping[str, Any] | None = None,
    real: Real = False,
) -> int:
    """Return the multiply-accumulates of one backward pass from the sum of a model's outputs.

    The graph is the one that PyTorch builds: nothing is computed for frozen parameters, nor for
    the inputs, which require no gradient. The model runs in evaluation mode, as in `trace`, so
    that both passes are of the same network. A model without trainable parameters costs 0.

    Raises:
        DseError: where the model cannot run, or cannot be differentiated.
    """

    def attempt(way: Way) -> int:
        prepared = way.prepared(model, inputs, kwargs)
        recorder = prepared.recorder()
        with running(prepared, recorder), prepared.mode, torch.enable_grad(), recorder:
            with ControlFlow():
                output = prepared.model(*prepared.arguments, **prepared.keywords)
            forward = len(recorder.operations)
            recorder.known.stop()
            _differentiate(output)
        return sum(operation.macs for operation in recorder.operations[forward:])

    return first_that_runs(attempt, real)[0]


def _differentiate(output: Any) -> None:
    tensors = [tensor for tensor in returned_tensors(output) if tensor.requires_grad]
    if tensors:
        torch.autograd.backward(tensors, [torch.ones_like(tensor) for tensor in tensors])
