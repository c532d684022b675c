"""Convolutions and pooling that many families share."""

from __future__ import annotations

from torch import nn
from torchvision.ops import Conv2dNormActivation

from dse.errors import DseError
from dse.space.blocks.block_registry import register
from dse.space.blocks.named_layers import activation_module, find_activation, find_norm, in_place


@register
def conv_norm_act(
    in_channels: int,
    channels: int,
    *,
    kernel: int = 3,
    stride: int = 1,
    padding: int | None = None,
    groups: int = 1,
    bias: bool | None = None,
    norm: str = "batch",
    activation: str = "relu",
    kernel_width: int = 0,
    padding_width: int | None = None,
) -> nn.Module:
    """Convolution, norm, activation.

    It is padded to keep the size at stride 1, and has a bias where it has no norm, unless
    `padding` and `bias` say otherwise. A kernel is square, of `kernel`, and its padding too, unless
    `kernel_width` and `padding_width` say otherwise.
    """
    if padding_width is not None and padding is None:
        raise DseError("padding_width needs a padding, which is that of the height")
    size = (kernel, kernel_width) if kernel_width else kernel
    margin = padding if padding is None or padding_width is None else (padding, padding_width)
    module: nn.Module = Conv2dNormActivation(
        in_channels,
        channels,
        kernel_size=size,
        stride=stride,
        padding=margin,
        groups=groups,
        bias=bias,
        norm_layer=find_norm(norm),
        activation_layer=find_activation(activation),
        inplace=in_place(activation),
    )
    return module


@register
def norm_act(in_channels: int, *, norm: str = "batch", activation: str = "relu") -> nn.Module:
    """Norm and activation."""
    layer = find_norm(norm)
    return nn.Sequential(
        nn.Identity() if layer is None else layer(in_channels), activation_module(activation)
    )


@register
def norm_conv(
    in_channels: int,
    channels: int,
    *,
    kernel: int = 2,
    stride: int = 2,
    norm: str = "layer_convnext",
) -> nn.Module:
    """Norm, then a convolution without padding: the downsampling of ConvNeXt (arXiv:2201.03545)."""
    layer = find_norm(norm)
    return nn.Sequential(
        nn.Identity() if layer is None else layer(in_channels),
        nn.Conv2d(in_channels, channels, kernel, stride),
    )


@register
def max_pool(
    in_channels: int,
    *,
    kernel: int = 3,
    stride: int = 2,
    padding: int | None = None,
    ceil_mode: bool = False,
) -> nn.Module:
    """Max pooling, padded by half the kernel unless `padding` says otherwise."""
    return nn.MaxPool2d(
        kernel, stride, kernel // 2 if padding is None else padding, ceil_mode=ceil_mode
    )


@register
def average_pool(in_channels: int, *, size: int = 1) -> nn.Module:
    """Average pooling to maps of `size` × `size`."""
    return nn.AdaptiveAvgPool2d(size)


@register
def skip(in_channels: int, channels: int, *, stride: int = 1) -> nn.Module:
    """Identity; where the shape changes, a 1×1 convolution with norm."""
    if stride == 1 and in_channels == channels:
        return nn.Identity()
    module: nn.Module = Conv2dNormActivation(
        in_channels, channels, kernel_size=1, stride=stride, activation_layer=None
    )
    return module
