"""Weights that somebody trained, to begin a supernet from; channels that count most in front."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from dse.counting import real_tensor
from dse.errors import DseError, nearest
from dse.space import Candidate, build_network, network_inputs
from dse.supernet.channel_streams import order_streams
from dse.supernet.layouts import Layout, put, shape_of, taken
from dse.supernet.shared_tensors import SharedWeights
from dse.supernet.supernet_file import read_content

IMPORTANCES = ("l1", "taylor", "none")
"""What channels are ordered by: the sum of their weights' magnitudes (arXiv:1608.08710), that of
weight × gradient (arXiv:1906.10771), or nothing."""

_LAYERS = (nn.Conv2d, nn.Linear)


@dataclass(frozen=True)
class StartingWeights:
    """What a supernet took of a network's weights."""

    whole: int
    """Tensors that were taken whole."""
    cut: int
    """Tensors of which it has room for a part."""
    left: int
    """Tensors that it has no place for."""
    ordered: int
    """Rows of channels that were ordered: within blocks, and between them."""


def start_from(
    shared: SharedWeights,
    candidate: Candidate,
    file: Path,
    importance: str = "l1",
    batch: tuple[Tensor, Tensor] | None = None,
) -> StartingWeights:
    """Take the weights of a trained network into a supernet.

    The file is a state dictionary of the model that the candidate equals, such as those that
    torchvision publishes: its tensors are matched in order, by their shapes.

    Args:
        shared: the supernet's.
        candidate: a network of the family, as one of its variants; it may be larger than any of the
            space, or smaller.
        file: the weights.
        importance: one of `IMPORTANCES`: what channels are ordered by before they are shared, those
            inside blocks and those that run through residuals.
        batch: images and labels for `taylor`.

    Raises:
        DseError: for a file that does not hold this network's weights.
    """
    if importance not in IMPORTANCES:
        raise DseError(
            f"supernet.importance: unknown {importance!r}; {nearest(importance, IMPORTANCES)}"
        )
    network = build_network(candidate)
    _load(network, read_content(file), file)
    ordered = 0
    if importance != "none":
        products = _products(network, importance, batch)

        def counts(layer: nn.Module, dimension: int) -> Tensor:
            return _along(products[layer], dimension, importance)

        ordered = order_channels(network, candidate, {each: counts(each, 0) for each in products})
        ordered += order_streams(network, _drawn(candidate), counts)
    found = [_take(shared, each) for each in _tensors(shared, candidate, network)]
    return StartingWeights(found.count("whole"), found.count("cut"), found.count("left"), ordered)


def _load(network: nn.Module, state: Mapping[str, Any], file: Path) -> None:
    own = network.state_dict()
    given = [each for each in state.values() if isinstance(each, Tensor)]
    if len(given) != len(state) or len(given) != len(own):
        raise DseError(f"{file}: it has {len(given)} tensors, and the network {len(own)}")
    for name, (ours, theirs) in zip(own, zip(own.values(), given, strict=True), strict=True):
        if ours.shape != theirs.shape:
            raise DseError(f"{file}: {[*theirs.shape]} stands where {name} has {[*ours.shape]}")
    network.load_state_dict(dict(zip(own, given, strict=True)))


def _tensors(
    shared: SharedWeights, candidate: Candidate, network: nn.Module
) -> list[tuple[str, str, str, Layout, Tensor]]:
    """Return place, layer and name of each parameter, with its layout and value."""
    own = dict(network.named_parameters(remove_duplicate=False))
    found: list[tuple[str, str, str, Layout, Tensor]] = []
    for number, placed in enumerate(shared.plan.placed(shared.family, candidate)):
        for part in placed.reading.parts:
            for layer in part.layers:
                for name, layout in layer.layouts:
                    path = ".".join(filter(None, (str(number), part.prefix, layer.path, name)))
                    role = f"{placed.role} {part.name}".rstrip()
                    found.append((role, f"{layer.path}\n{layer.token}", name, layout, own[path]))
    return found


def _take(shared: SharedWeights, tensor: tuple[str, str, str, Layout, Tensor]) -> str:
    role, which, name, wanted, value = tensor
    path, _, token = which.partition("\n")
    stored = shared.plan.storage_of(role, path, token, name, wanted)
    if stored is None:
        return "left"
    storage, layout = stored
    common = tuple(
        tuple(
            tuple(a._replace(size=min(a.size, b.size)) for a, b in zip(p, q, strict=True))
            for p, q in zip(some, more, strict=False)
        )
        for some, more in zip(layout, wanted, strict=True)
    )
    factors = shared.plan.factors
    part = taken(value.detach(), wanted, common, factors)
    put(shared.tensors[storage].detach(), layout, common, factors, part)
    return "whole" if shape_of(common) == shape_of(wanted) else "cut"


def _products(
    network: nn.Module, importance: str, batch: tuple[Tensor, Tensor] | None
) -> dict[nn.Module, Tensor]:
    """Return for each weight of each layer what it counts; sums of that are of channels."""
    layers = [each for each in network.modules() if isinstance(each, _LAYERS)]
    if importance == "l1":
        return {each: each.weight.detach().abs() for each in layers}
    if batch is None:
        raise DseError("supernet.importance: taylor needs images")
    images, labels = batch
    network.eval()
    loss = cross_entropy(network(images), labels)
    gradients = torch.autograd.grad(loss, [each.weight for each in layers])
    return {
        each: each.weight.detach() * gradient
        for each, gradient in zip(layers, gradients, strict=True)
    }


def _along(products: Tensor, dimension: int, importance: str) -> Tensor:
    """Return how much each row counts along a dimension of a weight: of outputs, or of inputs."""
    sums = products.transpose(0, dimension).flatten(1).sum(1)
    return sums if importance == "l1" else sums.square()


def _drawn(candidate: Candidate) -> Tensor:
    (given,), _ = network_inputs(candidate, 2)
    drawn: Tensor = real_tensor(torch.device("cpu"))(given, torch.float32)
    return drawn


def order_channels(
    network: nn.Module, candidate: Candidate, worth: Mapping[nn.Module, Tensor]
) -> int:
    """Put the channels inside blocks in the order of what they are worth, the greatest first.

    Between a layer and the next one that reads all it makes, channels have no order of their own.
    Whether they have is found by running the block before and after; where its output changes, it
    is left as it was.

    Returns:
        How many rows of channels were ordered.
    """
    ordered = 0
    value = _drawn(candidate)
    network.eval()
    with torch.no_grad():
        for block in network.children():
            leaving = block(value)
            for first, second in itertools.pairwise(_inner(block)):
                ordered += _reorder(block, first, second, worth[first], value, leaving)
            value = leaving
    return ordered


def _inner(block: nn.Module) -> list[Any]:
    """Return the layers of a block that mix channels, in order; gates are no part of the row."""
    gates = {
        inner
        for each in block.modules()
        if type(each).__name__ == "SqueezeExcitation"
        for inner in each.modules()
    }
    return [
        each
        for each in block.modules()
        if isinstance(each, _LAYERS) and each not in gates and getattr(each, "groups", 1) == 1
    ]


def _reorder(
    block: nn.Module, first: Any, second: Any, worth: Tensor, value: Tensor, leaving: Tensor
) -> bool:
    size = first.weight.shape[0]
    if second.weight.shape[1] != size:
        return False
    order = worth.argsort(descending=True, stable=True)
    before = {name: each.clone() for name, each in block.state_dict().items()}
    between = False
    for layer in block.modules():
        if layer is first:
            between = True
            _permute(layer, order, 0)
        elif layer is second:
            layer.weight.copy_(layer.weight[:, order])
            break
        elif between:
            _permute_between(layer, order, size)
    if torch.allclose(block(value), leaving, rtol=1e-3, atol=1e-4 * float(leaving.abs().max())):
        return True
    block.load_state_dict(before)
    return False


def _permute(layer: Any, order: Tensor, dimension: int) -> None:
    layer.weight.copy_(layer.weight.index_select(dimension, order))
    if layer.bias is not None:
        layer.bias.copy_(layer.bias[order])


def _permute_between(layer: Any, order: Tensor, size: int) -> None:
    """Let a layer that stands between two have its channels in another order."""
    if isinstance(layer, _LAYERS):
        if getattr(layer, "groups", 1) == size == layer.weight.shape[0] or (
            layer.weight.shape[0] == size and layer.weight.shape[1] != size
        ):
            _permute(layer, order, 0)
        elif layer.weight.shape[1] == size:
            layer.weight.copy_(layer.weight[:, order])
        return
    tensors = [*layer.named_parameters(recurse=False), *layer.named_buffers(recurse=False)]
    for _, tensor in tensors:
        if tensor.dim() == 1 and len(tensor) == size:
            tensor.copy_(tensor[order])
