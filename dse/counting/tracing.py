"""Runs any model once on the meta device: no data, no memory, the model left as it was."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from dse.counting.inputs import Inputs, default_dtype, meta_arguments, meta_keywords
from dse.counting.memory import LiveStorages, storage_id
from dse.counting.recorder import Recorder, tensors_in
from dse.counting.replica import meta_replica
from dse.counting.trace import OutputStorage, TensorSpec, Trace, Weight
from dse.errors import DseError


def trace(
    model: nn.Module,
    inputs: Inputs,
    kwargs: Mapping[str, Any] | None = None,
    *,
    functions: bool = False,
) -> Trace:
    """Run a copy of a model on the meta device, in evaluation mode, and record what it does.

    Args:
        model: any module, on any device; it is not touched.
        inputs: its inputs, batch included, such as `(1, 3, 224, 224)`; see `Inputs`.
        kwargs: further keyword arguments of its forward.
        functions: record also which functions of PyTorch are called, which takes a quarter longer
            and which the conventions of some counters depend on.

    Raises:
        DseError: where the forward fails; the layer and its input shapes are named.
    """
    if not isinstance(model, nn.Module):
        raise DseError(f"{type(model).__name__} is not a torch.nn.Module")
    replica = meta_replica(model).eval()
    dtype = default_dtype(replica)
    arguments, keywords = meta_arguments(inputs, dtype), meta_keywords(kwargs, dtype)
    if any(map(is_lazy, replica.parameters())):
        _run(replica, arguments, keywords, Recorder(LiveStorages(())))
    return _record(replica, arguments, keywords, functions)


def _record(
    replica: nn.Module, arguments: tuple[Any, ...], keywords: dict[str, Any], functions: bool
) -> Trace:
    storages = LiveStorages((*replica.parameters(), *replica.buffers()))
    for tensor in tensors_in((arguments, keywords)):
        storages.add(tensor)
    input_bytes = storages.alive
    recorder = Recorder(storages, functions)
    recorder.watch(replica)
    output = _run(replica, arguments, keywords, recorder)
    return Trace(
        model=replica,
        inputs=tuple(map(TensorSpec.of, tensors_in((arguments, keywords)))),
        input_bytes=input_bytes,
        outputs=_specs(output),
        output_storage=_output_storage(output, arguments),
        calls=tuple(recorder.calls),
        operations=tuple(recorder.operations),
        weights=_weights(replica),
        functions=tuple(seen.functions) if (seen := recorder.function_mode) else None,
        unknown=recorder.unknown,
        peak_activation_bytes=storages.peak,
    )


def _run(
    replica: nn.Module, arguments: tuple[Any, ...], keywords: dict[str, Any], recorder: Recorder
) -> Any:
    functions = recorder.function_mode or contextlib.nullcontext()
    try:
        with torch.random.fork_rng(devices=[]), torch.no_grad(), functions, recorder:
            return replica(*arguments, **keywords)
    except DseError:
        raise
    except (RuntimeError, ValueError, TypeError, IndexError, AttributeError, KeyError,
            AssertionError, NotImplementedError) as error:  # fmt: skip
        raise DseError(_failure(recorder, arguments, keywords, error)) from error


def _failure(
    recorder: Recorder, arguments: tuple[Any, ...], keywords: dict[str, Any], error: Exception
) -> str:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    if "meta tensors" in reason or "_local_scalar_dense" in reason:
        reason += " (the forward's control flow depends on data, which a trace does not have)"
    call = recorder.failed
    shapes = (
        [spec.shape for spec in call.inputs]
        if call
        else [tuple(tensor.shape) for tensor in tensors_in((arguments, keywords))]
    )
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


def _output_storage(output: Any, arguments: tuple[Any, ...]) -> OutputStorage | None:
    if not isinstance(output, Tensor):
        return None
    inputs = {storage_id(tensor) for tensor in tensors_in(arguments)}
    return OutputStorage(output.untyped_storage().nbytes(), storage_id(output) in inputs)


def _weights(model: nn.Module) -> tuple[Weight, ...]:
    """List each parameter and buffer of a model once, by the first module that holds it."""
    seen: set[int] = set()
    weights = []
    for module_name, module in model.named_modules():
        for held, is_parameter in ((module._parameters, True), (module._buffers, False)):
            for name, tensor in held.items():
                if tensor is not None and id(tensor) not in seen:
                    seen.add(id(tensor))
                    trainable = is_parameter and tensor.requires_grad
                    spec = TensorSpec.of(tensor)
                    weights.append(Weight(module_name, name, spec, trainable, is_parameter))
    return tuple(weights)
