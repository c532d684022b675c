"""Rotary positions (arXiv:2104.09864), with the stretches of later models."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class Rotary(nn.Module):
    """Turns each pair of features of a head by an angle that grows with the position.

    Queries and keys, (N, heads, tokens, width) each -> the same. Frequency i is
    `base`^(−2i / width).

    Args:
        base: of the frequencies.
        factor: of longer contexts, by which frequencies are divided.
        context: of pre-training, in tokens: frequencies of many turns in it are then
            not divided, as in Llama 3.1; 0 divides all.
    """

    def __init__(self, base: float, factor: float = 1.0, context: int = 0) -> None:
        super().__init__()
        self.base, self.factor, self.context = base, factor, context

    def extra_repr(self) -> str:
        """Return the settings as the representation of a network shows them."""
        return f"base={self.base}, factor={self.factor}, context={self.context}"

    def forward(self, query: Tensor, key: Tensor, before: int) -> tuple[Tensor, Tensor]:
        """Return queries and keys with their positions in them, behind so many."""
        tokens, width = query.shape[-2:]
        positions = torch.arange(
            before,
            before + tokens,
            device=query.device,
            dtype=torch.float32,
        )
        angles = positions[:, None] * self._frequencies(width, query.device)
        angles = torch.cat([angles, angles], dim=-1)
        cosine, sine = angles.cos().to(query.dtype), angles.sin().to(query.dtype)
        return _turned(query, cosine, sine), _turned(key, cosine, sine)

    def _frequencies(self, width: int, device: torch.device) -> Tensor:
        pairs = torch.arange(0, width, 2, device=device, dtype=torch.float32)
        frequencies = 1.0 / self.base ** (pairs / width)
        if not self.context:
            return frequencies / self.factor
        turns = self.context * frequencies / (2 * math.pi)
        # Llama 3.1 stretches what turns once in full, what turns 4 times not at all.
        kept = ((turns - 1) / (4 - 1)).clamp(0, 1)
        return frequencies * (kept + (1 - kept) / self.factor)


def _turned(heads: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    first, second = heads.chunk(2, dim=-1)
    return heads * cosine + torch.cat([-second, first], dim=-1) * sine
