"""What one run of a model left behind: its operators, its module calls and its weights.

A trace is plain data. Costs, layer tables and conventions are different readings of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import nn

INT4: torch.dtype = getattr(torch, "int4")  # noqa: B009
"""PyTorch's stubs do not have it."""
_BITS = {INT4: 4}
"""Of dtypes that take less than a byte an element."""


def bits_of(dtype: torch.dtype) -> int:
    """Return the bits that an element takes."""
    return _BITS.get(dtype) or 8 * dtype.itemsize


def bytes_of(elements: int, bits: int) -> int:
    """Return the bytes of a tensor's elements, which are packed: of the last byte all counts."""
    return -(-elements * bits // 8)


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


class TensorSpec(NamedTuple):
    """Shape, stride and dtype of a tensor, without its data."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype

    @classmethod
    def of(cls, tensor: torch.Tensor) -> TensorSpec:
        """Return the spec of a tensor; one that is not strided has no strides."""
        if tensor.layout is not torch.strided:
            return cls(tensor.shape, (), tensor.dtype)
        return cls(tensor.shape, tensor.stride(), tensor.dtype)

    @property
    def elements(self) -> int:
        """Number of elements."""
        count = 1
        for size in self.shape:
            count *= size
        return count

    @property
    def nbytes(self) -> int:
        """Elements × bits an element / 8, rounded up."""
        return bytes_of(self.elements, bits_of(self.dtype))


@dataclass(frozen=True, slots=True)
class Bundle:
    """Several tensors that one block hands on to the next, each on a storage of its own."""

    tensors: tuple[TensorSpec, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the last one, which blocks take that take one."""
        return self.tensors[-1].shape

    @property
    def nbytes(self) -> int:
        """Of all of them."""
        return sum(tensor.nbytes for tensor in self.tensors)


HandedOn = TensorSpec | Bundle
"""What stands between two blocks of a chain."""


def tensors_of(handed: HandedOn) -> tuple[TensorSpec, ...]:
    """Return the tensors that are handed on, which are one or several."""
    return handed.tensors if isinstance(handed, Bundle) else (handed,)


def handed_on_as(tensors: Iterable[TensorSpec]) -> HandedOn:
    """Return tensors as what is handed on; one is itself."""
    several = tuple(tensors)
    return several[0] if len(several) == 1 else Bundle(several)


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
    """Bytes of its operands; see `dse.counting.traffic`."""
    written: int = 0
    """Bytes of its results."""


@dataclass(slots=True)
class Lifetime:
    """When a storage was alive, in indices of `Trace.operations`."""

    nbytes: int
    spec: TensorSpec
    """Of the first tensor on it."""
    born: int
    """Index of the operator that made it; −1 for one that was there before the first."""
    died: int | None = None
    """Index of the first operator that ran without it; None while it is alive."""
    saved: bool = False
    """Whether a tensor on it was saved for the backward pass."""


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
    """What a run reads of one parameter or buffer; see `dse.counting.weight_reads`."""

    module: str
    """By its name, the module that holds it."""
    nbytes: int
    is_kept: bool
    """Whether it is keys or values that generation keeps."""


@dataclass(frozen=True, slots=True)
class OutputStorage:
    """The storage behind a model's output, as far as the next block's memory depends on it."""

    nbytes: int
    is_input: bool
    """Whether the output is a view of an input of the model (as for an identity)."""
    which: int = 0
    """Of which of several inputs it is a view; of others, the first output of the same storage."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that one forward run of a model dispatched."""

    model: nn.Module
    """The data-free replica that ran."""
    inputs: tuple[TensorSpec, ...]
    input_bytes: int
    """Bytes of the storages of the inputs, alive throughout."""
    outputs: Any
    """The model's output with a `TensorSpec` in place of each tensor."""
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
        if not self.counted_as or not spec.dtype.is_floating_point:
            return spec.nbytes
        return spec._replace(dtype=counted_in(module, self.counted_as) or spec.dtype).nbytes
