"""The calls of a model's modules, each with the operators that ran inside it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from torch import nn

from dse.counting.tensors import TensorSpec
from dse.counting.trace_records import Trace


@dataclass(frozen=True, slots=True)
class LayerCall:
    """One call of a module."""

    index: int
    """Its index in `Trace.calls`."""
    name: str
    module: Any
    """The module; `Any`, since rules read the attributes of the types that they apply to."""
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    operations: range
    """Indices in `Trace.operations` of what ran in it or in the modules that it called."""

    @property
    def type(self) -> str:
        """Name of the module's class."""
        return type(self.module).__name__

    @property
    def input(self) -> TensorSpec:
        """The first tensor that enters; an empty one where none does."""
        return self.inputs[0] if self.inputs else NO_TENSOR

    @property
    def output(self) -> TensorSpec:
        """The first tensor that leaves; an empty one where none does."""
        return self.outputs[0] if self.outputs else NO_TENSOR

    @property
    def parameters(self) -> int:
        """Elements of the module's own parameters."""
        own = self.module.parameters(recurse=False)
        return sum(parameter.numel() for parameter in own)


NO_TENSOR = TensorSpec((0,), (1,), "float32")


def layer_calls(trace: Trace) -> list[LayerCall]:
    """Return the calls of a trace in order."""
    # Calls come in the order of their begin, and operators in the order of time, so what runs in
    # a call is a contiguous range that ends where that of the last call within it ends.
    count = len(trace.calls)
    begins = [len(trace.operations)] * count
    ends = [0] * count
    for position, operation in enumerate(trace.operations):
        if operation.call >= 0:
            begins[operation.call] = min(begins[operation.call], position)
            ends[operation.call] = position + 1
    for index in range(count - 1, -1, -1):
        parent = trace.calls[index].parent
        if parent >= 0 and ends[index] > 0:
            begins[parent] = min(begins[parent], begins[index])
            ends[parent] = max(ends[parent], ends[index])
    return [
        LayerCall(
            index, call.name, call.module, call.inputs, call.outputs, range(begins[index], end)
        )
        for index, (call, end) in enumerate(zip(trace.calls, ends, strict=True))
    ]


def calls_by_module(trace: Trace) -> dict[int, list[LayerCall]]:
    """Return the calls of each module, by its `id`."""
    found: dict[int, list[LayerCall]] = {}
    for call in layer_calls(trace):
        found.setdefault(id(call.module), []).append(call)
    return found


def is_leaf(module: nn.Module) -> bool:
    """Return whether a module has no modules in it."""
    return next(module.children(), None) is None


def multiplies_itself(trace: Trace, call: LayerCall) -> bool:
    """Return whether a module multiplies and accumulates outside the modules that it calls."""
    return any(
        trace.operations[position].macs and trace.operations[position].call == call.index
        for position in call.operations
    )


def count_types(calls: list[LayerCall]) -> dict[str, int]:
    """Return how often each type of layer is called."""
    return dict(Counter(call.type for call in calls))


def applied(module: nn.Module) -> Counter[int]:
    """Return how often `Module.apply` comes to each module, by its id: twice by two parents.

    That often has it the hooks of a counter that leaves them so, and each of them counts.
    """
    found = Counter([id(module)])
    for child in module.children():
        found.update(applied(child))
    return found
