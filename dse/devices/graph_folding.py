"""Folds the operators that PyTorch runs into those that a runtime runs, as its converter does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dse.counting import OF_ONNX, Dataflow, FlowOperator, FlowReference
from dse.devices.deployed_graph import (
    ConvolutionShape,
    DeployedGraph,
    DeployedOperator,
    DeployedWeight,
)
from dse.devices.flow_readers import FREE_MOVES, activation_of, readers_of, roots_of
from dse.devices.memory_layouts import axes_in_memory, is_free_move, permutation_of
from dse.devices.padding_of_windows import Window, padding_beyond_same
from dse.devices.runtimes import DeploymentRuntime
from dse.errors import DseError

_NORMS = frozenset(
    (
        *("native_batch_norm", "_native_batch_norm_legit_no_training", "cudnn_batch_norm"),
        *("batch_norm", "_native_batch_norm_legit"),
    )
)
_FOLDS = frozenset(("conv", "depthwise", "transposed_conv", "fully_connected"))
"""What a batch norm behind it becomes a part of."""


def folded(flow: Dataflow, runtime: DeploymentRuntime) -> DeployedGraph:
    """Return the graph that a runtime runs in place of what PyTorch does.

    Batch norms become part of the layer before, or else a product and a sum; the activations that
    the runtime fuses become part of what they follow where nothing else reads that. Any other
    operator, a layer norm say, is one with a tensor of its own.

    Args:
        flow: the operators of PyTorch, in evaluation mode.
        runtime: what it is for.

    Raises:
        DseError: for a network of an ONNX file, whose operators are not PyTorch's.
    """
    if any(operator.name.startswith(OF_ONNX) for operator in flow.operators):
        raise DseError(
            "runtime: what is folded is known of PyTorch's operators, not of those of an .onnx "
            "file; name the network itself, or a .pt2 of it"
        )
    folding = _Folding(flow, runtime)
    for operator in flow.operators:
        if not all(flow.tensors[index].is_weight for index in operator.reads):
            folding.add(operator)
    return folding.graph()


class _Folding:
    """A graph while it is made."""

    def __init__(self, flow: Dataflow, runtime: DeploymentRuntime) -> None:
        self.flow = flow
        self.runtime = runtime
        self.shapes: list[tuple[int, ...]] = []
        self.operators: list[DeployedOperator] = []
        self.roots = roots_of(flow)
        self.readers = readers_of(flow, self.roots)
        self.places: dict[int, int] = {}
        """The deployed tensor of each of the flow."""
        self.channels_last: set[int] = set()
        """Tensors of the flow whose channels are innermost in memory."""
        self.makers: dict[int, int] = {}
        """The position of the operator that makes a deployed tensor."""
        self.activated: set[int] = set()
        """Deployed tensors whose activation is part of their operator."""
        self.stored = {self.roots[index] for index in flow.borrowed}
        """Weights of the flow that are counted, here or with the network around it."""
        for index in flow.inputs:
            self.places[index] = self._tensor(self._shape(index))
            if len(self._shape(index)) >= 4:
                self.channels_last.add(index)

    def graph(self) -> DeployedGraph:
        """Return what was made so far."""
        outputs = [self.places[i] for i in self.flow.outputs if i in self.places]
        inputs = [self.places[i] for i in self.flow.inputs]
        return DeployedGraph(
            tuple(self.shapes),
            tuple(self.operators),
            tuple(dict.fromkeys(inputs)),
            tuple(dict.fromkeys(outputs)),
        )

    def add(self, operator: FlowOperator) -> None:
        """Add an operator that reads more than weights."""
        name = operator.name.rpartition(".")[2]
        if name in FREE_MOVES:
            self._alias(operator)
        elif (order := permutation_of(name, operator, self.flow)) is not None:
            self._permute(operator, order)
        elif name == "convolution" and self._has_weight(operator, 1):
            self._convolution(operator)
        elif name in ("addmm", "mm", "linear") and self._is_linear(name, operator):
            self._linear(name, operator)
        elif name in _NORMS:
            self._norm(operator)
        elif (activation := activation_of(name, operator.arguments)) is not None:
            self._activation(activation, operator)
        elif name in ("max_pool2d_with_indices", "max_pool2d", "avg_pool2d"):
            self._pool(name, operator)
        elif name == "silu":
            gate = self._tensor(self._shape(operator.makes[0]))
            source = self._read(operator.reads[0])
            self._emit("sigmoid", (source,), (gate,))
            self._make("mul", operator, (source, gate))
            self._keep_layout(operator)
        else:
            self._other(name, operator)

    # What is read and made.

    def _shape(self, index: int) -> tuple[int, ...]:
        return tuple(self.flow.tensors[index].spec.shape)

    def _has_weight(self, operator: FlowOperator, position: int) -> bool:
        reference = operator.arguments[position]
        return (
            isinstance(reference, FlowReference) and self.flow.tensors[reference.tensor].is_weight
        )

    def _tensor(self, shape: Sequence[int]) -> int:
        self.shapes.append(tuple(shape))
        return len(self.shapes) - 1

    def _emit(self, kind: str, reads: tuple[int, ...], makes: tuple[int, ...], **has: Any) -> None:
        self.makers |= dict.fromkeys(makes, len(self.operators))
        self.operators.append(DeployedOperator(kind, reads, makes, **has))

    def _make(self, kind: str, operator: FlowOperator, reads: tuple[int, ...], **has: Any) -> None:
        """Emit an operator that makes what one of the flow does, as far as anything reads it."""
        made = [index for index in operator.makes if self.readers[self.roots[index]]]
        for index in made:
            self.places[index] = self._tensor(self._shape(index))
        if made:
            self._emit(kind, reads, tuple(self.places[index] for index in made), **has)

    def _read(self, index: int, channels_last: bool | None = None) -> int:
        """Return the deployed tensor of one of the flow, transposed to a layout if it has to be."""
        place = self.places[index]
        is_last = index in self.channels_last
        if channels_last is None or channels_last is is_last or self._has_one_layout(index):
            return place
        moved = self._tensor(self._shape(index))
        self._emit("transpose", (place,), (moved,))
        return moved

    def _has_one_layout(self, index: int) -> bool:
        shape = self._shape(index)
        return len(shape) < 3 or shape[1] == 1 or math.prod(shape[2:]) == 1

    def _keep_layout(self, operator: FlowOperator) -> None:
        """Note that what an operator makes lies in memory as what it reads."""
        if operator.reads[0] in self.channels_last:
            self.channels_last.add(operator.makes[0])

    def _weight(self, index: int, channels: int = 1, is_bias: bool = False) -> list[DeployedWeight]:
        """Return a weight, or nothing where it is counted already."""
        if self.roots[index] in self.stored:
            return []
        self.stored.add(self.roots[index])
        return [DeployedWeight(self.flow.tensors[index].spec.elements, channels, is_bias)]

    # Operators by what they become.

    def _alias(self, operator: FlowOperator) -> None:
        source, made = operator.reads[0], operator.makes[0]
        keeps = self._shape(source) == self._shape(made)
        self.places[made] = self._read(source, None if keeps else False)
        if keeps:
            self._keep_layout(operator)

    def _permute(self, operator: FlowOperator, order: tuple[int, ...]) -> None:
        source, made = operator.reads[0], operator.makes[0]
        shape = self._shape(source)
        held = axes_in_memory(len(shape), source in self.channels_last)
        for is_last in (False, True):
            wanted = tuple(order[axis] for axis in axes_in_memory(len(order), is_last))
            if is_free_move(shape, held, wanted):
                self.places[made] = self.places[source]
                if is_last:
                    self.channels_last.add(made)
                return
        self._make("transpose", operator, (self.places[source],))

    def _convolution(self, operator: FlowOperator) -> None:
        source, weight, bias, stride, padding, dilation, transposed, _, groups = operator.arguments
        outputs = self._shape(operator.makes[0])[1]
        shape, kernel = self._shape(source.tensor), self._shape(weight.tensor)
        weights = self._weight(weight.tensor, outputs)
        if bias is not None:
            weights += self._weight(bias.tensor, outputs, is_bias=True)
        read = self._read(source.tensor, channels_last=True)
        sizes = tuple(s + 2 * p for s, p in zip(shape[2:], padding, strict=True))
        kind = "depthwise" if groups == shape[1] > 1 else "conv"
        if transposed:
            kind = "transposed_conv"
        else:
            window = Window(kernel[2:], stride, padding, dilation)
            read = self._padded(read, shape, window)
        self.channels_last.add(operator.makes[0])
        convolution = ConvolutionShape(kernel[2:], shape[1], sizes)
        self._make(kind, operator, (read,), weights=tuple(weights), shape=convolution)

    def _padded(self, read: int, shape: tuple[int, ...], window: Window) -> int:
        """Return what a window reads: the tensor itself, or one that was padded."""
        beyond = padding_beyond_same(shape[2:], window)
        if beyond is None or not self.runtime.pads:
            return read
        sizes = (size + extra for size, extra in zip(shape[2:], beyond, strict=True))
        padded = self._tensor((*shape[:2], *sizes))
        self._emit("pad", (read,), (padded,))
        return padded

    def _is_linear(self, name: str, operator: FlowOperator) -> bool:
        position = 2 if name == "addmm" else 1
        source = operator.arguments[position - 1]
        return self._has_weight(operator, position) and source.tensor in self.places

    def _linear(self, name: str, operator: FlowOperator) -> None:
        arguments = operator.arguments
        bias, source, weight = (
            arguments[:3] if name == "addmm" else ((*arguments, None)[2], *arguments[:2])
        )
        outputs = self._shape(operator.makes[0])[-1]
        weights = self._weight(weight.tensor, outputs)
        if bias is not None:
            weights += self._weight(bias.tensor, outputs, is_bias=True)
        read = self._read(source.tensor, channels_last=False)
        self._make("fully_connected", operator, (read,), weights=tuple(weights))

    def _norm(self, operator: FlowOperator) -> None:
        source, made = operator.reads[0], operator.makes[0]
        place = self.places[source]
        channels = self._shape(source)[1]
        self._keep_layout(operator)
        maker = self._only_maker(source, _FOLDS)
        if maker is None:
            scaled = self._tensor(self._shape(source))
            constant = (DeployedWeight(channels, 1),)
            self._emit("mul", (place,), (scaled,), weights=constant)
            self._make("add", operator, (scaled,), weights=constant)
            return
        self.places[made] = place
        found = self.operators[maker]
        if not any(weight.is_bias for weight in found.weights):
            bias = DeployedWeight(channels, channels, is_bias=True)
            self.operators[maker] = replace(found, weights=(*found.weights, bias))

    def _only_maker(self, index: int, kinds: frozenset[str]) -> int | None:
        """Return the operator that something can become a part of; None where there is none."""
        place = self.places[index]
        maker = self.makers.get(place)
        if maker is None or self.operators[maker].kind not in kinds or place in self.activated:
            return None
        return maker if self.readers[self.roots[index]] == 1 else None

    def _activation(self, kind: str, operator: FlowOperator) -> None:
        source, made = operator.reads[0], operator.makes[0]
        fused = kind in self.runtime.fused
        if not fused or self._only_maker(source, self.runtime.fused_into) is None:
            self._other(kind, operator)
            return
        self.places[made] = self.places[source]
        self.activated.add(self.places[source])
        self._keep_layout(operator)

    def _pool(self, name: str, operator: FlowOperator) -> None:
        source, kernel, *rest = operator.arguments
        is_max = name != "avg_pool2d"
        defaults: list[Any] = [(), (0, 0), (1, 1), False] if is_max else [(), (0, 0), False]
        stride, padding, *others = [*rest, *defaults[len(rest) :]]
        dilation, ceil = others[:2] if is_max else ((1, 1), others[0])
        window = Window(kernel, stride or kernel, padding, dilation, ceil is True)
        read = self._read(source.tensor, channels_last=True)
        read = self._padded(read, self._shape(source.tensor), window)
        self.channels_last.add(operator.makes[0])
        self._make("max_pool" if is_max else "average_pool", operator, (read,))

    def _other(self, name: str, operator: FlowOperator) -> None:
        """Add an operator that is one of the runtime's, with a tensor of its own."""
        rank = len(self._shape(operator.makes[0]))
        read = [index for index in operator.reads if index in self.places]
        alike = [index for index in read if len(self._shape(index)) == rank]
        is_last = any(index in self.channels_last for index in alike)
        places = [self._read(index, is_last if index in alike else None) for index in read]
        weights = [w for i in operator.reads if i not in self.places for w in self._weight(i)]
        if is_last:
            self.channels_last |= set(operator.makes)
        self._make(name, operator, tuple(dict.fromkeys(places)), weights=tuple(weights))
