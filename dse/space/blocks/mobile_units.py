"""Units of networks for phones and microcontrollers: separable ones, and inverted residuals."""

from __future__ import annotations

from torch import Tensor, nn
from torchvision.ops import Conv2dNormActivation

from dse.errors import DseError
from dse.language import round_to
from dse.space.blocks.block_registry import register
from dse.space.blocks.convolutional import conv_norm_act


@register
def separable(
    in_channels: int,
    channels: int,
    *,
    kernel: int = 3,
    stride: int = 1,
    bias: bool = False,
    norm: str = "batch",
    activation: str = "relu",
) -> nn.Module:
    """Depthwise convolution, then 1×1, each with norm and activation: arXiv:1704.04861."""
    return nn.Sequential(
        conv_norm_act(
            in_channels,
            in_channels,
            kernel=kernel,
            stride=stride,
            groups=in_channels,
            bias=bias,
            norm=norm,
            activation=activation,
        ),
        conv_norm_act(in_channels, channels, kernel=1, bias=bias, norm=norm, activation=activation),
    )


class DepthwiseResidual(nn.Module):
    """1×1, depthwise and 1×1 convolutions, with a residual: maps to maps.

    Args:
        in_channels: of the maps.
        hidden: channels of the depthwise convolution.
        channels: of what leaves.
        kernel: of the depthwise convolution.
        stride: of it.
        groups: of both 1×1 convolutions, between which channels are then shuffled.
        expands: whether there is a first convolution.
        activation: behind the first two.
    """

    def __init__(
        self,
        in_channels: int,
        hidden: int,
        channels: int,
        kernel: int,
        stride: int,
        groups: int,
        expands: bool,
        activation: type[nn.Module],
    ) -> None:
        super().__init__()
        self.is_residual = stride == 1 and in_channels == channels
        self.expand = None
        if expands:
            self.expand = Conv2dNormActivation(
                in_channels,
                hidden,
                kernel_size=1,
                groups=groups,
                activation_layer=activation,
            )
        self.shuffle = nn.ChannelShuffle(groups) if groups > 1 else None
        self.depthwise = Conv2dNormActivation(
            hidden,
            hidden,
            kernel_size=kernel,
            stride=stride,
            groups=hidden,
            activation_layer=activation,
        )
        self.project = Conv2dNormActivation(
            hidden,
            channels,
            kernel_size=1,
            groups=groups,
            activation_layer=None,
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return what the convolutions add to maps, where shapes allow, or make."""
        hidden = images if self.expand is None else self.expand(images)
        if self.shuffle is not None:
            hidden = self.shuffle(hidden)
        output: Tensor = self.project(self.depthwise(hidden))
        return images + output if self.is_residual else output


@register
def fbnet_unit(
    in_channels: int,
    channels: int,
    *,
    kernel: int = 3,
    stride: int = 1,
    expansion: float = 6,
    groups: int = 1,
) -> nn.Module:
    """Inverted residual of FBNet, arXiv:1812.03443 figure 3: its first convolution is always there.

    `groups` is of both 1×1 convolutions, with a shuffle of channels between them.
    """
    hidden = round_to(in_channels * expansion, 8) if expansion != 1 else in_channels
    for number in (in_channels, hidden, channels):
        if number % groups:
            raise DseError(f"{number} channels do not divide into {groups} groups")
    return DepthwiseResidual(
        in_channels, hidden, channels, kernel, stride, groups, expands=True, activation=nn.ReLU
    )
