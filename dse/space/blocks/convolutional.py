"""Blocks that many families share: stems, pooling and heads."""

from __future__ import annotations

from torch import nn
from torchvision.ops import Conv2dNormActivation

from dse.errors import DseError, nearest
from dse.space.blocks.registry import register

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "hardswish": nn.Hardswish,
    "silu": nn.SiLU,
}
"""Activations by name; each is built in place."""


@register
def conv_norm_act(
    in_channels: int,
    channels: int,
    *,
    kernel: int = 3,
    stride: int = 1,
    groups: int = 1,
    activation: str = "relu",
) -> nn.Module:
    """Convolution without bias, batch norm, activation; padded to keep the size at stride 1."""
    if activation not in ACTIVATIONS:
        raise DseError(f"unknown activation {activation!r}; {nearest(activation, ACTIVATIONS)}")
    module: nn.Module = Conv2dNormActivation(
        in_channels,
        channels,
        kernel_size=kernel,
        stride=stride,
        groups=groups,
        activation_layer=ACTIVATIONS[activation],
    )
    return module


@register
def max_pool(in_channels: int, *, kernel: int = 3, stride: int = 2) -> nn.Module:
    """Max pooling, padded by half the kernel."""
    return nn.MaxPool2d(kernel, stride, padding=kernel // 2)


@register
def classifier(in_channels: int, classes: int = 1000, *, dropout: float = 0.0) -> nn.Module:
    """Global average pooling, dropout and a linear layer: (N, C, H, W) -> (N, classes)."""
    layers: list[nn.Module] = [nn.AdaptiveAvgPool2d(1), nn.Flatten(1)]
    if dropout:
        layers.append(nn.Dropout(dropout))
    return nn.Sequential(*layers, nn.Linear(in_channels, classes))
