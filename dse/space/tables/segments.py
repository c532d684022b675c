"""What a run of blocks adds to a training step, wherever in a network it stands.

`combine_steps` says what a training step of a whole chain takes. A segment is the part of that
which one run of blocks contributes, as integers that can be added up, or compared for the highest,
along any chain: bytes kept in the forward pass grow from segment to segment, gradients grow from
the last segment back to the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dse.space.costing import NEVER, BlockStep, optimizer_of, optimizer_peak_of


class Segment(NamedTuple):
    """Bytes; the storage of the segment's input included, where it is alive."""

    fixed: int
    """Weights and the optimizer's state."""
    forward_peak: int
    """Highest in its forward pass, besides what segments before it keep."""
    kept_forward: int
    """What it adds to what is alive in the forward pass of segments behind it."""
    kept_backward: int
    """What it adds to what is alive in the backward pass of segments behind it."""
    gradients: int
    """Of its parameters."""
    backward_peak: int
    """Highest in its backward pass, besides what those before it keep, the gradients of those
    behind it, and the network's output."""
    backward_peak_at_end: int
    """The same where its output is the network's output, which is included then."""
    optimizer_peak: int
    optimizer_first: int
    """What the optimizer takes on top of what is left of the segment before."""
    optimizer_left: int
    """What the optimizer still holds when it goes on to the segment behind."""
    replaces_left: int
    """1 where what was left of segments before is let go, else 0."""
    saved: int
    """What autograd saves, the storage of its output apart."""
    is_view: int
    """1 where its output is a view of its input, else 0."""


class Entering(NamedTuple):
    """The storage that enters a segment."""

    nbytes: int
    is_kept: bool
    """Whether the caller, or a block before the segment, holds it to the end of the step."""
    is_saved: bool
    """Whether a block before the segment saves it."""


EMPTY = Segment(0, NEVER, 0, 0, 0, NEVER, NEVER, NEVER, NEVER, 0, 0, 0, 1)
"""No blocks at all."""


@dataclass(slots=True)
class _SegmentBoundary:
    nbytes: int
    is_kept: bool
    is_saved: bool
    keepers: list[int]


def segment(steps: Sequence[BlockStep], entering: Entering) -> tuple[Segment, Entering]:
    """Return what a run of blocks adds to a training step, and the storage that leaves it.

    Args:
        steps: training steps of the blocks, in order.
        entering: the storage of the run's input.
    """
    if not steps:
        return EMPTY, entering
    boundaries = [_SegmentBoundary(*entering, [])]
    before, behind = [], []
    for position, step in enumerate(steps):
        before.append(boundaries[-1])
        if not step.is_view:
            boundaries.append(_SegmentBoundary(step.output_bytes, False, False, []))
        behind.append(boundaries[-1])
        for boundary, keeps, saves in (
            (before[-1], step.keeps_input, step.saves_input),
            (behind[-1], step.keeps_output, step.saves_output),
        ):
            boundary.keepers += [position] * keeps
            boundary.is_saved |= saves
    leaving, closed = boundaries[-1], boundaries[:-1]
    kept_between = sum(each.nbytes for each in closed if each.is_kept or each.keepers)
    kept = sum(step.kept_bytes for step in steps)
    first, left, replaces = optimizer_of(steps)
    found = Segment(
        fixed=sum(step.weight_bytes + step.state_bytes for step in steps),
        forward_peak=_forward(steps, boundaries, before),
        kept_forward=kept + sum(step.cached_bytes for step in steps) + kept_between,
        kept_backward=kept + kept_between,
        gradients=sum(step.gradient_bytes for step in steps if step.has_gradient),
        backward_peak=_backward(steps, boundaries, before, behind, at_end=False),
        backward_peak_at_end=_backward(steps, boundaries, before, behind, at_end=True),
        optimizer_peak=optimizer_peak_of(steps),
        optimizer_first=first,
        optimizer_left=left,
        replaces_left=int(replaces),
        saved=sum(step.saved_bytes for step in steps)
        + sum(each.nbytes for each in closed if each.is_saved),
        is_view=int(not closed),
    )
    out = Entering(leaving.nbytes, leaving.is_kept or bool(leaving.keepers), leaving.is_saved)
    return found, out


def _held(boundary: _SegmentBoundary, position: int) -> bool:
    return boundary.is_kept or any(keeper < position for keeper in boundary.keepers)


def _forward(
    steps: Sequence[BlockStep],
    boundaries: Sequence[_SegmentBoundary],
    before: Sequence[_SegmentBoundary],
) -> int:
    peak, kept = NEVER, 0
    for position, step in enumerate(steps):
        held = sum(
            each.nbytes for each in boundaries if each is before[position] or _held(each, position)
        )
        peak = max(peak, kept + held + step.forward_peak)
        kept += step.kept_bytes + step.cached_bytes
    return peak


def _backward(
    steps: Sequence[BlockStep],
    boundaries: Sequence[_SegmentBoundary],
    before: Sequence[_SegmentBoundary],
    behind: Sequence[_SegmentBoundary],
    at_end: bool,
) -> int:
    peak, gradients = NEVER, 0
    kept = sum(step.kept_bytes for step in steps)
    for position, step in reversed(list(enumerate(steps))):
        kept -= step.kept_bytes
        if not step.has_gradient:
            continue
        held = [
            each
            for each in boundaries
            if _held(each, position) or (at_end and each is boundaries[-1])
        ]
        case = 2 * any(before[position] is each for each in held)
        case += any(behind[position] is each for each in held)
        nbytes = sum(each.nbytes for each in held)
        peak = max(peak, kept + gradients + nbytes + step.backward_peaks[case])
        gradients += step.gradient_bytes
    return peak
