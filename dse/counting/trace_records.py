"""What one run of a model left behind: its operators, its module calls and its weights.

A trace is plain data. Costs, layer tables and conventions are different readings of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import nn

from dse.counting.tensors import Lifetime, OutputStorage, TensorSpec, is_floating_point, name_of


def counted_in(name: str, parts: Mapping[str, torch.dtype]) -> torch.dtype | None:
    """Return what floating-point elements are counted as within a module of a model.

    Args:
        name: of the module.
        parts: dtypes by the names of modules, each of all within but where another is nearer.
    """
    while name:
        if name in parts:
            return parts[name]
        name = name.rpartition(".")[0]
    return parts.get("")


class Operation(NamedTuple):
    """One dispatched operator."""

    name: str
    """Its name without overload, such as `aten.convolution`."""
    call: int
    """Index in `Trace.calls` of the innermost module call that ran it; −1 outside any."""
    arguments: tuple[Any, ...]
    """Its positional arguments, with a `TensorSpec` for each tensor and a tuple for each list."""
    outputs: tuple[TensorSpec, ...]
    macs: int
    activations: int
    alive: int
    """Bytes of activations (inputs of the model included) alive when it had run."""
    read: int = 0
    """Bytes of its operands; see `dse.counting.operators.traffic`."""
    written: int = 0
    """Bytes of its results."""


class FunctionCall(NamedTuple):
    """One call of a function of PyTorch, such as `torch.nn.functional.relu`."""

    function: Callable[..., Any]
    call: int
    """Index in `Trace.calls` of the innermost module call that made it; −1 outside any."""
    arguments: tuple[Any, ...]
    """As in `Operation.arguments`."""
    keywords: dict[str, Any]
    operations: range
    """Indices in `Trace.operations` of what it dispatched; functions that it calls are in there."""
    is_operator: bool
    """Whether it was written as `+`, `-`, `*`, `/` or `@` instead of by its name."""


@dataclass(slots=True)
class Call:
    """One call of a module's forward."""

    name: str
    """Qualified name as in `named_modules()`; empty for the model itself."""
    module: nn.Module
    parent: int
    """Index of the calling module's call; −1 for the model itself."""
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...] = ()


class Weight(NamedTuple):
    """A parameter or buffer, listed once, under the first name that it has."""

    module: str
    name: str
    spec: TensorSpec
    trainable: bool
    is_parameter: bool
    nbytes: int
    active: int
    """Elements that one token uses: all, but of experts those that it visits."""


class Read(NamedTuple):
    """What a run reads of one parameter or buffer; see `dse.counting.running.weight_reads`."""

    module: str
    """By its name, the module that holds it."""
    nbytes: int
    is_kept: bool
    """Whether it is keys or values that generation keeps."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that one forward run of a model dispatched."""

    model: nn.Module
    """The data-free replica that ran."""
    inputs: tuple[TensorSpec, ...]
    input_bytes: int
    """Bytes of the storages of the inputs, alive throughout."""
    outputs: Any
    """The model's output with a `TensorSpec` in place of each tensor; of an object that holds some,
    what it holds by name."""
    output_storages: tuple[OutputStorage, ...]
    """The storages of the output where that is a tensor or a tuple of tensors."""
    calls: tuple[Call, ...]
    operations: tuple[Operation, ...]
    weights: tuple[Weight, ...]
    reads: tuple[Read, ...] = ()
    """What was read of each weight, and of keys and values that are kept."""
    functions: tuple[FunctionCall, ...] | None = None
    """The functions that dispatched operators, in order; None where they were not asked for."""
    unknown: dict[str, int] = field(default_factory=dict)
    """Operators whose cost is not known, with how often each ran."""
    lifetimes: tuple[Lifetime, ...] = ()
    """Of every storage of inputs and activations, in the order in which they were made."""
    peak_activation_bytes: int = 0
    """Highest number of bytes of activations and inputs alive at once."""
    counted_as: Mapping[str, torch.dtype] = field(default_factory=dict)
    """What floating-point elements are counted as that are made within a module, by its name; the
    model's is empty. Of another they are of their own dtype."""
    is_real: bool = False
    """Whether the model ran on data."""
    on_data: str | None = None
    """What is to be said of the data: that there had to be any, or that weights are random."""

    def nbytes(self, spec: TensorSpec, module: str) -> int:
        """Return the bytes of a tensor that is made within a module."""
        if not self.counted_as or not is_floating_point(spec.dtype):
            return spec.nbytes
        counted = counted_in(module, self.counted_as)
        return spec.nbytes if counted is None else spec._replace(dtype=name_of(counted)).nbytes

    @property
    def whole_dtype(self) -> str | None:
        """The dtype that all but such parts are counted as; None where that is their own."""
        return name_of(self.counted_as[""]) if "" in self.counted_as else None

    def part_dtype(self, module: str) -> str | None:
        """Return the dtype of the part of a model that a module is in; None where it has none."""
        parts = {name: dtype for name, dtype in self.counted_as.items() if name}
        counted = counted_in(module, parts) if parts else None
        return None if counted is None else name_of(counted)
