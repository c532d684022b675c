"""A block as a part of a network in which several tensors are handed on."""

from __future__ import annotations

from torch import Tensor, nn


class Routed(nn.Module):
    """Runs a block on some of the tensors that enter.

    Args:
        block: what runs.
        takes: the numbers of the tensors that it runs on.
        keeps: the numbers of those that are handed on in front of what it makes.
    """

    def __init__(
        self,
        block: nn.Module,
        takes: tuple[int, ...],
        keeps: tuple[int, ...],
    ) -> None:
        super().__init__()
        self.block = block
        self.takes, self.keeps = takes, keeps

    def forward(
        self,
        entering: Tensor | tuple[Tensor, ...],
    ) -> Tensor | tuple[Tensor, ...]:
        """Return what is kept and what the block makes; a single tensor as it is."""
        several = entering if isinstance(entering, tuple) else (entering,)
        made = self.block(*(several[number] for number in self.takes))
        made = made if isinstance(made, tuple) else (made,)
        leaving = (*(several[number] for number in self.keeps), *made)
        return leaving if len(leaving) > 1 else leaving[0]

    def extra_repr(self) -> str:
        """Return the route."""
        return f"takes={self.takes}, keeps={self.keeps}"
