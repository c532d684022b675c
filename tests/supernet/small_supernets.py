"""Small spaces of the shipped families of blocks, and supernets of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from dse.space import Budget, CostedPoint, read_family, read_grid, space_of
from dse.supernet import Supernet, plan_supernet
from dse.supernet.supernet_making import PlannedSupernet
from tests.space.shipped import family
from tests.space.test_training import SMALL

GRIDS: Mapping[str, Mapping[str, Any]] = {
    "alexnet": {"width": [0.25, 0.5], "hidden": [32, 64]},
    "anynet": {"width_1": [16, 32], "depth_3": [1, 2], "bottleneck": [1, 2], "depth_4": 1},
    "bert": {"hidden": [24, 48], "layers": [1, 2], "ffn": [16, 32]},
    "convnext": {"width": [16, 24], "depth_1": [1, 2]},
    "darts": {
        "width": [4, 8],
        "depth": [1, 2],
        "op_2_1": ["sep_conv_3x3", "sep_conv_5x5", "skip_connect"],
        "op_3_2": ["dil_conv_3x3", "avg_pool_3x3"],
        "reduction_op_2_1": ["sep_conv_3x3", "skip_connect"],
        "source_3_1": [0, 1],
    },
    "densenet": {"growth": [8, 16], "depth_1": [1, 2], "stem": [16, 32]},
    "ds_cnn": {"width": [8, 16], "depth": [2, 4], "kernel": [3, 5]},
    "efficientnet": {"expansion_2": [1, 6], "kernel_2": [3, 5], "squeeze_excite": [0, 0.25]},
    "efficientnet_compound": {"phi": [0, 0.5], "resolution": 32},
    "efficientnet_v2": {"width": [0.5, 1.0], "depth": 1, "expansion_4": [4, 6]},
    "fbnet": {"op_2_1": ["k3_e1", "skip"], "op_2_2": ["k3_e1", "k5_e6", "skip"]},
    "gpt2": {"hidden": [24, 48], "layers": [1, 2]},
    "llama": {
        "hidden": [24, 48],
        "heads": [2, 4],
        "style": ["llama", "qwen3"],
        "head_dim": [8, 16],
    },
    "maxvit": {"width": [32, 64], "depth_1": [1, 2], "window": 1},
    "mlp": {"width": [8, 16], "depth": [1, 3], "norm": ["none", "batch"]},
    "mnasnet": {"width": [0.5, 1.0], "kernel_1": [3, 5], "depth": 1},
    "mobilenet_v1": {"width": [0.25, 0.5], "depth": [1, 2], "bias": [True, False]},
    "mobilenet_v2": {"width": [0.5, 1.0], "depth": [0.5, 1.0], "expansion": [1, 6]},
    "mobilenet_v3": {"width": [0.5, 1.0], "squeeze_excite_2": [True, False], "depth": 1},
    "moe": {"hidden": [24, 48], "experts": [2, 4], "ffn": [16, 32], "shared_ffn": [0, 16]},
    "nas_bench_201": {
        "op_1_0": ["skip_connect", "avg_pool_3x3"],
        "op_2_1": ["none", "nor_conv_3x3"],
        "op_3_2": ["nor_conv_1x1", "nor_conv_3x3", "skip_connect"],
    },
    "nas_bench_macro": {"op_1_2": ["identity", "mb3_k3"], "op_2_2": ["identity", "mb6_k5"]},
    "nats_size": {"channels_1": [8, 16], "channels_3": [8, 16], "channels_5": [16, 32]},
    "ofa_mobilenet_v3": {
        "width": 0.25,
        "depth_1": [1, 2],
        "kernel_1": [3, 7],
        "expansion_2": [3, 6],
    },
    "proxyless": {"width": 0.25, "depth": 1, "depth_1": [1, 2], "kernel_1": [3, 5]},
    "regnet": {"depth": [8, 13], "w0": [16, 24], "group_width": 8},
    "resnet": {
        "width": [0.25, 0.5],
        "depth": 1,
        "depth_1": [1, 2],
        "block": ["basic", "bottleneck"],
    },
    "shufflenet_v2": {"width": [24, 48], "depth_1": [1, 3]},
    "squeezenet": {"width": [0.25, 0.5], "pooling": ["late", "early"], "share_3x3": [0.25, 0.5]},
    "swin": {"width": [32, 64], "depth_1": [1, 2], "head_width": [16, 32], "window": [2, 4]},
    "swin_v2": {"width": [32, 64], "depth_1": [1, 2], "head_width": [16, 32]},
    "t5": {
        "hidden": [24, 48],
        "heads": [2, 4],
        "ffn": [16, 32],
        "layers": [1, 2],
        "decoder_layers": [1, 2],
        "gated": [True, False],
    },
    "vgg": {"width": [0.125, 0.25], "depth_1": [1, 2], "norm": ["none", "batch"]},
    "vit": {"width": [24, 48], "depth": [1, 2], "heads": [6, 12], "patch": [16, 8]},
    "whisper": {"hidden": [24, 48], "layers": [1, 2]},
}
"""Axes of every kind, each with few values; the others are as small as `SMALL` has them."""


@cache
def small_plan(name: str) -> PlannedSupernet:
    """What a supernet of a small space of a family is."""
    grid = {**SMALL.get(name, {"resolution": 32}), **GRIDS[name]}
    found = space_of(read_grid(family(name), grid))
    return plan_supernet(found, Budget(), 8, 0)


@cache
def small_supernet(name: str) -> Supernet:
    """A supernet of it, with weights drawn from a seed."""
    planned = small_plan(name)
    return planned.supernet(dict(family(name).place.source.content), {}, {}, 0)


def points(name: str) -> tuple[CostedPoint, ...]:
    """The largest, the smallest and one between of its candidates."""
    found = small_plan(name).candidates.points
    return (found[0], found[-1], found[len(found) // 2])


def page_plan(page: Mapping[str, Any], grid: Mapping[str, Any]) -> PlannedSupernet:
    """What a supernet of a page and a grid is."""
    own = read_family("own", page, "own.yaml")
    return plan_supernet(space_of(read_grid(own, grid)), Budget(), 50, 0)


TINY = {
    "axes": {"width": 8, "kernel": 3, "groups": 1, "resolution": 8},
    "input": [1, "resolution", "resolution"],
    "blocks": [
        {"block": "conv_norm_act", "channels": "width"},
        {"block": "conv_norm_act", "channels": "width", "kernel": "kernel", "groups": "groups"},
        {"block": "classifier", "classes": 10},
    ],
}
"""A page of few weights, for digits."""
