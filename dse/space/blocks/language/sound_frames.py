"""From frames of sound to tokens, as the encoder of Whisper has them (arXiv:2212.04356)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from dse.errors import DseError
from dse.space.blocks.block_registry import register


class FrameTokens(nn.Module):
    """(N, features, frames) -> (N, frames, features), with fixed positions added.

    Half of the features are sines, half are cosines of the position, over wavelengths
    from 2π to 10,000 · 2π.
    """

    def __init__(self, frames: int, features: int) -> None:
        super().__init__()
        number = features // 2
        steps = math.log(10_000) / (number - 1)
        waves = torch.exp(-steps * torch.arange(number))
        angles = torch.arange(frames)[:, None] * waves
        positions = torch.cat([angles.sin(), angles.cos()], dim=1)
        self.positions = nn.Parameter(positions, requires_grad=False)

    def forward(self, frames: Tensor) -> Tensor:
        """Return each frame as a token at its place."""
        return frames.transpose(1, 2) + self.positions


@register
def frame_tokens(input_shape: tuple[int, ...]) -> nn.Module:
    """Frames (N, features, frames) as tokens, with sines and cosines of their positions."""
    if len(input_shape) != 2 or input_shape[0] % 2 or input_shape[0] < 4:
        raise DseError("frame_tokens takes (N, features, frames), of an even number of features")
    features, frames = input_shape
    return FrameTokens(frames, features)
