"""Activations and norms by name, as pages write them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import nn
from torchvision.models.convnext import LayerNorm2d

from dse.errors import DseError, nearest

Layer = Callable[..., nn.Module]

ACTIVATIONS: dict[str, Layer | None] = {
    "none": None,
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "hardswish": nn.Hardswish,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "gelu_tanh": partial(nn.GELU, approximate="tanh"),
    "tanh": nn.Tanh,
}
"""Activations by name; each is built in place where PyTorch has it so."""

NORMS: dict[str, Layer | None] = {
    "none": None,
    "batch": nn.BatchNorm2d,
    "batch_mobilenet_v3": partial(nn.BatchNorm2d, eps=0.001, momentum=0.01),
    "batch_mnasnet": partial(nn.BatchNorm2d, momentum=1 - 0.9997),
    "batch_efficientnet_v2": partial(nn.BatchNorm2d, eps=0.001),
    "layer_convnext": partial(LayerNorm2d, eps=1e-6),
}
"""Norms of (N, C, H, W) by name: batch norm with the constants of several papers, layer norm."""


def find_activation(name: str) -> Layer | None:
    """Return what builds an activation; a `DseError` names the nearest one for an unknown name."""
    if name not in ACTIVATIONS:
        raise DseError(f"unknown activation {name!r}; {nearest(name, ACTIVATIONS)}")
    return ACTIVATIONS[name]


def find_norm(name: str) -> Layer | None:
    """Return what builds a norm; a `DseError` names the nearest one for an unknown name."""
    if name not in NORMS:
        raise DseError(f"unknown norm {name!r}; {nearest(name, NORMS)}")
    return NORMS[name]


def in_place(name: str) -> bool | None:
    """Return the `inplace` argument of an activation: None for those that do not have it."""
    return None if name in ("gelu", "gelu_tanh", "tanh") else True


def activation_module(name: str, inplace: bool = True) -> nn.Module:
    """Build an activation, in place where it can and may."""
    layer = find_activation(name)
    if layer is None:
        return nn.Identity()
    return layer() if not inplace or in_place(name) is None else layer(inplace=True)
