"""Which operator of a model reads what another makes: the graph that a converter would be given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from dse.counting.meta_device import kind_of
from dse.counting.modules import borrowed_weights
from dse.counting.operators import operator_name
from dse.counting.running import Inputs, Recorder, prepare, running
from dse.counting.tensors import TensorSpec, returned_tensors, spec_of, tensors_in
from dse.counting.torch_internals import Operator


class FlowTensor(NamedTuple):
    """A value that operators read: an input, a weight, or what an operator made."""

    spec: TensorSpec
    is_weight: bool
    """Whether it is a parameter or buffer, or follows from those alone."""


class FlowReference(NamedTuple):
    """Stands for a tensor among the arguments of an operator."""

    tensor: int
    """Its index in `Dataflow.tensors`."""


@dataclass(frozen=True, slots=True)
class FlowOperator:
    """One operator, with the tensors that it reads and makes."""

    name: str
    """Without overload, such as `aten.convolution`; one in place has that of its other form."""
    arguments: tuple[Any, ...]
    """Positional, with a `FlowReference` for each tensor and a tuple for each list."""
    reads: tuple[int, ...]
    """Indices in `Dataflow.tensors`, each once."""
    makes: tuple[int, ...]
    is_view: bool = False


@dataclass(frozen=True, slots=True)
class Dataflow:
    """The operators of one forward, in order, and the tensors between them."""

    tensors: tuple[FlowTensor, ...]
    operators: tuple[FlowOperator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    borrowed: tuple[int, ...] = ()
    """Weights of a network around the model, which are counted there."""


class _FlowRecorder(Recorder):
    """A recorder that notes besides which operator reads what another made."""

    def begin(self, weights: Sequence[Tensor], inputs: Sequence[Tensor]) -> None:
        """Note what is there before the first operator."""
        self.flow: list[FlowOperator] = []
        self.tensors: list[FlowTensor] = []
        self._indices: dict[int, int] = {}
        # A tensor is known by its identity, which another gets once it is gone.
        self._kept: list[Tensor] = []
        for weight in weights:
            self._add(weight, is_weight=True)
        self.given = tuple(self._add(tensor) for tensor in inputs)

    def __torch_dispatch__(
        self,
        func: Operator,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        known = len(self.flow)
        read = tuple(dict.fromkeys(map(self.index_of, tensors_in((args, kwargs or {})))))
        arguments = tuple(map(self._referred, args))
        output = super().__torch_dispatch__(func, types, args, kwargs)
        # What PyTorch composes of others has been noted as those.
        if len(self.flow) == known and func.namespace != "prim":
            self._note(func, arguments, read, output)
        return output

    def index_of(self, tensor: Tensor) -> int:
        """Return the index of a tensor; one that no operator made is a constant of the model."""
        found = self._indices.get(id(tensor))
        return self._add(tensor, is_weight=True) if found is None else found

    def _note(
        self, func: Operator, arguments: tuple[Any, ...], read: tuple[int, ...], output: Any
    ) -> None:
        made = list(tensors_in(output))
        kind = kind_of(func)
        if not kind.written and made and all(id(tensor) in self._indices for tensor in made):
            return
        is_weight = all(self.tensors[index].is_weight for index in read)
        indices = tuple(self._add(tensor, is_weight) for tensor in made)
        name = operator_name(func)
        if kind.written and name.endswith("_"):
            name = name[:-1]
        self.flow.append(FlowOperator(name, arguments, read, indices, kind.is_view))

    def _add(self, tensor: Tensor, is_weight: bool = False) -> int:
        self._indices[id(tensor)] = len(self.tensors)
        self._kept.append(tensor)
        self.tensors.append(FlowTensor(spec_of(tensor), is_weight))
        return len(self.tensors) - 1

    def _referred(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            return FlowReference(self.index_of(value))
        if isinstance(value, (list, tuple)):
            return tuple(map(self._referred, value))
        return value


def dataflow(model: nn.Module, inputs: Inputs, kwargs: Mapping[str, Any] | None = None) -> Dataflow:
    """Return the graph of one forward in evaluation mode; attention as the products it is made of.

    Args:
        model: any module that runs on the meta device; it is not touched.
        inputs: its inputs, batch included, as for `trace`.
        kwargs: further keyword arguments of its forward.

    Raises:
        DseError: where the forward fails; the layer and its input shapes are named.
    """
    prepared = prepare(model, inputs, kwargs, kernels="math")
    recorder = prepared.recorder_of(_FlowRecorder)
    given = prepared.tensors
    recorder.begin((*prepared.model.parameters(), *prepared.model.buffers()), given)
    attention = prepared.attention(recorder)
    with running(prepared, recorder), torch.no_grad(), prepared.mode, attention, recorder:
        output = prepared.model(*prepared.arguments, **prepared.keywords)
    made = tuple(dict.fromkeys(map(recorder.index_of, returned_tensors(output))))
    borrowed = tuple(map(recorder.index_of, borrowed_weights(prepared.model).values()))
    return Dataflow(tuple(recorder.tensors), tuple(recorder.flow), recorder.given, made, borrowed)
