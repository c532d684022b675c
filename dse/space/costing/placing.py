"""A block at the place where it stands: what is alive there decides what it adds.

Of itself a block knows what it makes. Whether the storage that enters it is alive longer than it
runs, because the network's caller or a block before holds it, is told by the place. A placed block
is a part of the algebra (see `part_algebra`), and says what enters the block behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import or_
from typing import NamedTuple, TypeVar

from dse.costs import given_costs, lack_of, summed_costs
from dse.counting import OutputStorage
from dse.space.costing.block_costs import BlockCosts
from dse.space.costing.block_step import BlockStep, case_of
from dse.space.costing.part_algebra import (
    NEVER,
    STEP_FIELDS,
    Part,
    fold,
    inference_fields,
    nothing,
)

T = TypeVar("T")


class Entering(NamedTuple):
    """The storages that enter a block in inference; bytes."""

    nbytes: tuple[int, ...]
    """Of each tensor's."""
    network_input_at: int | None
    """Which of them is the network's input; None where that does not enter."""
    network_input: int
    """Bytes of the network's input, which its caller holds."""


class StepEntering(NamedTuple):
    """The storages that enter a block in a training step."""

    nbytes: tuple[int, ...]
    """Of each tensor's."""
    is_kept: tuple[bool, ...]
    """Whether the caller, or a block before, holds each to the end of the step."""
    is_saved: tuple[bool, ...]
    """Whether a block before saves it."""

    @property
    def saved_bytes(self) -> int:
        """Of those that a block before saves."""
        return _chosen(self.nbytes, self.is_saved)


def caller_holds(nbytes: int, network_input: int) -> Entering:
    """Return the one tensor that enters where the caller of all blocks holds it in inference."""
    return Entering((nbytes,), 0, network_input)


def step_enters(nbytes: int, *, is_kept: bool) -> StepEntering:
    """Return the one tensor that enters in a training step, which no block before saved."""
    return StepEntering((nbytes,), (is_kept,), (False,))


def placed(costs: BlockCosts, entering: Entering) -> tuple[Part[int], Entering]:
    """Return a block of inference as a part, and what leaves it."""
    held = entering.network_input if entering.network_input_at is None else 0
    part = {name: costs.additive[name] or 0 for name in summed_costs()}
    for name in given_costs():
        part[name] = costs.given.get(name, 0)
        part[lack_of(name)] = int(name not in costs.given)
    part["peak"] = held + sum(entering.nbytes) + costs.peak_bytes
    return part, _leaving(costs.output_storages, entering)


def _leaving(storages: Sequence[OutputStorage], entering: Entering) -> Entering:
    sources = [each.which if each.is_input else None for each in storages]
    at, nbytes = entering.network_input_at, entering.nbytes
    return Entering(
        tuple(
            each.nbytes if source is None else nbytes[source]
            for each, source in zip(storages, sources, strict=True)
        ),
        sources.index(at) if at is not None and at in sources else None,
        entering.network_input,
    )


def placed_step(step: BlockStep, entering: StepEntering) -> tuple[Part[int], StepEntering]:
    """Return a training step of a block as a part, and what leaves it."""
    nbytes = entering.nbytes
    keeps, saves = _held(step, entering)
    # Of what goes on, the block that it goes on to says whether it is kept.
    goes_on = tuple(number in step.views for number in range(len(nbytes)))
    kept = step.kept_bytes + _chosen(nbytes, keeps, goes_on)
    saved = _chosen(nbytes, saves, goes_on)
    leaving = step_leaving(step, entering)
    backward = at_end = NEVER
    if any(step.has_gradient):
        held = entering.is_kept
        backward = _chosen(nbytes, held) + step.backward_peaks[case_of(held, False)]
        held = tuple(map(or_, held, goes_on))
        new = (view is None for view in step.views)
        at_end = _chosen(nbytes, held) + _chosen(step.output_bytes, new)
        at_end += step.backward_peaks[case_of(held, True)]
    part = {
        "fixed": step.weight_bytes + step.state_bytes,
        "kept_forward": kept + step.cached_bytes,
        "kept_backward": kept,
        "gradients": step.gradient_bytes if any(step.has_gradient) else 0,
        "saved": step.saved_bytes + saved,
        "forward_peak": sum(nbytes) + step.forward_peak,
        "backward_peak": backward,
        "backward_peak_at_end": at_end,
        "optimizer_peak": step.optimizer_peak,
        "optimizer_first": step.optimizer_first,
        "optimizer_left": step.optimizer_left if step.is_updated else 0,
        "replaces_left": int(step.is_updated),
        "is_view": int(step.is_view),
        "leaving_bytes": sum(leaving.nbytes),
        "leaving_saved": leaving.saved_bytes,
    }
    return part, leaving


def step_leaving(step: BlockStep, entering: StepEntering) -> StepEntering:
    """Return what leaves a block in a training step."""
    keeps, saves = _held(step, entering)
    return StepEntering(
        _behind(step, entering.nbytes, step.output_bytes),
        _behind(step, keeps, step.keeps_output),
        _behind(step, saves, step.saves_output),
    )


def _held(step: BlockStep, entering: StepEntering) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
    """Return of each storage that enters whether it is kept to the end, and whether it is saved."""
    return (
        tuple(map(or_, entering.is_kept, step.keeps_input)),
        tuple(map(or_, entering.is_saved, step.saves_input)),
    )


def _chosen(
    nbytes: Iterable[int], which: Iterable[bool], but: Iterable[bool] = repeat(False)
) -> int:
    """Return the bytes of some storages, but for others."""
    triples = zip(nbytes, which, but, strict=False)
    return sum(each for each, yes, no in triples if yes and not no)


def _behind(step: BlockStep, entered: Sequence[T], made: Sequence[T]) -> tuple[T, ...]:
    """Return what is so of each tensor that leaves, from what is so of those that entered."""
    pairs = zip(step.views, made, strict=True)
    return tuple(own if view is None else entered[view] for view, own in pairs)


def in_a_row(chain: Sequence[BlockCosts], entering: Entering) -> tuple[Part[int], Entering]:
    """Return blocks of inference that run one after the other as a part, and what leaves it."""
    parts = []
    for costs in chain:
        part, entering = placed(costs, entering)
        parts.append(part)
    return in_one(parts, inference_fields()), entering


def steps_in_a_row(
    steps: Sequence[BlockStep], entering: StepEntering
) -> tuple[Part[int], StepEntering]:
    """Return training steps of blocks in a row as a part, and what leaves it."""
    parts = []
    for step in steps:
        part, entering = placed_step(step, entering)
        parts.append(part)
    return in_one(parts, STEP_FIELDS), entering


def in_one(parts: Sequence[Part[int]], fields: Iterable[str]) -> Part[int]:
    """Return parts in a row as one; that of none has some fields."""
    return fold(parts[1:], parts[0]) if parts else nothing(fields)
