"""What one training step of a model left behind: what it kept, and its peak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dse.counting.tensors import GradientSpec, HandedOn, Lifetime
from dse.counting.trace_records import Call, Operation
from dse.html_tables import FieldsShown


@dataclass(frozen=True, slots=True)
class TrainingStep(FieldsShown):
    """What one training step left behind."""

    operations: tuple[Operation, ...]
    calls: tuple[Call, ...]
    lifetimes: tuple[Lifetime, ...]
    """Of every storage but those of weights and of the optimizer's state."""
    inputs: tuple[Lifetime, ...]
    """The lifetimes among these of the model's inputs."""
    outputs: tuple[Lifetime, ...]
    """The lifetimes among these of the model's outputs."""
    weight_bytes: int
    state_bytes: int
    """Of the optimizer."""
    is_updated: bool
    """Whether the optimizer changes a parameter."""
    lent_bytes: int
    """Of the gradients that arrive, when the backward pass begins, at weights that it lends."""
    cached_bytes: int
    """Of the copies of weights that autocast keeps until the forward pass has ended."""
    forward_end: int
    """Number of operators of the forward pass."""
    backward_end: int
    """Number of operators when the backward pass had ended."""
    output: HandedOn | None
    """Of the output where it is a tensor or a tuple of tensors."""
    returns_input: bool
    """Whether the output is the very argument, of which autograd knows no step."""
    has_gradient: bool
    """Whether the output depends on anything that requires a gradient."""
    require_gradient: tuple[bool, ...]
    """The same of each tensor of the output."""
    input_gradients: tuple[GradientSpec | None, ...]
    """The gradients that came out at the inputs that one was asked for of; None where none did."""
    are_apart: bool
    """Whether each of these gradients has a storage of its own."""
    handed_back: Lifetime | None
    """The lifetime of that gradient's storage."""
    saw_autocast: bool
    """Whether autocast was on, by the model itself or from outside."""

    @property
    def saved_bytes(self) -> int:
        """Bytes of the distinct storages saved for the backward pass, weights apart."""
        return sum(lifetime.nbytes for lifetime in self.lifetimes if lifetime.saved)

    @property
    def peak_bytes(self) -> int:
        """Highest number of bytes alive at once, weights and optimizer state included."""
        activations = highest(self.lifetimes, 0, len(self.operations))
        return self.weight_bytes + self.state_bytes + activations


def highest(
    lifetimes: Sequence[Lifetime], first: int, end: int, without: Sequence[Lifetime] = ()
) -> int:
    """Return the highest number of bytes alive at once from operator `first` up to `end`.

    Args:
        lifetimes: of the storages to count.
        first: index of the first operator.
        end: index after that of the last.
        without: lifetimes among them that do not count.
    """
    if end <= first:
        return 0
    changes = [0] * (end - first + 1)
    left_out = {id(lifetime) for lifetime in without}
    for lifetime in lifetimes:
        died = end if lifetime.died is None else min(lifetime.died, end)
        born = max(lifetime.born, first)
        if born < died and id(lifetime) not in left_out:
            changes[born - first] += lifetime.nbytes
            changes[died - first] -= lifetime.nbytes
    peak = alive = 0
    for change in changes:
        alive += change
        peak = max(peak, alive)
    return peak
