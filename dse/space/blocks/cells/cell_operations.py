"""The operations and the reduction of NAS-Bench-201 and its kin, arXiv:2001.00326."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dse.space.blocks.block_registry import register
from dse.space.blocks.named_layers import activation_module, find_norm


@register
def act_conv_norm(
    in_channels: int,
    channels: int,
    *,
    kernel: int = 3,
    stride: int = 1,
    groups: int = 1,
    norm: str = "batch",
    activation: str = "relu",
) -> nn.Module:
    """Activation, convolution without bias, norm: an operation of NAS-Bench-201.

    It leaves its input as it was, which other operations may take too.
    """
    layer = find_norm(norm)
    return nn.Sequential(
        activation_module(activation, inplace=False),
        nn.Conv2d(in_channels, channels, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.Identity() if layer is None else layer(channels),
    )


@register
def padded_average_pool(
    in_channels: int, channels: int, *, kernel: int = 3, stride: int = 1
) -> nn.Module:
    """Average pooling of windows around each place, whose padding does not count.

    Where the channels change, ReLU, a 1×1 convolution and a norm come first (arXiv:2001.00326).
    """
    pool = nn.AvgPool2d(kernel, stride, kernel // 2, count_include_pad=False)
    if in_channels == channels:
        return pool
    return nn.Sequential(act_conv_norm(in_channels, channels, kernel=1), pool)


class Zeros(nn.Module):
    """Zeros as a convolution would make them: 0 times the input, for its gradient."""

    def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.in_channels, self.channels, self.stride = in_channels, channels, stride

    def forward(self, x: Tensor) -> Tensor:
        """Return zeros."""
        if self.stride > 1:
            x = x[:, :, :: self.stride, :: self.stride]
        if self.in_channels == self.channels:
            return x.mul(0.0)
        return x[:, :1].mul(0.0).repeat(1, self.channels, 1, 1)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"{self.in_channels}, {self.channels}, stride={self.stride}"


@register
def none(in_channels: int, channels: int, *, stride: int = 1) -> nn.Module:
    """Zeros: in a cell, no edge."""
    return Zeros(in_channels, channels, stride)


class PreactivatedBasic(nn.Module):
    """Two convolutions in a row with a shortcut.

    Args:
        first: the first convolution, with what stands around it.
        second: the other one.
        shortcut: of the same shape as both.
    """

    def __init__(
        self,
        first: nn.Module,
        second: nn.Module,
        shortcut: nn.Module,
    ) -> None:
        super().__init__()
        self.conv_a, self.conv_b, self.shortcut = first, second, shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Return the shortcut plus what the convolutions make."""
        made = self.conv_b(self.conv_a(x))
        return torch.add(self.shortcut(x), made)


@register
def preactivated_basic(in_channels: int, channels: int, *, stride: int = 1) -> nn.Module:
    """Two 3×3 convolutions with ReLU in front, and a shortcut: the reduction of NAS-Bench-201.

    With a stride the shortcut is average pooling and a 1×1 convolution (arXiv:2001.00326).
    """
    first = act_conv_norm(in_channels, channels, stride=stride)
    return PreactivatedBasic(
        first, act_conv_norm(channels, channels), _shortcut(in_channels, channels, stride)
    )


def _shortcut(in_channels: int, channels: int, stride: int) -> nn.Module:
    if stride > 1:
        return nn.Sequential(nn.AvgPool2d(stride), nn.Conv2d(in_channels, channels, 1, bias=False))
    if in_channels != channels:
        return act_conv_norm(in_channels, channels, kernel=1)
    return nn.Identity()
