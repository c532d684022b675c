"""What composition needs to know of a training step of a block, read from a trace of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from dse.counting import Gradients, GradientSpec, Lifetime, TrainingStep, highest
from dse.errors import DseError
from dse.space.costing.block_step import BlockStep


def block_step(step: TrainingStep, needs_gradient: Sequence[bool]) -> BlockStep:
    """Return what composition needs to know of a training step of a block with one input.

    Args:
        step: of the block alone.
        needs_gradient: which tensors of its input did.

    Raises:
        DseError: where tensors that it hands on, or hands back, share a storage.
    """
    entering, leaving = step.inputs, step.outputs
    assert step.output is not None
    if len({*map(id, leaving)}) < len(leaving) or not step.are_apart:
        raise DseError("two of the tensors that it hands on, or back, share their storage")
    outer = [*map(id, entering), *map(id, leaving)]
    inner = [each for each in step.lifetimes if id(each) not in outer]
    views = tuple(_place(each, entering) for each in leaving)
    if views != (0,) and len(entering) > 1 and len(views) == 1 and views[0] is not None:
        raise DseError("of several tensors it hands on one as it was")

    def is_kept(lifetime: Lifetime) -> bool:
        return lifetime.died is None or lifetime.died > step.forward_end

    forward = [each for each in inner if each.born < step.forward_end]
    left = [each for each in inner if each.died is None or each.died > step.backward_end]
    made = [each for each, view in zip(leaving, views, strict=True) if view is None]
    return BlockStep(
        weight_bytes=step.weight_bytes,
        state_bytes=step.state_bytes,
        forward_peak=highest(step.lifetimes, 0, step.forward_end, without=entering),
        kept_bytes=sum(each.nbytes for each in forward if is_kept(each)),
        cached_bytes=step.cached_bytes,
        keeps_input=tuple(map(is_kept, entering)),
        keeps_output=tuple(v is None and is_kept(e) for v, e in zip(views, leaving, strict=True)),
        saved_bytes=sum(each.nbytes for each in inner if each.saved),
        saves_input=tuple(each.saved for each in entering),
        saves_output=tuple(v is None and e.saved for v, e in zip(views, leaving, strict=True)),
        backward_peaks=tuple(_backward_peaks(step, entering, made)),
        gradient_bytes=sum(each.nbytes for each in left if each.born < step.backward_end)
        - step.lent_bytes,
        is_updated=step.is_updated,
        **_optimizer(step),
        output=step.output,
        output_bytes=tuple(each.nbytes for each in leaving),
        views=views,
        has_gradient=step.require_gradient,
        input_gradient=_handed_back(step, needs_gradient),
    )


def _place(lifetime: Lifetime, entering: Sequence[Lifetime]) -> int | None:
    return next((place for place, each in enumerate(entering) if each is lifetime), None)


def _handed_back(step: TrainingStep, needs_gradient: Sequence[bool]) -> Gradients | None:
    """Return the gradients of what entered, of each None where there is none.

    None for all where nothing before trains, so that nobody asks.
    """
    if not any(needs_gradient):
        return None
    found = iter(step.input_gradients)
    several: list[GradientSpec | None] = [next(found) if n else None for n in needs_gradient]
    (first, *others) = several
    return first if first is not None and not others else tuple(several)


def _backward_peaks(
    step: TrainingStep, entering: Sequence[Lifetime], made: Sequence[Lifetime]
) -> Iterator[int]:
    """Yield the highest bytes alive in the backward pass, in the order of `case_of`.

    Gradients that arrive at weights that it lends are left out: those are of the block that
    borrows, and end up in the gradients of these weights.
    """
    ends = step.forward_end, step.backward_end
    for *held, holds_output in product((False, True), repeat=len(entering) + 1):
        without = [each for each, is_held in zip(entering, held, strict=True) if is_held]
        without += made if holds_output else []
        yield highest(step.lifetimes, *ends, without) - step.lent_bytes


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
