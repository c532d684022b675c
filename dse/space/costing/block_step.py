"""What one training step of a block takes, wherever it stands.

A tensor between two blocks lives in one storage that either of them may keep for the backward pass,
so it is told apart from what the block makes for itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from dse.counting import GradientSpec, Lifetime, TensorSpec, TrainingStep, highest


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
    """Of its parameters, and of one that it borrows."""
    is_updated: bool
    """Whether the optimizer changes a parameter of it."""
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
            _backward_peak(step),
            _backward_peak(step, leaving),
            _backward_peak(step, entering),
            _backward_peak(step, entering, leaving),
        ),
        gradient_bytes=sum(each.nbytes for each in left if each.born < step.backward_end)
        - step.lent_bytes,
        is_updated=step.is_updated,
        **_optimizer(step),
        output=step.output,
        output_bytes=leaving.nbytes,
        is_view=is_view,
        has_gradient=step.has_gradient,
        input_gradient=step.input_gradient,
    )


def _backward_peak(step: TrainingStep, *without: Lifetime) -> int:
    """Return the highest bytes alive, but for gradients that arrive at weights that it lends.

    Those are of the block that borrows, and end up in the gradients of these weights.
    """
    peak = highest(step.lifetimes, step.forward_end, step.backward_end, without)
    return peak - step.lent_bytes


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
