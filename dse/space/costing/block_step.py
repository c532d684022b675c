"""What one training step of a block takes, wherever it stands.

A tensor between two blocks lives in one storage that either of them may keep for the backward pass,
so it is told apart from what the block makes for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dse.counting import Gradients, HandedOn, TensorSpec, tensors_of


@dataclass(frozen=True, slots=True)
class BlockStep:
    """One training step of a block on one input; bytes, without its input's storages.

    What enters and what leaves is one tensor or several, each on a storage of its own.
    """

    weight_bytes: int
    state_bytes: int
    forward_peak: int
    kept_bytes: int
    """What it keeps for the backward pass, its output's storages apart."""
    cached_bytes: int
    """What autocast keeps until the whole forward pass has ended."""
    keeps_input: tuple[bool, ...]
    keeps_output: tuple[bool, ...]
    saved_bytes: int
    """What PyTorch's hooks see saved, its output's storages apart."""
    saves_input: tuple[bool, ...]
    saves_output: tuple[bool, ...]
    backward_peaks: tuple[int, ...]
    """By which storages are held by others, of each tensor that enters, and of all that leave (for
    one that enters, 2 × + 1 ×); a storage held by others does not count."""
    gradient_bytes: int
    """Of its parameters, and of one that it borrows."""
    is_updated: bool
    """Whether the optimizer changes a parameter of it."""
    optimizer_peak: int
    """What the optimizer's step takes besides gradients and state."""
    optimizer_first: int
    """What it takes while it still holds what was left of the block before."""
    optimizer_left: int
    """What it still holds of the block's last parameter when it comes to the next."""
    output: HandedOn
    output_bytes: tuple[int, ...]
    """Of the storage of each tensor of its output."""
    views: tuple[int | None, ...]
    """Which tensor that enters each tensor of its output is a view of; None for a new one."""
    has_gradient: tuple[bool, ...]
    """Whether each tensor of its output requires a gradient."""
    input_gradient: Gradients | None
    """What it hands back; None for nothing at all."""

    @property
    def is_view(self) -> bool:
        """Whether its output is one tensor that is a view of its one input."""
        return self.views == (0,) and len(self.keeps_input) == 1


def one_tensor(handed: HandedOn) -> TensorSpec:
    """Return the one tensor that is handed on where there is one, as between operations."""
    (tensor,) = tensors_of(handed)
    return tensor


def case_of(held: Sequence[bool], holds_output: bool) -> int:
    """Return the index in `BlockStep.backward_peaks`.

    Args:
        held: whether others hold the storage of each tensor that enters.
        holds_output: whether others hold those of what leaves.
    """
    number = 0
    for each in (*held, holds_output):
        number = 2 * number + each
    return number
