"""Activation checkpointing: blocks that keep their input alone, and run again in the backward pass.

See "Training Deep Nets with Sublinear Memory Cost" (arXiv:1604.06174) and
`torch.utils.checkpoint`, which runs here as it does anywhere.
"""

from __future__ import annotations

from typing import Any

from torch import nn
from torch.utils.checkpoint import checkpoint

from dse.errors import DseError


class Checkpointed(nn.Module):
    """A module under `torch.utils.checkpoint`, in the way that PyTorch recommends."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *inputs: Any) -> Any:
        """Return what the module makes of its inputs."""
        return checkpoint(self.module, *inputs, use_reentrant=False)


def with_checkpoints(model: nn.Module) -> nn.Module:
    """Return a sequence of modules with each of them under a checkpoint; it is not touched.

    Raises:
        DseError: for a model that is no `nn.Sequential`, of which nobody says what its blocks are.
    """
    if type(model) is not nn.Sequential:
        raise DseError(
            f"checkpointing: block is of networks of blocks in a row, and {type(model).__name__} "
            "is none"
        )
    whole = nn.Sequential(*map(Checkpointed, model))
    whole.training = model.training
    return whole
