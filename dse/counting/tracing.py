"""Runs a copy of any model once, on the meta device if it can: the model is left as it was."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from dse.counting.inputs import (
    Inputs,
    by_keyword,
    default_device,
    default_dtype,
    meta_tensor,
    positional,
    real_tensor,
)
from dse.counting.memory import LiveStorages, storage_id
from dse.counting.recorder import Recorder, tensors_in
from dse.counting.replica import meta_replica, needs_data, real_replica
from dse.counting.trace import Call, OutputStorage, TensorSpec, Trace
from dse.counting.weights import list_weights
from dse.errors import DseError


def trace(
    model: nn.Module,
    inputs: Inputs,
    kwargs: Mapping[str, Any] | None = None,
    *,
    real: bool = False,
    functions: bool = False,
) -> Trace:
    """Run a copy of a model in evaluation mode and record what it does.

    It runs on the meta device, unless it is told to use data or PyTorch can run it on no other
    than real tensors (scripted and int8-quantised models).

    Args:
        model: any module, on any device; it is not touched.
        inputs: its inputs, batch included, such as `(1, 3, 224, 224)`; see `Inputs`.
        kwargs: further keyword arguments of its forward.
        real: run on real tensors: random ones where a shape is given, zeros for integers.
        functions: record also which functions of PyTorch are called, which takes a quarter longer
            and which the conventions of some counters depend on.

    Raises:
        DseError: where the forward fails; the layer and its input shapes are named.
    """
    prepared = prepare(model, inputs, kwargs, real)
    recorder = prepared.recorder(functions)
    input_bytes = recorder.storages.alive
    listening = recorder.function_mode or contextlib.nullcontext()
    with running(prepared, recorder), torch.no_grad(), listening, recorder:
        output = prepared.model(*prepared.arguments, **prepared.keywords)
    return Trace(
        model=prepared.model,
        inputs=tuple(map(TensorSpec.of, prepared.tensors)),
        input_bytes=input_bytes,
        outputs=_specs(output),
        output_storage=_output_storage(output, prepared.tensors),
        calls=tuple(recorder.calls),
        operations=tuple(recorder.operations),
        weights=list_weights(prepared.model),
        functions=tuple(seen.functions) if (seen := recorder.function_mode) else None,
        unknown=recorder.unknown,
        peak_activation_bytes=recorder.storages.peak,
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """A copy of a model in evaluation mode, with the arguments of one forward."""

    model: nn.Module
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    real: bool

    @property
    def tensors(self) -> list[Tensor]:
        """The tensors among the arguments."""
        return list(tensors_in((self.arguments, self.keywords)))

    def recorder(self, functions: bool = False) -> Recorder:
        """Return a recorder that watches the model, with its weights and inputs alive."""
        storages = LiveStorages((*self.model.parameters(), *self.model.buffers()))
        for tensor in self.tensors:
            storages.add(tensor)
        recorder = Recorder(storages, functions, self.real)
        recorder.watch(self.model)
        return recorder


def prepare(
    model: nn.Module, inputs: Inputs, kwargs: Mapping[str, Any] | None, real: bool = False
) -> Prepared:
    """Return a copy of a model that is ready to run on these inputs; see `trace`.

    Raises:
        DseError: for something that is no module, or inputs that are none.
    """
    if not isinstance(model, nn.Module):
        raise DseError(f"{type(model).__name__} is not a torch.nn.Module")
    real = real or needs_data(model)
    replica = (real_replica(model) if real else meta_replica(model)).eval()
    dtype, device = default_dtype(replica), default_device(replica)
    with torch.random.fork_rng(devices=[]):
        make = real_tensor(device) if real else meta_tensor
        arguments, keywords = positional(inputs, dtype, make), by_keyword(kwargs, dtype, make)
        prepared = Prepared(replica, arguments, keywords, real)
        if any(map(is_lazy, replica.parameters())):
            with running(prepared, None), torch.no_grad():
                replica(*arguments, **keywords)
    return prepared


@contextlib.contextmanager
def running(prepared: Prepared, recorder: Recorder | None) -> Iterator[None]:
    """Leave the random state as it was, and tell a failing forward as one `DseError`."""
    try:
        # In inference mode, operators would be dispatched that are composed of others elsewhere.
        with torch.random.fork_rng(devices=[]), torch.inference_mode(False):
            yield
    except DseError:
        raise
    except (RuntimeError, ValueError, TypeError, IndexError, AttributeError, KeyError,
            AssertionError, NotImplementedError) as error:  # fmt: skip
        call = recorder.failed if recorder else None
        raise DseError(_failure(call, prepared.tensors, error)) from error


def _failure(call: Call | None, inputs: list[Tensor], error: Exception) -> str:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    if "meta tensors" in reason or "_local_scalar_dense" in reason:
        reason += " (control flow that depends on data cannot be traced without any: use real=True)"
    shapes = [spec.shape for spec in call.inputs] if call else [t.shape for t in inputs]
    shown = ", ".join(f"({', '.join(map(str, shape))})" for shape in shapes)
    layer = f"layer {call.name!r} ({type(call.module).__name__})" if call and call.name else "model"
    return f"{layer} fails on input {shown}: {reason}"


def _specs(value: Any) -> Any:
    if isinstance(value, Tensor):
        return TensorSpec.of(value)
    if isinstance(value, (list, tuple)):
        return tuple(map(_specs, value))
    if isinstance(value, dict):
        return {key: _specs(item) for key, item in value.items()}
    return value


def _output_storage(output: Any, given: list[Tensor]) -> OutputStorage | None:
    if not isinstance(output, Tensor):
        return None
    inputs = set(map(storage_id, given))
    return OutputStorage(output.untyped_storage().nbytes(), storage_id(output) in inputs)
