"""Channels that run through a network, from the layers that write them to those that read them.

What is added or multiplied has the same channels, so along a residual stream there is one order for
all layers that write to it or read from it. Where that order means nothing to anything else, the
channels may be put in another one, and the network is the same.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional
from torchvision.ops import stochastic_depth

Importance = Callable[[nn.Module, int], Tensor]
"""How much each row of a layer's weight counts, along a dimension of it."""

_PASSING = (
    *(nn.ReLU, nn.ReLU6, nn.SiLU, nn.GELU, nn.Sigmoid, nn.Hardswish, nn.Hardsigmoid, nn.Identity),
    *(nn.Dropout, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d),
)
"""What does the same to each channel."""
_PASSING_FUNCTIONS = (functional.relu, functional.silu, functional.gelu, stochastic_depth)
_JOINING = (operator.add, operator.iadd, operator.mul, torch.add, torch.mul)


@dataclass
class ChannelStream:
    """Layers that have the same channels in the same order."""

    writers: list[Any] = field(default_factory=list)
    readers: list[Any] = field(default_factory=list)
    carriers: list[Any] = field(default_factory=list)
    """Norms and depthwise convolutions, which do something to each channel by itself."""
    blocks: set[str] = field(default_factory=set)
    """Of the network, in which these are."""
    is_fixed: bool = False
    """Whether the order means something: to the input, the classes, or what is not known here."""


def order_streams(network: nn.Module, value: Tensor, importance: Importance) -> int:
    """Put the channels between blocks in the order of what they count, the greatest first.

    All that writes to a stream or reads from it counts. Streams within one block stay as they are,
    and so does a network that cannot be followed, or that is another one afterwards.

    Args:
        network: a row of blocks, in evaluation mode.
        value: an input of it.
        importance: of the layers.

    Returns:
        How many streams were ordered.
    """
    streams = [
        each for each in streams_of(network, value) if not each.is_fixed and len(each.blocks) > 1
    ]
    before = {name: each.clone() for name, each in network.state_dict().items()}
    with torch.no_grad():
        made = network(value)
        for each in streams:
            counts = [importance(layer, 0) for layer in each.writers]
            counts += [importance(layer, 1) for layer in each.readers]
            _permute(each, torch.stack(counts).sum(0).argsort(descending=True, stable=True))
        limit = 1e-4 * float(made.abs().max())
        if torch.allclose(network(value), made, rtol=1e-3, atol=limit):
            return len(streams)
    network.load_state_dict(before)
    return 0


def streams_of(network: nn.Module, value: Tensor) -> list[ChannelStream]:
    """Return the streams of channels of a network that has such; none where it is not followed.

    Args:
        network: in evaluation mode, so that it does the same for any input.
        value: an input, whose channels are its second dimension.
    """
    try:
        graph = fx.symbolic_trace(network)
    except (fx.proxy.TraceError, TypeError):
        return []
    followed = _StreamInterpreter(graph)
    with torch.no_grad():
        followed.run(value)
    return followed.streams()


def _permute(stream: ChannelStream, order: Tensor) -> None:
    for layer in (*stream.writers, *stream.carriers):
        own = [*layer.named_parameters(recurse=False), *layer.named_buffers(recurse=False)]
        for _, tensor in own:
            if tensor.dim():
                tensor.copy_(tensor[order])
    for layer in stream.readers:
        layer.weight.copy_(layer.weight[:, order])


class _StreamInterpreter(fx.Interpreter):
    """Runs a network, and finds for each value the stream of its channels."""

    def __init__(self, graph: fx.GraphModule) -> None:
        super().__init__(graph)
        self._stream_of: dict[fx.Node, int] = {}
        self._streams: list[ChannelStream] = []
        self._same_as: list[int] = []
        self._seen: set[nn.Module] = set()

    def streams(self) -> list[ChannelStream]:
        """Return the streams, those that turned out to be one as one."""
        whole: dict[int, ChannelStream] = {}
        for number, each in enumerate(self._streams):
            into = whole.setdefault(self._root(number), ChannelStream())
            into.writers += each.writers
            into.readers += each.readers
            into.carriers += each.carriers
            into.blocks |= each.blocks
            into.is_fixed |= each.is_fixed
        return list(whole.values())

    def run_node(self, n: fx.Node) -> Any:
        # Values may be changed in place.
        shapes = {each: tuple(self.env[each].shape) for each in n.all_input_nodes if self._is(each)}
        made = super().run_node(n)
        self._stream_of[n] = self._behind(n, made, shapes)
        return made

    def _is(self, node: fx.Node) -> bool:
        return isinstance(self.env[node], Tensor)

    def _behind(self, node: fx.Node, made: Any, shapes: Mapping[fx.Node, tuple[int, ...]]) -> int:
        taken = [self._stream_of[each] for each in node.all_input_nodes]
        shape = tuple(made.shape) if isinstance(made, Tensor) else ()
        if node.op == "call_module" and len(taken) == 1 and len(shape) in (2, 4):
            return self._behind_module(node, taken[0], shape, shapes[node.all_input_nodes[0]])
        channels = {each[1] for each in shapes.values() if len(each) in (2, 4)}
        is_joined = node.target in _JOINING and len(channels) == 1 and len(taken) == 2
        if node.op == "call_function" and is_joined and len(shapes) == 2:
            return self._united(taken[0], taken[1])
        is_passing = node.target in _PASSING_FUNCTIONS and len(taken) == 1
        if is_passing or self._flattens(node, shape, shapes):
            return taken[0]
        return self._new(is_fixed=True, fixes=taken)

    def _flattens(
        self, node: fx.Node, shape: tuple[int, ...], shapes: Mapping[fx.Node, tuple[int, ...]]
    ) -> bool:
        (before,) = shapes.values() if len(shapes) == 1 else ((),)
        is_flat = node.target in (torch.flatten, "flatten") and before[2:] == (1, 1)
        return is_flat and shape == before[:2]

    def _behind_module(
        self, node: fx.Node, taken: int, shape: tuple[int, ...], before: tuple[int, ...]
    ) -> int:
        layer = self.fetch_attr(str(node.target))
        block = str(node.target).partition(".")[0]
        again, parts = layer in self._seen, self._streams
        self._seen.add(layer)
        if again and [*layer.parameters()]:
            return self._new(is_fixed=True, fixes=[taken])
        is_flat = isinstance(layer, nn.Flatten) and before == (*shape, 1, 1)
        if isinstance(layer, _PASSING) or is_flat:
            return taken
        groups = getattr(layer, "groups", 1)
        is_alone = isinstance(layer, nn.Conv2d) and groups == shape[1] == before[1]
        if isinstance(layer, nn.BatchNorm2d) or (is_alone and groups > 1):
            parts[taken].carriers.append(layer)
            parts[taken].blocks.add(block)
            return taken
        is_mixing = isinstance(layer, nn.Conv2d) or (
            isinstance(layer, nn.Linear) and len(before) == 2
        )
        if not is_mixing or groups > 1:
            return self._new(is_fixed=True, fixes=[taken])
        parts[taken].readers.append(layer)
        parts[taken].blocks.add(block)
        made = self._new()
        parts[made].writers.append(layer)
        parts[made].blocks.add(block)
        return made

    def _new(self, is_fixed: bool = False, fixes: list[int] | None = None) -> int:
        for number in fixes or ():
            self._streams[number].is_fixed = True
        self._streams.append(ChannelStream(is_fixed=is_fixed))
        self._same_as.append(len(self._same_as))
        return len(self._streams) - 1

    def _root(self, number: int) -> int:
        while self._same_as[number] != number:
            number = self._same_as[number]
        return number

    def _united(self, one: int, other: int) -> int:
        self._same_as[self._root(other)] = self._root(one)
        return one
