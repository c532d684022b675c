"""What a training step of a candidate takes, composed from steps of its blocks.

While a block runs forward, the weights, the optimizer's state, and what the blocks before it keep
for the backward pass are alive. While it runs backward, what the blocks before it keep and the
gradients of the blocks behind it. A tensor between two blocks lives in one storage that either of
them may keep.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dse.counting import GradientSpec, Lifetime, TensorSpec, TrainingStep, highest

NEVER = -(2**62)
"""A peak of nothing: lower than any other."""


@dataclass(frozen=True, slots=True)
class BlockStep:
    """One training step of a block on one input; bytes, without its input's storage."""

    weight_bytes: int
    state_bytes: int
    forward_peak: int
    kept_bytes: int
    """What it keeps for the backward pass, its output's storage apart."""
    cached_bytes: int
    """What autocast keeps until the whole forward pass has ended."""
    keeps_input: bool
    keeps_output: bool
    saved_bytes: int
    """What PyTorch's hooks see saved, its output's storage apart."""
    saves_input: bool
    saves_output: bool
    backward_peaks: tuple[int, int, int, int]
    """By whether the storage of its input, and of its output, are held by others (2 × + 1 ×); a
    storage held by others does not count."""
    gradient_bytes: int
    """Of its parameters."""
    optimizer_peak: int
    """What the optimizer's step takes besides gradients and state."""
    optimizer_first: int
    """What it takes while it still holds what was left of the block before."""
    optimizer_left: int
    """What it still holds of the block's last parameter when it comes to the next."""
    output: TensorSpec
    output_bytes: int
    """Of the storage of its output."""
    is_view: bool
    """Whether its output is a view of its input."""
    has_gradient: bool
    """Whether its output requires a gradient."""
    input_gradient: GradientSpec | None


@dataclass(frozen=True, slots=True)
class StepCosts:
    """What one training step of a network takes, in bytes."""

    saved_memory: int
    train_memory: int


def block_step(step: TrainingStep) -> BlockStep:
    """Return what composition needs to know of a training step of a block with one input."""
    (entering,) = step.inputs
    (leaving,) = step.outputs
    assert step.output is not None
    is_view = leaving is entering
    inner = [each for each in step.lifetimes if each is not entering and each is not leaving]

    def is_kept(lifetime: Lifetime) -> bool:
        return lifetime.died is None or lifetime.died > step.forward_end

    forward = [each for each in inner if each.born < step.forward_end]
    left = [each for each in inner if each.died is None or each.died > step.backward_end]
    return BlockStep(
        weight_bytes=step.weight_bytes,
        state_bytes=step.state_bytes,
        forward_peak=highest(step.lifetimes, 0, step.forward_end, without=[entering]),
        kept_bytes=sum(each.nbytes for each in forward if is_kept(each)),
        cached_bytes=step.cached_bytes,
        keeps_input=is_kept(entering),
        keeps_output=not is_view and is_kept(leaving),
        saved_bytes=sum(each.nbytes for each in inner if each.saved),
        saves_input=entering.saved,
        saves_output=not is_view and leaving.saved,
        backward_peaks=(
            highest(step.lifetimes, step.forward_end, step.backward_end),
            highest(step.lifetimes, step.forward_end, step.backward_end, [leaving]),
            highest(step.lifetimes, step.forward_end, step.backward_end, [entering]),
            highest(step.lifetimes, step.forward_end, step.backward_end, [entering, leaving]),
        ),
        gradient_bytes=sum(each.nbytes for each in left if each.born < step.backward_end),
        **_optimizer(step),
        output=step.output,
        output_bytes=leaving.nbytes,
        is_view=is_view,
        has_gradient=step.has_gradient,
        input_gradient=step.input_gradient,
    )


def _optimizer(step: TrainingStep) -> dict[str, int]:
    """Return what the optimizer's step takes.

    PyTorch's AdamW holds a temporary of a parameter until it has made that of the next one.
    """
    first, end = step.backward_end, len(step.operations)
    temporary = [each for each in step.lifetimes if each.born >= first]
    held = [each for each in temporary if each.died is None or each.died - each.born > 2]
    replaced = held[0].born + 1 if held else first
    return {
        "optimizer_peak": highest(temporary, first, end),
        "optimizer_first": highest(temporary, first, replaced),
        "optimizer_left": held[-1].nbytes if held else 0,
    }


@dataclass(slots=True)
class _Boundary:
    """The storage of a tensor between blocks."""

    nbytes: int
    keepers: list[int]
    is_saved: bool = False


def combine_steps(steps: Sequence[BlockStep], input_bytes: int) -> StepCosts:
    """Return what a training step takes of blocks that run one after the other.

    Args:
        steps: of the blocks, in order.
        input_bytes: of the network's input, which the caller holds as it does the output.
    """
    boundaries = [_Boundary(input_bytes, [])]
    entering, leaving = [], []
    for position, step in enumerate(steps):
        entering.append(boundaries[-1])
        if not step.is_view:
            boundaries.append(_Boundary(step.output_bytes, []))
        leaving.append(boundaries[-1])
        if step.keeps_input:
            entering[-1].keepers.append(position)
        if step.keeps_output:
            leaving[-1].keepers.append(position)
        entering[-1].is_saved |= step.saves_input
        leaving[-1].is_saved |= step.saves_output
    network_input, network_output = boundaries[0], boundaries[-1]

    peaks = [input_bytes]
    kept = 0
    for position, step in enumerate(steps):
        held = sum(
            boundary.nbytes
            for boundary in boundaries
            if boundary is network_input
            or boundary is entering[position]
            or any(keeper < position for keeper in boundary.keepers)
        )
        peaks.append(kept + held + step.forward_peak)
        kept += step.kept_bytes + step.cached_bytes
    kept = sum(step.kept_bytes for step in steps)
    gradients = 0
    for position, step in reversed(list(enumerate(steps))):
        kept -= step.kept_bytes
        if not step.has_gradient:
            continue
        held_boundaries = [
            boundary
            for boundary in boundaries
            if boundary is network_input
            or boundary is network_output
            or any(keeper < position for keeper in boundary.keepers)
        ]
        held = sum(boundary.nbytes for boundary in held_boundaries)
        case = 2 * any(entering[position] is boundary for boundary in held_boundaries)
        case += any(leaving[position] is boundary for boundary in held_boundaries)
        peaks.append(kept + gradients + held + step.backward_peaks[case])
        gradients += step.gradient_bytes
    ends = sum(
        boundary.nbytes for boundary in boundaries if boundary in (network_input, network_output)
    )
    left = 0
    for step in steps:
        peaks.append(ends + gradients + max(step.optimizer_peak, left + step.optimizer_first))
        left = step.optimizer_left if step.gradient_bytes else left
    return StepCosts(
        saved_memory=sum(step.saved_bytes for step in steps)
        + sum(boundary.nbytes for boundary in boundaries if boundary.is_saved),
        train_memory=sum(step.weight_bytes + step.state_bytes for step in steps) + max(peaks),
    )


def optimizer_of(steps: Sequence[BlockStep]) -> tuple[int, int, bool]:
    """Return what is taken on top of what was left before, what is left, and if that replaces."""
    first, left, replaces = NEVER, 0, False
    for step in steps:
        if not replaces:
            first = max(first, step.optimizer_first)
        if step.gradient_bytes:
            left, replaces = step.optimizer_left, True
    return first, left, replaces


def optimizer_peak_of(steps: Sequence[BlockStep]) -> int:
    """Return the highest that the optimizer takes over blocks in a row."""
    peak, left, replaces = NEVER, 0, False
    for step in steps:
        peak = max(peak, step.optimizer_peak)
        if replaces:
            peak = max(peak, left + step.optimizer_first)
        if step.gradient_bytes:
            left, replaces = step.optimizer_left, True
    return peak
