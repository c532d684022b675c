"""How much of a model fits a device: the largest batch, and of a language model the context."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from dse.cost_conditions import LARGEST_BATCH, LARGEST_CONTEXT, Conditions
from dse.costs import Costs
from dse.counting import dtype_of
from dse.devices import (
    OPTIMIZER_COPIES,
    Shards,
    TrainingState,
    read_device,
    serving_of_device,
    training_of_device,
)
from dse.errors import DseError
from dse.project.spaces import Space
from dse.space import BlockTable, Candidate, cost_of


@dataclass(frozen=True, slots=True)
class Fit:
    """The answer to one question."""

    task: str
    """`inference`, `decode` or `training`."""
    largest: str
    """What was looked for: a `batch`, or a `context` in tokens."""
    value: int
    """The largest that fits; 0 where not even one does."""
    nbytes: int
    """Of one device at that, or at one."""
    batch: int
    context: int
    """Of tokens that are attended to; 0 for those of the input alone."""


def fits_of(space: Space, shards: Shards | None = None) -> list[Fit]:
    """Return what of a space's one network fits its device.

    Inference is counted with the keys and values that it keeps, decoding at the context of the
    conditions or else the input's tokens, and training a step of the conditions' precision and
    optimizer.

    Args:
        space: of one point, with a device that has a memory.
        shards: how the network is divided among such devices; None for one.

    Raises:
        DseError: for a device without a memory, several points, or a network that cannot be built.
    """
    page = read_device(space.conditions.device or "none", space.device)
    memory = page.holds.get("memory")
    if memory is None:
        named = f"device {page.name} says no memory" if space.conditions.device else "which memory?"
        raise DseError(f"fit: {named}; name a device that does, as in device=h100_sxm")
    if space.size != 1:
        raise DseError(
            f"fit: the grid has {space.size:,} points; name one value of each axis, or grid=none"
        )
    (settings,) = space.design.grid
    candidate = space.design.grid.family.resolve(settings)
    return list(_fits(candidate, space.conditions, memory, shards or Shards()))


def _fits(
    candidate: Candidate, conditions: Conditions, memory: int, shards: Shards
) -> Iterator[Fit]:
    plain = replace(conditions, phase="prefill", context=0)
    yield _largest_batch("inference", candidate, plain, memory, shards, _serving)
    if candidate.input_dtype is not None and _costs(candidate, plain).kv_cache:
        tokens = conditions.context or candidate.input_shape[0]
        decode = replace(conditions, phase="decode", context=tokens)
        yield _largest_batch("decode", candidate, decode, memory, shards, _serving)

        def needs(context: int) -> int | None:
            at = replace(decode, batch=conditions.batch, context=context)
            found = cost_of(candidate, BlockTable(at))
            return _serving(found, at, shards) if isinstance(found, Costs) else None

        found = _largest(needs, memory, LARGEST_CONTEXT)
        yield Fit("decode", "context", *found, conditions.batch, found[0])
    if plain.is_trained and _costs(candidate, plain).train_memory is not None:
        yield _largest_batch("training", candidate, plain, memory, shards, _training)


def _largest_batch(
    task: str,
    candidate: Candidate,
    conditions: Conditions,
    memory: int,
    shards: Shards,
    bytes_of: Callable[[Costs, Conditions, Shards], int],
) -> Fit:
    def needs(batch: int) -> int:
        at = replace(conditions, batch=batch)
        return bytes_of(_costs(candidate, at), at, shards)

    value, nbytes = _largest(needs, memory, LARGEST_BATCH)
    return Fit(task, "batch", value, nbytes, value, conditions.context)


def _largest(needs: Callable[[int], int | None], memory: int, most: int) -> tuple[int, int]:
    """Return the largest number whose bytes fit, and these; 0 and those of one where none does.

    Args:
        needs: the bytes that a number takes; None where there can be no such, nor a larger one.
        memory: that there is.
        most: the largest number that is tried.
    """
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


def _serving(costs: Costs, conditions: Conditions, shards: Shards) -> int:
    return serving_of_device(costs.weight_memory, costs.kv_cache, costs.peak_activations, shards)


def _training(costs: Costs, conditions: Conditions, shards: Shards) -> int:
    assert costs.train_memory is not None
    trained = costs.trainable_params * dtype_of(conditions).itemsize
    copies = OPTIMIZER_COPIES[conditions.optimizer]
    state = TrainingState(costs.weight_memory, trained, copies * trained)
    return training_of_device(costs.train_memory, state, shards)
