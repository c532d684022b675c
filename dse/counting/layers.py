"""The costs of each layer, and of the whole, read from a trace."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from torch import nn

from dse.code import foreign_code
from dse.costs import COSTS, Cost, Costs, summed_costs
from dse.counting.modules import CONTAINERS, cached_bytes
from dse.counting.torch_internals import is_frozen, is_scripted, unflattened_type
from dse.counting.trace_records import Trace
from dse.errors import DseError
from dse.html_tables import MOST_ROWS, html_facts, html_panel
from dse.shown_values import html_costs, html_rows

_CONTAINERS = {f"{kind.__module__}.{kind.__qualname__}" for kind in CONTAINERS}


def told_of_scripted(trace: Trace) -> str | None:
    """Say which scripted modules hold modules of whose calls nothing is told; None for none."""
    names = [
        repr(call.name) if call.name else "the model"
        for call in trace.calls
        if is_scripted(call.module) and (_has_children(call.module) or is_frozen(call.module))
    ]
    if not names:
        return None
    return (
        "activation_memory is without that of layers which TorchScript runs unseen, those within "
        f"{', '.join(dict.fromkeys(names))}: count the model before it is scripted"
    )


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

    def _repr_html_(self) -> str:
        shape = "×".join(map(str, self.output_shape or ()))
        facts = html_facts({"layer": self.name, "type": self.type, "output": shape})
        return html_panel("Layer", facts, html_costs(self.costs))


def html_layers(found: Sequence[Layer], most: int = MOST_ROWS) -> str:
    """Return layers that do something as a table of HTML, as many as it may have."""
    rows = [
        {
            "layer": each.name or "(the model)",
            "type": each.type,
            "output": "×".join(map(str, each.output_shape or ())),
            **{name: each.costs[name] for name in _OF_LAYERS},
        }
        for each in found
        if each.output_shape is not None or each.costs.params
    ]
    return html_rows(rows, most=most)


_OF_LAYERS = ("params", "macs", "activation_memory")


def total_costs(trace: Trace) -> Costs:
    """Return the costs of the whole traced model."""
    values: dict[str, int | None] = {
        name: sum(by_layer.values()) for name, by_layer in _summed_by_layer(trace).items()
    }
    return Costs.of(values | {"peak_activations": trace.peak_activation_bytes})


def _summed_by_layer(trace: Trace) -> dict[str, dict[str, int]]:
    """Return for each cost that is a sum what each layer of a trace, by its name, has of it."""
    records: dict[str, list[tuple[str, Any]]] = {
        "operation": [
            (trace.calls[operation.call].name if operation.call >= 0 else "", operation)
            for operation in trace.operations
        ],
        "weight": [(weight.module, weight) for weight in trace.weights],
        "output": [
            (call.name, nbytes)
            for call, nbytes in zip(trace.calls, layer_output_bytes(trace), strict=True)
        ],
        "read": [(read.module, read) for read in trace.reads],
        "cache": [(call.name, cached_bytes(trace, call)) for call in trace.calls],
    }
    found: dict[str, dict[str, int]] = {}
    for cost in map(COSTS.__getitem__, summed_costs()):
        by_layer = found[cost.name] = {}
        assert cost.value is not None, "a sum is declared with what is summed"
        if cost.is_declared:
            with foreign_code(partial("cost {!r}: its function fails: {}".format, cost.name)):
                values = [_whole(cost, cost.value(record)) for _, record in records[cost.over]]
        else:
            values = [cost.value(record) for _, record in records[cost.over]]
        for (layer, _), value in zip(records[cost.over], values, strict=True):
            by_layer[layer] = by_layer.get(layer, 0) + value
    return found


def _whole(cost: Cost, value: Any) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise DseError(f"cost {cost.name!r}: its function returns {value!r}, no whole number")
    return operator.index(value)


def layer_output_bytes(trace: Trace) -> list[int]:
    """Return for each call of a trace the bytes of the tensors that it outputs as a layer.

    Every module is a layer but plain containers and the model around its layers, as torchsummary
    (1.5.1) has it, whose forward/backward size is twice the sum of these. A model that calls none
    of its modules is a layer itself.
    """
    around = {call.parent for call in trace.calls}
    return [
        0
        if _is_container(call.module) or (call.parent < 0 and index in around)
        else sum(trace.nbytes(output, call.name) for output in call.outputs)
        for index, call in enumerate(trace.calls)
    ]


def _is_container(module: nn.Module) -> bool:
    """Return whether a module only holds others, or was exported from one that does."""
    return isinstance(module, CONTAINERS) or unflattened_type(module) in _CONTAINERS


def _has_children(module: nn.Module) -> bool:
    return any(True for _ in module.children())


def output_shapes(trace: Trace) -> dict[str, tuple[int, ...] | None]:
    """Return for each module that is called, by its name, the shape that its last call gives.

    Of several outputs it is that of the first; None where there is none. Containers are among
    them, also those that `layers` leaves out.
    """
    return {call.name: call.outputs[0].shape if call.outputs else None for call in trace.calls}


def layers(trace: Trace) -> list[Layer]:
    """Return the layers of a traced model in the order of their first calls.

    Containers that do nothing themselves are left out. A module that is never called but holds
    weights stands behind the one that contains it.
    """
    weight_memory = sum(weight.nbytes for weight in trace.weights)
    summed = _summed_by_layer(trace)
    peak: dict[str, int] = {}
    for operation in trace.operations:
        name = trace.calls[operation.call].name if operation.call >= 0 else ""
        peak[name] = max(peak.get(name, 0), weight_memory + operation.alive)
    shapes = output_shapes(trace)

    modules = dict(trace.model.named_modules())
    found = []
    for name in _in_call_order(trace, modules):
        own = Costs.of({cost: by_layer.get(name, 0) for cost, by_layer in summed.items()})
        module = modules[name]
        is_called_leaf = name in shapes and not _has_children(module)
        if is_called_leaf or any(replace(own, peak_memory=0).as_dict().values()):
            costs = replace(own, peak_memory=peak.get(name, 0))
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
