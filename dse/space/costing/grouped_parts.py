"""Parts that one sequence runs one after the other, as a single part of what is around it.

The sequence's caller holds its input until the last of them has run, which is what sets a sequence
within a network apart from its parts in a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dse.costs import Costs, summed_costs
from dse.counting import OutputStorage
from dse.space.costing.step_algebra import BlockStep, optimizer_of, optimizer_peak_of


@dataclass(slots=True)
class _PartBoundary:
    """The storage of a tensor between parts."""

    nbytes: int
    keepers: list[int] = field(default_factory=list)
    is_saved: bool = False


def summed(several: Sequence[Costs]) -> Costs:
    """Return the sums of costs that are sums over parts."""
    return Costs.of({name: sum(costs[name] or 0 for costs in several) for name in summed_costs()})


def peak_of(peaks: Sequence[int], outputs: Sequence[OutputStorage]) -> tuple[int, OutputStorage]:
    """Return the highest bytes alive in a sequence, its input apart, and the storage it leaves.

    Args:
        peaks: of each part, its input apart.
        outputs: what each part leaves.
    """
    highest, entering = 0, OutputStorage(0, is_input=True)
    for peak, output in zip(peaks, outputs, strict=True):
        highest = max(highest, peak + (0 if entering.is_input else entering.nbytes))
        if not output.is_input:
            entering = output
    return highest, entering if not entering.is_input else outputs[-1]


def group_step(steps: Sequence[BlockStep], input_bytes: int) -> BlockStep:
    """Return what a training step of a sequence takes.

    Args:
        steps: of its parts, in order, at least one.
        input_bytes: of its input.
    """
    boundaries = [_PartBoundary(input_bytes)]
    before, behind = [], []
    for position, step in enumerate(steps):
        before.append(boundaries[-1])
        if not step.is_view:
            boundaries.append(_PartBoundary(step.output_bytes))
        behind.append(boundaries[-1])
        before[-1].keepers += [position] * step.keeps_input
        behind[-1].keepers += [position] * step.keeps_output
        before[-1].is_saved |= step.saves_input
        behind[-1].is_saved |= step.saves_output
    first, last = boundaries[0], boundaries[-1]
    inner = [each for each in boundaries if each is not first and each is not last]
    taken, left, _ = optimizer_of(steps)
    return BlockStep(
        weight_bytes=sum(step.weight_bytes for step in steps),
        state_bytes=sum(step.state_bytes for step in steps),
        forward_peak=_forward(steps, boundaries, before),
        kept_bytes=sum(step.kept_bytes for step in steps)
        + sum(each.nbytes for each in inner if each.keepers),
        cached_bytes=sum(step.cached_bytes for step in steps),
        keeps_input=bool(first.keepers),
        keeps_output=last is not first and bool(last.keepers),
        saved_bytes=sum(step.saved_bytes for step in steps)
        + sum(each.nbytes for each in inner if each.is_saved),
        saves_input=first.is_saved,
        saves_output=last is not first and last.is_saved,
        backward_peaks=(
            _backward(steps, boundaries, before, behind, []),
            _backward(steps, boundaries, before, behind, [last]),
            _backward(steps, boundaries, before, behind, [first]),
            _backward(steps, boundaries, before, behind, [first, last]),
        ),
        gradient_bytes=sum(step.gradient_bytes for step in steps),
        optimizer_peak=max(optimizer_peak_of(steps), 0),
        optimizer_first=max(taken, 0),
        optimizer_left=left,
        output=steps[-1].output,
        output_bytes=steps[-1].output_bytes,
        is_view=last is first,
        has_gradient=steps[-1].has_gradient,
        input_gradient=steps[0].input_gradient,
    )


def _forward(
    steps: Sequence[BlockStep], boundaries: Sequence[_PartBoundary], before: Sequence[_PartBoundary]
) -> int:
    peak = kept = 0
    for position, step in enumerate(steps):
        held = sum(
            each.nbytes
            for each in boundaries[1:]
            if each is before[position] or any(keeper < position for keeper in each.keepers)
        )
        peak = max(peak, kept + held + step.forward_peak)
        kept += step.kept_bytes + step.cached_bytes
    return peak


def _backward(
    steps: Sequence[BlockStep],
    boundaries: Sequence[_PartBoundary],
    before: Sequence[_PartBoundary],
    behind: Sequence[_PartBoundary],
    by_others: Sequence[_PartBoundary],
) -> int:
    """Return the highest bytes alive in the backward pass, but for what others hold."""
    peak = gradients = 0
    kept = sum(step.kept_bytes for step in steps)
    for position, step in reversed(list(enumerate(steps))):
        kept -= step.kept_bytes
        if not step.has_gradient:
            continue
        outside = [each for each in boundaries if any(each is other for other in by_others)]
        inside = [
            each
            for each in boundaries
            if any(keeper < position for keeper in each.keepers)
            and not any(each is other for other in by_others)
        ]
        held = [*outside, *inside]
        case = 2 * any(before[position] is each for each in held)
        case += any(behind[position] is each for each in held)
        nbytes = sum(each.nbytes for each in inside)
        peak = max(peak, kept + gradients + nbytes + step.backward_peaks[case])
        gradients += step.gradient_bytes
    return peak
