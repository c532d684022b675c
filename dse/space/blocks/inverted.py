"""Inverted residual blocks: MobileNetV2, V3, MNASNet, EfficientNet and ShuffleNetV2.

Stochastic depth, which acts in training alone, is off.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import nn
from torchvision.models.efficientnet import (
    FusedMBConv,
    FusedMBConvConfig,
    MBConv,
    MBConvConfig,
)
from torchvision.models.mnasnet import _InvertedResidual
from torchvision.models.mobilenetv2 import InvertedResidual
from torchvision.models.mobilenetv3 import InvertedResidual as InvertedResidualV3
from torchvision.models.mobilenetv3 import InvertedResidualConfig
from torchvision.models.shufflenetv2 import InvertedResidual as ShuffleUnit
from torchvision.ops import Conv2dNormActivation, SqueezeExcitation

from dse.errors import DseError
from dse.language import round_to
from dse.space.blocks.block_registry import register
from dse.space.blocks.mobile_units import DepthwiseResidual
from dse.space.blocks.named_layers import find_activation, find_norm, in_place

_MNASNET_MOMENTUM = 1 - 0.9997


@register
def inverted_residual(
    in_channels: int, channels: int, *, stride: int = 1, expansion: float = 6, kernel: int = 3
) -> nn.Module:
    """1×1 expansion, depthwise convolution, 1×1 projection, residual where shapes allow.

    MobileNetV2, arXiv:1801.04381, whose `kernel` is 3; no first convolution at expansion 1.
    """
    if kernel != 3:
        hidden, expands = round(in_channels * expansion), expansion != 1
        shape = (in_channels, hidden, channels, kernel, stride)
        return DepthwiseResidual(*shape, groups=1, expands=expands, activation=nn.ReLU6)
    module: nn.Module = InvertedResidual(in_channels, channels, stride, expansion)
    return module


@register
def inverted_residual_v3(
    in_channels: int,
    channels: int,
    *,
    kernel: int = 3,
    stride: int = 1,
    expansion: float = 6,
    squeeze_excite: bool = False,
    activation: str = "relu",
    norm: str = "batch_mobilenet_v3",
) -> nn.Module:
    """Inverted residual with a kernel, squeeze-excite and hard-swish or ReLU of its own.

    MobileNetV3, arXiv:1905.02244; the hidden channels are rounded to a multiple of 8.
    """
    if activation not in ("relu", "hardswish"):
        raise DseError(f"inverted_residual_v3 takes relu or hardswish, not {activation!r}")
    hidden = round_to(in_channels * expansion, 8)
    name = "HS" if activation == "hardswish" else "RE"
    config = InvertedResidualConfig(
        in_channels, kernel, hidden, channels, bool(squeeze_excite), name, stride, 1, 1.0
    )
    # The configuration rounds the outer channels too; here they are what the page says.
    config.input_channels, config.out_channels = in_channels, channels
    module: nn.Module = InvertedResidualV3(config, find_norm(norm))
    return module


@register
def mobilenet_v3_head(
    in_channels: int,
    *,
    expansion: float = 6,
    norm: str = "batch_mobilenet_v3",
    activation: str = "hardswish",
) -> nn.Module:
    """1×1 convolution to `expansion` times the channels, norm and activation."""
    module: nn.Module = Conv2dNormActivation(
        in_channels,
        int(in_channels * expansion),
        kernel_size=1,
        norm_layer=find_norm(norm),
        activation_layer=find_activation(activation),
        inplace=in_place(activation),
    )
    return module


@register
def mnasnet_residual(
    in_channels: int, channels: int, *, kernel: int = 3, stride: int = 1, expansion: int = 3
) -> nn.Module:
    """Inverted residual of MNASNet, arXiv:1807.11626; kernel 3 or 5."""
    module: nn.Module = _InvertedResidual(
        in_channels, channels, kernel, stride, expansion, _MNASNET_MOMENTUM
    )
    return module


@register
def mbconv(
    in_channels: int,
    channels: int,
    *,
    kernel: int = 3,
    stride: int = 1,
    expansion: float = 6,
    squeeze_excite: float = 0.25,
    norm: str = "batch",
) -> nn.Module:
    """Inverted residual with SiLU and squeeze-excite: EfficientNet, arXiv:1905.11946.

    `squeeze_excite` is relative to the block's input channels; 0 leaves it out.
    """
    config = MBConvConfig(expansion, kernel, stride, in_channels, channels, 1)
    config.input_channels, config.out_channels = in_channels, channels
    squeeze: Callable[..., nn.Module] = _no_squeeze
    if squeeze_excite:
        squeeze = partial(_squeeze_to, channels=max(1, int(in_channels * squeeze_excite)))
    module: nn.Module = MBConv(config, 0.0, find_norm(norm), squeeze)
    return module


def _no_squeeze(expanded: int, _: int, activation: Callable[[], nn.Module]) -> nn.Module:
    return nn.Identity()


def _squeeze_to(
    expanded: int, _: int, activation: Callable[[], nn.Module], *, channels: int
) -> nn.Module:
    module: nn.Module = SqueezeExcitation(expanded, channels, activation=activation)
    return module


@register
def fused_mbconv(
    in_channels: int,
    channels: int,
    *,
    kernel: int = 3,
    stride: int = 1,
    expansion: float = 4,
    norm: str = "batch_efficientnet_v2",
) -> nn.Module:
    """Inverted residual with one full convolution: EfficientNetV2, arXiv:2104.00298."""
    config = FusedMBConvConfig(expansion, kernel, stride, in_channels, channels, 1)
    module: nn.Module = FusedMBConv(config, 0.0, find_norm(norm))
    return module


@register
def shuffle_unit(in_channels: int, channels: int, *, stride: int = 1) -> nn.Module:
    """Unit of ShuffleNetV2, arXiv:1807.11164; at stride 1 the channels stay as they are."""
    module: nn.Module = ShuffleUnit(in_channels, channels, stride)
    return module
