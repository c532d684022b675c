"""Swin Transformer, version 1 (arXiv:2103.14030) and 2 (arXiv:2111.09883).

Between blocks the channels come last: (N, H, W, C). Stochastic depth, which acts in training
alone, is off.
"""

from __future__ import annotations

from functools import partial

from torch import nn
from torchvision.models import swin_transformer as swin
from torchvision.ops import Permute

from dse.errors import DseError
from dse.space.blocks.block_registry import register

_NORM = partial(nn.LayerNorm, eps=1e-5)


@register
def patch_embedding(in_channels: int, features: int, *, patch: int = 4) -> nn.Module:
    """Convolution of patches, (N, C, H, W) -> (N, H / patch, W / patch, features), layer norm."""
    return nn.Sequential(
        nn.Conv2d(in_channels, features, kernel_size=patch, stride=patch),
        Permute([0, 2, 3, 1]),
        _NORM(features),
    )


def _heads(in_features: int, head_width: int) -> int:
    if in_features % head_width:
        raise DseError(f"{in_features} features do not divide into heads of {head_width}")
    return in_features // head_width


@register
def swin_block(
    in_features: int,
    *,
    window: int = 7,
    shift: int = 0,
    head_width: int = 32,
    mlp_ratio: float = 4.0,
) -> nn.Module:
    """Attention within windows, shifted by `shift`, and a two-layer perceptron."""
    module: nn.Module = swin.SwinTransformerBlock(
        in_features,
        _heads(in_features, head_width),
        [window, window],
        [shift, shift],
        mlp_ratio,
        norm_layer=_NORM,
    )
    return module


@register
def swin_v2_block(
    in_features: int,
    *,
    window: int = 8,
    shift: int = 0,
    head_width: int = 32,
    mlp_ratio: float = 4.0,
) -> nn.Module:
    """Cosine attention within windows with norms behind, and a two-layer perceptron."""
    if window < 2:
        raise DseError("the positions within a window of version 2 need a window of at least 2")
    module: nn.Module = swin.SwinTransformerBlockV2(
        in_features,
        _heads(in_features, head_width),
        [window, window],
        [shift, shift],
        mlp_ratio,
        norm_layer=_NORM,
    )
    return module


@register
def patch_merging(in_features: int) -> nn.Module:
    """Half the height and width, twice the features; layer norm in front."""
    module: nn.Module = swin.PatchMerging(in_features, _NORM)
    return module


@register
def patch_merging_v2(in_features: int) -> nn.Module:
    """Half the height and width, twice the features; layer norm behind."""
    module: nn.Module = swin.PatchMergingV2(in_features, _NORM)
    return module


@register
def channels_last_classifier(in_features: int, classes: int = 1000) -> nn.Module:
    """Layer norm, average pooling and a linear layer: (N, H, W, C) -> (N, classes)."""
    return nn.Sequential(
        _NORM(in_features),
        Permute([0, 3, 1, 2]),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(1),
        nn.Linear(in_features, classes),
    )
