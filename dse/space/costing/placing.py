"""A block at the place where it stands: what is alive there decides what it adds.

Of itself a block knows what it makes. Whether the storage that enters it is alive longer than it
runs, because the network's caller or a block before holds it, is told by the place. A placed block
is a part of the algebra (see `part_algebra`), and says what enters the block behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dse.costs import given_costs, lack_of, summed_costs
from dse.space.costing.block_costs import BlockCosts
from dse.space.costing.block_step import BlockStep
from dse.space.costing.part_algebra import (
    NEVER,
    STEP_FIELDS,
    Part,
    inference_fields,
    nothing,
    then,
)


class Entering(NamedTuple):
    """The storage that enters a block in inference; bytes."""

    nbytes: int
    is_network_input: bool
    network_input: int
    """Bytes of the network's input, which its caller holds."""


class StepEntering(NamedTuple):
    """The storage that enters a block in a training step."""

    nbytes: int
    is_kept: bool
    """Whether the caller, or a block before, holds it to the end of the step."""
    is_saved: bool
    """Whether a block before saves it."""


def placed(costs: BlockCosts, entering: Entering) -> tuple[Part[int], Entering]:
    """Return a block of inference as a part, and what leaves it."""
    held = 0 if entering.is_network_input else entering.network_input
    part = {name: costs.additive[name] or 0 for name in summed_costs()}
    for name in given_costs():
        part[name] = costs.given.get(name, 0)
        part[lack_of(name)] = int(name not in costs.given)
    part["peak"] = held + entering.nbytes + costs.peak_bytes
    storage = costs.output_storage
    leaving = Entering(storage.nbytes, False, entering.network_input)
    return part, entering if storage.is_input else leaving


def placed_step(step: BlockStep, entering: StepEntering) -> tuple[Part[int], StepEntering]:
    """Return a training step of a block as a part, and what leaves it."""
    nbytes = entering.nbytes
    keeps_input, saves_input = entering.is_kept or step.keeps_input, entering.is_saved
    if step.is_view:
        leaving = StepEntering(nbytes, keeps_input, saves_input or step.saves_input)
        kept = saved = 0
    else:
        leaving = StepEntering(step.output_bytes, step.keeps_output, step.saves_output)
        kept, saved = nbytes * keeps_input, nbytes * (saves_input or step.saves_input)
    kept += step.kept_bytes
    backward = at_end = NEVER
    if step.has_gradient:
        ends = entering.is_kept or step.is_view
        before = nbytes * entering.is_kept
        backward = before + step.backward_peaks[(2 + step.is_view) * entering.is_kept]
        at_end = nbytes * ends + (0 if step.is_view else step.output_bytes)
        at_end += step.backward_peaks[2 * ends + 1]
    part = {
        "fixed": step.weight_bytes + step.state_bytes,
        "kept_forward": kept + step.cached_bytes,
        "kept_backward": kept,
        "gradients": step.gradient_bytes if step.has_gradient else 0,
        "saved": step.saved_bytes + saved,
        "forward_peak": nbytes + step.forward_peak,
        "backward_peak": backward,
        "backward_peak_at_end": at_end,
        "optimizer_peak": step.optimizer_peak,
        "optimizer_first": step.optimizer_first,
        "optimizer_left": step.optimizer_left if step.is_updated else 0,
        "replaces_left": int(step.is_updated),
        "is_view": int(step.is_view),
        "leaving_bytes": leaving.nbytes,
        "leaving_saved": leaving.nbytes * leaving.is_saved,
    }
    return part, leaving


def in_a_row(chain: Sequence[BlockCosts], entering: Entering) -> tuple[Part[int], Entering]:
    """Return blocks of inference that run one after the other as a part, and what leaves it."""
    whole: Part[int] = nothing(inference_fields())
    for costs in chain:
        part, entering = placed(costs, entering)
        whole = then(whole, part)
    return whole, entering


def steps_in_a_row(
    steps: Sequence[BlockStep], entering: StepEntering
) -> tuple[Part[int], StepEntering]:
    """Return training steps of blocks in a row as a part, and what leaves it."""
    whole: Part[int] = nothing(STEP_FIELDS)
    for step in steps:
        part, entering = placed_step(step, entering)
        whole = then(whole, part)
    return whole, entering
