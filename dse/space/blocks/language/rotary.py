"""Rotary positions (arXiv:2104.09864), with the stretches of later models."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

_LOW, _HIGH = 1, 4
"""Turns within the context of pre-training below which a frequency is stretched in full, and above
which it is left alone (Llama 3.1)."""


class Rotary(nn.Module):
    """Turns each pair of features of a head by an angle that grows with the position.

    (N, heads, tokens, width) -> the same. Frequency i is `base`^(−2i / width).

    Args:
        base: of the frequencies.
        factor: of longer contexts, by which frequencies are divided.
        context: of pre-training, in tokens: frequencies of many turns in it are then not divided,
            as in Llama 3.1; 0 divides all.
    """

    def __init__(self, base: float, factor: float = 1.0, context: int = 0) -> None:
        super().__init__()
        self.base, self.factor, self.context = base, factor, context

    def extra_repr(self) -> str:
        """Return the settings as the representation of a network shows them."""
        return f"base={self.base}, factor={self.factor}, context={self.context}"

    def forward(self, heads: Tensor) -> Tensor:
        """Return heads with their positions in them."""
        tokens, width = heads.shape[-2:]
        positions = torch.arange(tokens, device=heads.device, dtype=torch.float32)
        angles = positions[:, None] * self._frequencies(width, heads.device)
        angles = torch.cat([angles, angles], dim=-1)
        first, second = heads.chunk(2, dim=-1)
        turned = torch.cat([-second, first], dim=-1)
        return heads * angles.cos().to(heads.dtype) + turned * angles.sin().to(heads.dtype)

    def _frequencies(self, width: int, device: torch.device) -> Tensor:
        exponents = torch.arange(0, width, 2, device=device, dtype=torch.float32) / width
        frequencies = 1.0 / self.base**exponents
        if not self.context:
            return frequencies / self.factor
        turns = self.context * frequencies / (2 * math.pi)
        kept = ((turns - _LOW) / (_HIGH - _LOW)).clamp(0, 1)
        return frequencies * (kept + (1 - kept) / self.factor)
