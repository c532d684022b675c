"""Layers of multi-layer perceptrons: (N, features) -> (N, features)."""

from __future__ import annotations

from torch import nn

from dse.errors import DseError, nearest
from dse.space.blocks.block_registry import register
from dse.space.blocks.named_layers import activation_module

_NORMS = ("none", "batch", "layer")


@register
def flatten(in_channels: int) -> nn.Module:
    """(N, …) -> (N, features)."""
    return nn.Flatten(1)


@register
def linear_norm_act(
    in_features: int,
    features: int,
    *,
    norm: str = "none",
    activation: str = "relu",
    dropout: float = 0.0,
) -> nn.Module:
    """Linear layer, norm (none, batch or layer), activation and dropout."""
    if norm not in _NORMS:
        raise DseError(f"unknown norm {norm!r}; {nearest(norm, _NORMS)}")
    layers: list[nn.Module] = [nn.Linear(in_features, features)]
    if norm != "none":
        layers.append(nn.BatchNorm1d(features) if norm == "batch" else nn.LayerNorm(features))
    layers.append(activation_module(activation))
    return nn.Sequential(*layers, *([nn.Dropout(dropout)] if dropout else []))


@register
def linear(in_features: int, features: int) -> nn.Module:
    """One linear layer."""
    return nn.Linear(in_features, features)
