"""Blocks of ConvNeXt (arXiv:2201.03545) and MaxViT (arXiv:2204.01697).

Stochastic depth, which acts in training alone, is off.
"""

from __future__ import annotations

from torch import nn
from torchvision.models.convnext import CNBlock
from torchvision.models.maxvit import MaxVitLayer

from dse.errors import DseError
from dse.space.blocks.block_registry import register
from dse.space.blocks.named_layers import find_norm


@register
def convnext_block(in_channels: int, *, layer_scale: float = 1e-6) -> nn.Module:
    """7×7 depthwise convolution, layer norm, two linear layers with GELU, scaled residual."""
    module: nn.Module = CNBlock(in_channels, layer_scale, 0.0)
    return module


@register
def maxvit_layer(
    in_channels: int,
    input_shape: tuple[int, ...],
    channels: int,
    *,
    stride: int = 1,
    window: int = 7,
    head_width: int = 32,
    expansion: float = 4,
    mlp_ratio: int = 4,
    squeeze_excite: float = 0.25,
) -> nn.Module:
    """Inverted residual, then attention within windows, then attention across a grid."""
    height, width = ((size - 1) // stride + 1 for size in input_shape[1:])
    if height % window or width % window:
        raise DseError(f"a map of {height}×{width} does not divide into windows of {window}")
    module: nn.Module = MaxVitLayer(
        in_channels=in_channels,
        out_channels=channels,
        squeeze_ratio=squeeze_excite,
        expansion_ratio=expansion,
        stride=stride,
        norm_layer=find_norm("batch_mobilenet_v3"),
        activation_layer=nn.GELU,
        head_dim=head_width,
        mlp_ratio=mlp_ratio,
        mlp_dropout=0.0,
        attention_dropout=0.0,
        p_stochastic_dropout=0.0,
        partition_size=window,
        grid_size=(height, width),
    )
    return module
