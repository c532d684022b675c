"""The costs of each layer, and of the whole, read from a trace."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import nn

from dse.costs import Costs
from dse.counting.trace import Trace, Weight

CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
"""Modules that only hold others; what they return is what their last layer returned."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One module of a model with the costs that are its own, its submodules' excluded.

    `peak_memory` is the number of bytes alive, weights of the whole model included, when memory
    was highest during the layer's own operators. All other costs add up to the model's.
    """

    name: str
    """Qualified name as in `named_modules()`; empty for what the model itself does."""
    type: str
    output_shape: tuple[int, ...] | None
    """Shape of the (first) output of the last call; None for a module that is never called."""
    costs: Costs


def total_costs(trace: Trace) -> Costs:
    """Return the costs of the whole traced model."""
    weight_memory = sum(trace.nbytes(weight.spec) for weight in trace.weights)
    macs = sum(operation.macs for operation in trace.operations)
    return Costs(
        **_parameter_costs(trace, trace.weights),
        macs=macs,
        flops=2 * macs,
        activations=sum(operation.activations for operation in trace.operations),
        activation_memory=sum(layer_output_bytes(trace)),
        memory_read=sum(operation.read for operation in trace.operations),
        memory_written=sum(operation.written for operation in trace.operations),
        peak_memory=weight_memory + trace.peak_activation_bytes,
    )


def _parameter_costs(trace: Trace, weights: tuple[Weight, ...] | list[Weight]) -> dict[str, int]:
    parameters = [weight for weight in weights if weight.is_parameter]
    return {
        "params": sum(weight.spec.elements for weight in parameters),
        "trainable_params": sum(w.spec.elements for w in parameters if w.trainable),
        "weight_memory": sum(trace.nbytes(weight.spec) for weight in weights),
    }


def layer_output_bytes(trace: Trace) -> list[int]:
    """Return for each call of a trace the bytes of the tensors that it outputs as a layer.

    Every module is a layer but plain containers and the model around its layers, as torchsummary
    (1.5.1) has it, whose forward/backward size is twice the sum of these.
    """
    return [
        0
        if isinstance(call.module, CONTAINERS) or (call.parent < 0 and _has_children(call.module))
        else sum(map(trace.nbytes, call.outputs))
        for call in trace.calls
    ]


def _has_children(module: nn.Module) -> bool:
    return any(True for _ in module.children())


def layers(trace: Trace) -> list[Layer]:
    """Return the layers of a traced model in the order of their first calls.

    Containers that do nothing themselves are left out. A module that is never called but holds
    weights stands behind the one that contains it.
    """
    weight_memory = sum(trace.nbytes(weight.spec) for weight in trace.weights)
    macs: dict[str, int] = {}
    activations: dict[str, int] = {}
    read: dict[str, int] = {}
    written: dict[str, int] = {}
    peak: dict[str, int] = {}
    for operation in trace.operations:
        name = trace.calls[operation.call].name if operation.call >= 0 else ""
        macs[name] = macs.get(name, 0) + operation.macs
        activations[name] = activations.get(name, 0) + operation.activations
        read[name] = read.get(name, 0) + operation.read
        written[name] = written.get(name, 0) + operation.written
        peak[name] = max(peak.get(name, 0), weight_memory + operation.alive)
    output_bytes: dict[str, int] = {}
    shapes: dict[str, tuple[int, ...] | None] = {}
    for call, nbytes in zip(trace.calls, layer_output_bytes(trace), strict=True):
        output_bytes[call.name] = output_bytes.get(call.name, 0) + nbytes
        shapes[call.name] = call.outputs[0].shape if call.outputs else None
    weights: dict[str, list[Weight]] = {}
    for weight in trace.weights:
        weights.setdefault(weight.module, []).append(weight)

    modules = dict(trace.model.named_modules())
    found = []
    for name in _in_call_order(trace, modules):
        costs = Costs(
            **_parameter_costs(trace, weights.get(name, [])),
            macs=macs.get(name, 0),
            flops=2 * macs.get(name, 0),
            activations=activations.get(name, 0),
            activation_memory=output_bytes.get(name, 0),
            memory_read=read.get(name, 0),
            memory_written=written.get(name, 0),
            peak_memory=peak.get(name, 0),
        )
        module = modules[name]
        is_called_leaf = name in shapes and not _has_children(module)
        if is_called_leaf or replace(costs, peak_memory=0) != Costs():
            found.append(Layer(name, type(module).__name__, shapes.get(name), costs))
    return found


def _in_call_order(trace: Trace, modules: dict[str, nn.Module]) -> list[str]:
    first: dict[str, int] = {}
    for index, call in enumerate(trace.calls):
        first.setdefault(call.name, index)

    def position(name: str) -> int:
        while name not in first and name:
            name = name.rpartition(".")[0]
        return first.get(name, -1)

    return sorted(modules, key=lambda name: (position(name), name not in first))
