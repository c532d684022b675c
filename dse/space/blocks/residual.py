"""The residual blocks of ResNet, ResNeXt, Wide ResNet and RegNet, from torchvision."""

from __future__ import annotations

from torch import nn
from torchvision.models.regnet import ResBottleneckBlock
from torchvision.models.resnet import BasicBlock, Bottleneck, conv1x1

from dse.errors import DseError
from dse.space.blocks.block_registry import register


def _shortcut(in_channels: int, channels: int, stride: int) -> nn.Module | None:
    if stride == 1 and in_channels == channels:
        return None
    return nn.Sequential(conv1x1(in_channels, channels, stride), nn.BatchNorm2d(channels))


@register
def basic(
    in_channels: int, channels: int, *, stride: int = 1, groups: int = 1, group_width: int = 64
) -> nn.Module:
    """Two 3×3 convolutions with a shortcut (arXiv:1512.03385); it takes no groups."""
    shortcut = _shortcut(in_channels, channels, stride)
    module: nn.Module = BasicBlock(in_channels, channels, stride, shortcut, groups, group_width)
    return module


@register
def bottleneck(
    in_channels: int, channels: int, *, stride: int = 1, groups: int = 1, group_width: int = 64
) -> nn.Module:
    """1×1, 3×3, 1×1 convolutions with a shortcut (arXiv:1512.03385, groups arXiv:1611.05431).

    `channels` counts the output; the block is a quarter as wide inside at `group_width` 64, which
    scales the inner width, and `groups` multiplies it (ResNeXt 32x4d: 32 and 4).
    """
    if channels % Bottleneck.expansion:
        raise DseError(f"channels {channels} is not divisible by {Bottleneck.expansion}")
    shortcut = _shortcut(in_channels, channels, stride)
    planes = channels // Bottleneck.expansion
    module: nn.Module = Bottleneck(in_channels, planes, stride, shortcut, groups, group_width)
    return module


@register
def regnet_residual(
    in_channels: int,
    channels: int,
    *,
    stride: int = 1,
    group_width: int = 8,
    bottleneck: float = 1.0,
    squeeze_excite: float = 0.0,
) -> nn.Module:
    """1×1, grouped 3×3, 1×1 convolutions with a shortcut: RegNet and AnyNet, arXiv:2003.13678.

    `bottleneck` scales the inner channels, `squeeze_excite` is relative to the input channels and
    0 leaves it out (RegNetX; it is 0.25 in RegNetY).
    """
    module: nn.Module = ResBottleneckBlock(
        in_channels,
        channels,
        stride,
        nn.BatchNorm2d,
        nn.ReLU,
        group_width,
        bottleneck,
        squeeze_excite or None,
    )
    return module
