"""Blocks that concatenate what they made: DenseNet and SqueezeNet."""

from __future__ import annotations

from torch import nn
from torchvision.models.densenet import _DenseBlock, _Transition
from torchvision.models.squeezenet import Fire

from dse.errors import DseError
from dse.space.blocks.block_registry import register


@register
def dense_block(
    in_channels: int, *, layers: int, growth: int = 32, expansion: int = 4
) -> nn.Module:
    """Densely connected layers of 1×1 and 3×3 convolutions: DenseNet-B, arXiv:1608.06993.

    Each layer adds `growth` channels, from `expansion` × `growth` inside.
    """
    module: nn.Module = _DenseBlock(layers, in_channels, expansion, growth, 0.0)
    return module


@register
def dense_transition(in_channels: int, *, compression: float = 0.5) -> nn.Module:
    """Norm, ReLU, 1×1 convolution to a share of the channels, average pooling: DenseNet-C."""
    module: nn.Module = _Transition(in_channels, int(in_channels * compression))
    return module


@register
def fire(
    in_channels: int, channels: int, *, squeeze: float = 0.125, share_3x3: float = 0.5
) -> nn.Module:
    """1×1 convolution to few channels, then 1×1 and 3×3 side by side: SqueezeNet.

    `squeeze` is relative to the output channels, of which the 3×3 convolution makes `share_3x3`:
    the squeeze ratio and the share of 3×3 filters of arXiv:1602.07360, section 5.
    """
    of_3x3 = round(channels * share_3x3)
    squeezed = round(channels * squeeze)
    if squeezed < 1 or not 0 < of_3x3 < channels:
        raise DseError(f"no channels are left for a part of fire at {channels} channels")
    module: nn.Module = Fire(in_channels, squeezed, channels - of_3x3, of_3x3)
    return module
