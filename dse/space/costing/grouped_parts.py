"""Parts that one sequence runs one after the other, as a single block of what is around it.

The sequence's caller holds its input until the last of them has run, which is what sets a sequence
within a network apart from its parts in a row. What it takes follows from the algebra: its
parts are put at a place where others hold the input, and at one where nobody does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dse.costs import Costs, summed_costs
from dse.counting import OutputStorage, together
from dse.space.costing.block_costs import BlockCosts
from dse.space.costing.block_step import BlockStep
from dse.space.costing.part_algebra import given_of
from dse.space.costing.placing import caller_holds, in_a_row, step_enters, steps_in_a_row


def grouped(chain: Sequence[BlockCosts]) -> BlockCosts:
    """Return what a sequence costs in inference.

    Args:
        chain: the costs of its parts, in order, at least one.
    """
    part, leaving = in_a_row(chain, caller_holds(0, 0))
    last = chain[-1]
    is_input = leaving.network_input_at is not None
    made = OutputStorage(sum(leaving.nbytes), is_input=False)
    return BlockCosts(
        additive=replace(Costs.of({name: part[name] for name in summed_costs()}), peak_memory=0),
        peak_bytes=max(part["peak"], 0),
        output=last.output,
        output_storages=last.output_storages if is_input else (made,),
        kernels=together(kernel for each in chain for kernel in each.kernels),
        given=given_of(part),
    )


def grouped_step(steps: Sequence[BlockStep], input_bytes: int) -> BlockStep:
    """Return what a training step of a sequence takes.

    Args:
        steps: of its parts, in order, at least one.
        input_bytes: of its input.
    """
    held, leaving = steps_in_a_row(steps, step_enters(0, is_kept=True))
    alone, left = steps_in_a_row(steps, step_enters(input_bytes, is_kept=False))
    is_view = bool(held["is_view"])
    output_bytes = 0 if is_view else sum(leaving.nbytes)
    at_input = _on_its_input(steps)
    return BlockStep(
        weight_bytes=sum(step.weight_bytes for step in steps),
        state_bytes=sum(step.state_bytes for step in steps),
        forward_peak=max(held["forward_peak"], 0),
        kept_bytes=held["kept_backward"],
        cached_bytes=held["kept_forward"] - held["kept_backward"],
        keeps_input=(any(any(step.keeps_input) for step in at_input),),
        keeps_output=(not is_view and any(left.is_kept),),
        saved_bytes=held["saved"],
        saves_input=(any(any(step.saves_input) for step in at_input),),
        saves_output=(not is_view and any(left.is_saved),),
        backward_peaks=(
            max(alone["backward_peak"], 0),
            max((held if is_view else alone)["backward_peak_at_end"] - output_bytes, 0),
            max(held["backward_peak_at_end" if is_view else "backward_peak"], 0),
            max(held["backward_peak_at_end"] - output_bytes, 0),
        ),
        gradient_bytes=held["gradients"],
        is_updated=any(step.is_updated for step in steps),
        optimizer_peak=max(held["optimizer_peak"], 0),
        optimizer_first=max(held["optimizer_first"], 0),
        optimizer_left=held["optimizer_left"],
        output=steps[-1].output,
        output_bytes=steps[-1].output_bytes,
        views=(0 if is_view else None,),
        has_gradient=steps[-1].has_gradient,
        input_gradient=steps[0].input_gradient,
    )


def _on_its_input(steps: Sequence[BlockStep]) -> Sequence[BlockStep]:
    """Return the steps that the storage of a sequence's input enters."""
    views = next((i for i, step in enumerate(steps) if not step.is_view), len(steps) - 1)
    return steps[: views + 1]
