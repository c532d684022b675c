"""The operations of DARTS, arXiv:1806.09055, as networks are trained that were found."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dse.space.blocks.block_registry import register
from dse.space.blocks.cells.cell_operations import act_conv_norm


class FactorizedReduction(nn.Module):
    """Half the height and width by two 1×1 convolutions, of even and of odd places.

    (N, in_channels, H, W) -> (N, channels, H / 2, W / 2), of even H and W.
    """

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.activation = nn.ReLU()
        self.even = nn.Conv2d(in_channels, channels // 2, 1, stride=2, bias=False)
        self.odd = nn.Conv2d(in_channels, channels // 2, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return the two halves of the channels, normalised."""
        x = self.activation(x)
        halves = torch.cat([self.even(x), self.odd(x[:, :, 1:, 1:])], dim=1)
        output: Tensor = self.norm(halves)
        return output


def _factorized(in_channels: int, channels: int, stride: int) -> nn.Module:
    if channels % 2:
        raise ValueError(f"channels {channels} have no halves")
    if stride != 2:
        raise ValueError(f"stride {stride}: maps are halved, by stride 2")
    return FactorizedReduction(in_channels, channels)


@register
def cell_input(in_channels: int, channels: int, *, stride: int = 1) -> nn.Module:
    """What a cell of DARTS does to a tensor that enters: ReLU, 1×1 convolution, norm.

    With stride 2, for a map that is larger than another one that enters, in two halves.
    """
    if stride == 1:
        return act_conv_norm(in_channels, channels, kernel=1)
    return _factorized(in_channels, channels, stride)


@register
def reducing_skip(in_channels: int, channels: int, *, stride: int = 1) -> nn.Module:
    """What enters, as it is; with stride 2 by 1×1 convolutions in two halves."""
    if stride == 1 and in_channels == channels:
        return nn.Identity()
    return _factorized(in_channels, channels, stride)


@register
def separable_twice(
    in_channels: int, channels: int, *, kernel: int = 3, stride: int = 1
) -> nn.Module:
    """ReLU, depthwise and 1×1 convolution and norm, twice; the first has the stride."""
    return nn.Sequential(
        *_separable(in_channels, in_channels, kernel, stride, 1),
        *_separable(in_channels, channels, kernel, 1, 1),
    )


@register
def dilated_separable(
    in_channels: int, channels: int, *, kernel: int = 3, stride: int = 1
) -> nn.Module:
    """ReLU, depthwise convolution of dilation 2, 1×1 convolution and norm."""
    return nn.Sequential(*_separable(in_channels, channels, kernel, stride, 2))


def _separable(
    in_channels: int, channels: int, kernel: int, stride: int, dilation: int
) -> tuple[nn.Module, ...]:
    padding = dilation * (kernel // 2)
    return (
        nn.ReLU(),
        nn.Conv2d(
            in_channels,
            in_channels,
            kernel,
            stride,
            padding,
            dilation,
            groups=in_channels,
            bias=False,
        ),
        nn.Conv2d(in_channels, channels, 1, bias=False),
        nn.BatchNorm2d(channels),
    )


@register
def padded_max_pool(
    in_channels: int, channels: int, *, kernel: int = 3, stride: int = 1
) -> nn.Module:
    """Maximum of windows around each place."""
    if in_channels != channels:
        raise ValueError(f"pooling makes no {channels} channels of {in_channels}")
    return nn.MaxPool2d(kernel, stride, kernel // 2)
