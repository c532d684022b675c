"""What fits a device: the largest batch or context of a network, or the largest network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dse.cost_formulas import given_terms, is_weighted_sum, needs_training
from dse.costs import COSTS, LARGEST_BATCH, LARGEST_CONTEXT, Conditions, Costs
from dse.errors import DseError, nearest
from dse.project.design_spaces.question_checks import bounds
from dse.project.design_spaces.spaces import Space
from dse.search import best_of_costs
from dse.space import BlockSpace, BlockTable, Candidate, cost_of, require_buildable, require_numbers

NEEDS = {
    "inference": "peak_memory + kv_cache",
    "decode": "peak_memory + kv_cache",
    "training": "train_memory",
}
"""By task: what a device has to have room for."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The answer to one question."""

    task: str
    """`inference`, `decode` or `training`."""
    largest: str
    """What was looked for: a `batch`, a `context` in tokens, or a cost of networks."""
    value: int
    """The largest that fits; 0 where nothing does."""
    nbytes: int | None
    """Of one device at that, or at one; None where no network fits."""
    batch: int
    context: int
    """Of tokens that are attended to; 0 for those of the input alone."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Of the largest network; empty where there is one."""


def fits_of(space: Space, maximize: str = "params") -> list[Fit]:
    """Return what fits a space's device: of one network the batch, of several the largest of them.

    Inference is counted with the keys and values that it keeps, decoding at the context of the
    conditions or else the input's tokens, and training a step of the conditions' precision,
    optimizer and checkpoints. Where the conditions divide networks among devices (`shards`), one of
    them has to have room for its part.

    Args:
        space: with a device that has a memory.
        maximize: of a space of several points, the cost that the network is to have most of.

    Raises:
        DseError: for a device without a memory, a network that cannot be built, a cost that no
            network has, and a space whose largest network cannot be worked out exactly.
    """
    page, named = space.device_page, space.conditions.device
    memory = None if page is None else page.holds.get("memory")
    if memory is None:
        lack = f"device {named} says no memory" if named else "which memory?"
        raise DseError(f"fit: {lack}; name a device that does, as in device=h100_sxm")
    if not is_weighted_sum(maximize):
        raise DseError(f"maximize: unknown cost {maximize!r}; {nearest(maximize, COSTS)}")
    if space.size != 1:
        return list(_largest_networks(space, memory, maximize))
    (settings,) = space.design.grid
    return list(_fits(space.design.grid.family.resolve(settings), space.conditions, memory))


def _largest_networks(space: Space, memory: int, maximize: str) -> Iterator[Fit]:
    design = space.design
    if not isinstance(design, BlockSpace) or design.is_drawn_from:
        raise DseError(
            "fit: the largest of several networks is worked out of blocks that are listed, not of "
            "a callable or a generator; name one value of each axis, or grid=none"
        )
    require_numbers(design, [maximize])
    if needs_training(maximize) and not _before_context(space.conditions).is_trained:
        raise DseError(f"maximize: networks that are not trained have no {maximize}")
    # What the device gives blocks, such as times, bounds nothing here.
    given = space.device if given_terms(maximize) else {}
    family = design.grid.family
    for task, at in _tasks(_first_candidate(design), space.conditions):
        if needs_training(maximize) and not at.is_trained:
            continue
        same = replace(space, conditions=at, device=given).design
        assert isinstance(same, BlockSpace)
        needs = NEEDS[task]
        found = best_of_costs(same, bounds(f"{needs} <= {memory}"), {maximize: 1.0}, True)
        if found is None:
            raise DseError(
                f"fit: {space.size:,} points are too many to work out the most {maximize} in "
                f"{needs}; narrow the grid, or search with minimize and a budget"
            )
        if not found:
            yield Fit(task, maximize, 0, None, at.batch, at.context)
            continue
        settings = same.grid.settings(found[0].choices.tolist())
        costs = _costs(family.resolve(settings), at)
        yield Fit(
            task,
            maximize,
            int(found[0].value),
            _needed(costs, task),
            at.batch,
            at.context,
            {name: value for name, value in settings.items() if name in space.grid},
        )


def _first_candidate(design: BlockSpace) -> Candidate:
    """Return the first candidate of a space that can be built: what it is for, all are."""
    require_buildable(design)
    points = design.points()
    return next(p.candidate for p in points if p.candidate and isinstance(p.costs, Costs))


def _tasks(candidate: Candidate, conditions: Conditions) -> Iterator[tuple[str, Conditions]]:
    """Yield what a network may be for, with the conditions of that."""
    plain = _before_context(conditions)
    yield "inference", plain
    if candidate.input_dtype is not None and _costs(candidate, plain).kv_cache:
        tokens = conditions.context or candidate.input_shape[0]
        yield "decode", replace(conditions, phase="decode", context=tokens)
    if plain.is_trained and _costs(candidate, plain).train_memory is not None:
        yield "training", plain


def _before_context(conditions: Conditions) -> Conditions:
    """Return the conditions of all tokens of an input at once, with none before them."""
    return replace(conditions, phase="prefill", context=0)


def _fits(candidate: Candidate, conditions: Conditions, memory: int) -> Iterator[Fit]:
    for task, at in _tasks(candidate, conditions):
        value, nbytes = _largest_number(candidate, at, task, "batch", memory)
        yield Fit(task, "batch", value, nbytes, value, at.context)
        if task == "decode":
            value, nbytes = _largest_number(candidate, at, task, "context", memory)
            yield Fit(task, "context", value, nbytes, at.batch, value)


def _largest_number(
    candidate: Candidate, conditions: Conditions, task: str, name: str, memory: int
) -> tuple[int, int]:
    """Return the largest value of a condition whose bytes fit; 0 and those of one if none does."""
    most = LARGEST_BATCH if name == "batch" else LARGEST_CONTEXT

    def needs(number: int) -> int | None:
        values: dict[str, Any] = {name: number}
        found = cost_of(candidate, BlockTable(replace(conditions, **values)))
        if isinstance(found, Costs):
            return _needed(found, task)
        if name == "context":
            # Learned positions end somewhere.
            return None
        raise DseError(f"fit: {found.reason}")

    low, nbytes = 0, needs(1) or 0
    if nbytes > memory:
        return 0, nbytes
    high = 1
    while high <= most and (found := needs(high)) is not None and found <= memory:
        low, nbytes, high = high, found, 2 * high
    high = min(high, most + 1)
    while high - low > 1:
        middle = (low + high) // 2
        found = needs(middle)
        if found is not None and found <= memory:
            low, nbytes = middle, found
        else:
            high = middle
    return low, nbytes


def _costs(candidate: Candidate, conditions: Conditions) -> Costs:
    found = cost_of(candidate, BlockTable(conditions))
    if not isinstance(found, Costs):
        raise DseError(f"fit: {found.reason}")
    return found


def _needed(costs: Costs, task: str) -> int:
    """Return the bytes that a device has to have room for; see `NEEDS`."""
    if task == "training":
        assert costs.train_memory is not None
        return costs.train_memory
    return costs.peak_memory + costs.kv_cache
