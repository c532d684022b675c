"""The layouts of the weights of a block, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from torch import nn
from torchvision.ops import SqueezeExcitation

from dse.supernet.layouts import Extent, Layout, SharedFactor, as_a_whole, extent, length, product

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_ENTRY_BLOCKS = (
    *("norm_act", "classifier", "conv_norm_act", "dense_transition", "dense_block", "fire"),
    *("linear_norm_act", "linear", "norm_classifier", "conv_classifier", "act_conv_norm"),
    *("cell_input", "reducing_skip", "separable_twice", "dilated_separable"),
    "padded_average_pool",
)
"""Blocks that run in a row from what enters them, whose first layers read that."""
_KEEPING = (
    *("norm_act", "max_pool", "average_pool", "padded_max_pool", "padded_average_pool"),
    "reducing_skip",
)
"""Blocks that leave channels as they are, where they have no convolution."""
_HALVED = "FactorizedReduction"
"""The class whose two halves of channels two convolutions make of all that enters."""


class LayerWeights(NamedTuple):
    """The tensors that a layer of a block has of its own."""

    path: str
    """Of the layer within the block."""
    token: str
    """What it is: layers of two blocks may only be the same where theirs are equal."""
    layouts: tuple[tuple[str, Layout], ...]
    """By the names of its parameters."""


def layers_of(module: nn.Module, block: str, entering: Extent) -> list[LayerWeights]:
    """Return the layers of a block that have weights, in order.

    Args:
        module: the block, whose weights may be on the meta device.
        block: its name.
        entering: the channels that enter it.
    """
    special = _special(module)
    special |= _entries(module, block, entering)
    gates = {
        f"{name}." for name, each in module.named_modules() if isinstance(each, SqueezeExcitation)
    }
    found = []
    for path, layer in module.named_modules():
        # What is not trained, such as sines of positions, is each candidate's own.
        every = layer.named_parameters(recurse=False)
        own = {name: parameter for name, parameter in every if parameter.requires_grad}
        if not own:
            continue
        layouts = []
        for name, parameter in own.items():
            layout = _usual(layer, name, tuple(parameter.shape))
            for dimension, given in special.get(_joined(path, name), {}).items():
                layout = (*layout[:dimension], given, *layout[dimension + 1 :])
            layouts.append((name, layout))
        gate = "gate " if any(path.startswith(prefix) for prefix in gates) else ""
        dims = " ".join(f"{n}{p.dim()}" for n, p in own.items() if n != "bias")
        token = f"{gate}{_variety(layer)} {dims}"
        found.append(LayerWeights(path, token, tuple(layouts)))
    return found


def leaving_extent(
    block: str, module: nn.Module, entering: Extent, input_shape: tuple[int, ...]
) -> Extent | None:
    """Return the channels that leave a block, where they are of several parts; None for others."""
    parts: Any = module
    if type(module).__name__ == _HALVED:
        return (*extent(parts.even.out_channels), *extent(parts.odd.out_channels))
    if block in _KEEPING and not any(isinstance(each, _CONVOLUTIONS) for each in module.modules()):
        return entering
    if block == "dense_block":
        layers: list[Any] = [*module.children()]
        grown = [layer.conv2.out_channels for layer in layers]
        return (*entering, *(extent(size)[0] for size in grown))
    if block == "fire":
        return (*extent(parts.expand1x1.out_channels), *extent(parts.expand3x3.out_channels))
    if block == "flatten" and len(input_shape) > 1:
        places = tuple(SharedFactor(size, "places") for size in input_shape[1:])
        return tuple((*part, *places) for part in entering)
    return None


def without_parts(layers: list[LayerWeights]) -> list[LayerWeights]:
    """Return layers whose packed dimensions are not told apart into their parts."""
    return [
        each._replace(
            layouts=tuple((n, tuple(map(as_a_whole, layout))) for n, layout in each.layouts)
        )
        for each in layers
    ]


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _variety(layer: nn.Module) -> str:
    name = type(layer).__name__
    if not isinstance(layer, _CONVOLUTIONS) or layer.groups == 1:
        return name
    return f"{name} depthwise" if layer.groups == layer.in_channels else f"{name} grouped"


def _usual(layer: nn.Module, name: str, shape: tuple[int, ...]) -> Layout:
    """Return the layout of a parameter by the class of its layer."""
    if isinstance(layer, _CONVOLUTIONS) and name == "weight":
        out, inner = extent(shape[0]), extent(shape[1])
        if layer.groups == layer.in_channels > 1:
            out = product((layer.groups, "channels"), (shape[0] // layer.groups, "group"))
        elif layer.groups > 1:
            out = product((layer.groups, "channels"), (shape[0] // layer.groups, "group"))
            inner = extent(shape[1], "group")
        return (out, inner, *(extent(size, "kernel") for size in shape[2:]))
    if isinstance(layer, nn.Embedding):
        return extent(shape[0], "entries"), extent(shape[1])
    if name == "pos_embedding":
        return extent(shape[0]), extent(shape[1], "positions"), extent(shape[2])
    return tuple(map(extent, shape))


Special = dict[str, dict[int, Extent]]


def _special(module: nn.Module) -> Special:
    """Return the dimensions of a block's parameters that are packed."""
    found: Special = {}
    for path, layer in module.named_modules():
        for kind in type(layer).__mro__:
            packed = _PACKED.get(kind.__name__)
            if packed is not None:
                own = {name for name, _ in layer.named_parameters()}
                for name, given in packed(layer).items():
                    if name in own:
                        found[_joined(path, name)] = given
    return found


def _multi_head(layer: Any) -> Special:
    heads = ((layer.num_heads, "heads"), (layer.head_dim, "channels"))
    packed = {0: product((3, "channels"), *heads)}
    return {
        "in_proj_weight": packed,
        "in_proj_bias": packed,
        "out_proj.weight": {1: product(*heads)},
    }


def _windowed(layer: Any) -> Special:
    width = layer.qkv.in_features // layer.num_heads
    heads = ((layer.num_heads, "heads"), (width, "channels"))
    packed = {0: product((3, "channels"), *heads)}
    return {
        "qkv.weight": packed,
        "qkv.bias": packed,
        "proj.weight": {1: product(*heads)},
        "relative_position_bias_table": {
            0: product(*((2 * size - 1, "kernel") for size in layer.window_size)),
            1: extent(layer.num_heads, "heads"),
        },
        "logit_scale": {0: extent(layer.num_heads, "heads")},
        "cpb_mlp.2.weight": {0: extent(layer.num_heads, "heads")},
    }


def _of_grids(layer: Any) -> Special:
    heads = ((layer.n_heads, "heads"), (layer.head_dim, "channels"))
    packed = {0: product((3, "channels"), *heads)}
    span = (2 * layer.size - 1, "kernel")
    return {
        "to_qkv.weight": packed,
        "to_qkv.bias": packed,
        "merge.weight": {1: product(*heads)},
        "relative_position_bias_table": {
            0: product(span, span),
            1: extent(layer.n_heads, "heads"),
        },
    }


def _grouped(layer: Any) -> Special:
    groups, width = (layer.kv_heads, "heads"), (layer.head_dim, "channels")
    query = product(groups, (layer.heads // layer.kv_heads, "heads"), width)
    key = product(groups, width)
    found: Special = {"output.weight": {1: query}}
    for name, packed in (("query", query), ("key", key), ("value", key)):
        found |= {f"{name}.weight": {0: packed}, f"{name}.bias": {0: packed}}
    if not layer.norm_of_heads:
        found |= {"query_norm.weight": {0: query}, "key_norm.weight": {0: key}}
    return found


def _experts(layer: Any) -> Special:
    experts, _, hidden = layer.down.shape
    first = extent(experts, "experts")
    return {
        "gate_up": {0: first, 1: product((2, "channels"), (hidden, "channels"))},
        "down": {0: first},
    }


def _router(layer: Any) -> Special:
    return {"router.weight": {0: extent(layer.router.out_features, "experts")}}


def _positions(layer: Any) -> Special:
    return {"scores.weight": {1: extent(layer.scores.embedding_dim, "heads")}}


def _halved(layer: Any) -> Special:
    halves = (*extent(layer.even.out_channels), *extent(layer.odd.out_channels))
    return {"norm.weight": {0: halves}, "norm.bias": {0: halves}}


def _merging(layer: Any) -> Special:
    packed = product((4, "channels"), (layer.reduction.in_features // 4, "channels"))
    found: Special = {"reduction.weight": {1: packed}}
    if layer.norm.normalized_shape[0] == layer.reduction.in_features:
        found |= {"norm.weight": {0: packed}, "norm.bias": {0: packed}}
    return found


def _merging_behind(layer: Any) -> Special:
    return {
        "reduction.weight": {
            1: product((4, "channels"), (layer.reduction.in_features // 4, "channels"))
        }
    }


_PACKED: Mapping[str, Callable[[Any], Special]] = {
    "MultiheadAttention": _multi_head,
    "ShiftedWindowAttention": _windowed,
    "RelativePositionalMultiHeadAttention": _of_grids,
    "PatchMerging": _merging,
    "PatchMergingV2": _merging_behind,
    "GroupedAttention": _grouped,
    "Experts": _experts,
    "MixtureOfExperts": _router,
    "RelativePositions": _positions,
    _HALVED: _halved,
}
"""By the name of a class of PyTorch, torchvision or dse: which dimensions are packed."""


def _entries(module: nn.Module, block: str, entering: Extent) -> Special:
    """Return the dimensions that read what enters a block, where that is of several parts."""
    if block not in _ENTRY_BLOCKS:
        return {}
    if block == "dense_block":
        return _of_dense_block(module, entering)
    found: Special = {}
    reading = entering
    for path, layer in module.named_modules():
        if isinstance(layer, nn.AdaptiveAvgPool2d) and layer.output_size not in (1, (1, 1)):
            side: Any = layer.output_size
            sides = (side, side) if isinstance(side, int) else side
            places = tuple(SharedFactor(size, "places") for size in sides)
            reading = tuple((*part, *places) for part in reading)
        if type(layer).__name__ == _HALVED:
            halves = (_joined(path, name) for name in ("even.weight", "odd.weight"))
            return found | {name: {1: reading} for name in halves}
        if isinstance(layer, nn.Linear) or (isinstance(layer, _CONVOLUTIONS) and layer.groups == 1):
            if layer.weight.shape[1] == length(reading):
                found[_joined(path, "weight")] = {1: reading}
            break
        own = dict(layer.named_parameters(recurse=False))
        if isinstance(layer, _CONVOLUTIONS):
            of_each = tuple((*part, SharedFactor(1, "group")) for part in reading)
            if layer.groups == layer.out_channels == length(reading):
                found[_joined(path, "weight")] = {0: of_each}
        for name, parameter in own.items():
            if parameter.dim() == 1 and len(parameter) == length(reading):
                found[_joined(path, name)] = {0: reading}
    return found


def _of_dense_block(module: nn.Module, entering: Extent) -> Special:
    found: Special = {}
    reading = entering
    for name, layer in module.named_children():
        parts: Any = layer
        found |= {f"{name}.norm1.{each}": {0: reading} for each in ("weight", "bias")}
        found[f"{name}.conv1.weight"] = {1: reading}
        reading = (*reading, extent(parts.conv2.out_channels)[0])
    return found
