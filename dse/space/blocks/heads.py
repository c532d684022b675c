"""Heads: from feature maps to one score a class."""

from __future__ import annotations

from torch import nn

from dse.errors import DseError
from dse.space.blocks.block_registry import register
from dse.space.blocks.named_layers import activation_module, find_norm


@register
def classifier(
    in_channels: int,
    classes: int = 1000,
    *,
    pool: int = 1,
    hidden: int = 0,
    hidden_layers: int = 1,
    activation: str = "relu",
    dropout: float = 0.0,
) -> nn.Module:
    """Average pooling to `pool` × `pool`, hidden layers if any, and a linear layer to the classes.

    Each hidden layer is linear, activation, dropout; without one, dropout precedes the last layer.
    """
    layers: list[nn.Module] = [nn.AdaptiveAvgPool2d(pool), nn.Flatten(1)]
    features = in_channels * pool * pool
    for _ in range(hidden_layers if hidden else 0):
        layers += [nn.Linear(features, hidden), activation_module(activation)]
        layers += [nn.Dropout(dropout)] if dropout else []
        features = hidden
    if dropout and not hidden:
        layers.append(nn.Dropout(dropout))
    return nn.Sequential(*layers, nn.Linear(features, classes))


@register
def conv_classifier(in_channels: int, classes: int = 1000, *, dropout: float = 0.0) -> nn.Module:
    """1×1 convolution to the classes, ReLU and average pooling: SqueezeNet (arXiv:1602.07360)."""
    layers: list[nn.Module] = [nn.Dropout(dropout)] if dropout else []
    layers += [nn.Conv2d(in_channels, classes, kernel_size=1), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(1))


@register
def norm_classifier(
    in_channels: int, classes: int = 1000, *, norm: str = "layer_convnext"
) -> nn.Module:
    """Average pooling, norm and a linear layer: ConvNeXt (arXiv:2201.03545)."""
    layer = find_norm(norm)
    if layer is None:
        raise DseError("norm_classifier needs a norm")
    return nn.Sequential(
        nn.AdaptiveAvgPool2d(1), layer(in_channels), nn.Flatten(1), nn.Linear(in_channels, classes)
    )


@register
def tanh_classifier(in_channels: int, classes: int = 1000) -> nn.Module:
    """Average pooling, layer norm, linear, tanh, linear without bias: MaxViT (arXiv:2204.01697)."""
    return nn.Sequential(
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(1),
        nn.LayerNorm(in_channels),
        nn.Linear(in_channels, in_channels),
        nn.Tanh(),
        nn.Linear(in_channels, classes, bias=False),
    )
