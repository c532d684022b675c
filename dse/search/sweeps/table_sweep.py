"""Sweeps of families of blocks: streamed from tables, in bounded memory, by one writer.

Every transaction holds rows of the grid in its order, and how far the sweep is with them. So a
killed sweep goes on behind the last one. What the store holds of another sweep is not stored twice.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy
from sqlalchemy import Engine

from dse.search.pools import Integers
from dse.search.sweeps.kept import FrontGoal, Keep, Kept, front, kept_points
from dse.search.sweeps.sweep_writer import Progress, SweepWriter
from dse.space import BlockSpace, Budget, Dimension, ListedPoints
from dse.store import declarations, digest, hashed


def sweep_tables(
    space: BlockSpace,
    budget: Budget,
    engine: Engine,
    run_id: int,
    keep: Keep = "all",
    goals: Sequence[FrontGoal] = (),
    limit: int | None = None,
    advance: Callable[[int], None] = lambda points: None,
) -> Progress:
    """Cost and store the candidates of a grid.

    Args:
        space: of a family of blocks.
        budget: which of them are feasible.
        engine: of the store.
        run_id: the run that the new rows belong to.
        keep: what to store: `all`, what is `feasible`, or the non-dominated of that by the goals.
        goals: for `pareto`.
        limit: candidates to keep at most; the first ones of the grid.
        advance: called with the number of points done since its last call.
    """
    with _without_collection():
        return _swept(space, budget, engine, run_id, keep, goals, limit, advance)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Look for no circles of objects: millions of rows hold none, and the search takes its time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _swept(
    space: BlockSpace,
    budget: Budget,
    engine: Engine,
    run_id: int,
    keep: Keep,
    goals: Sequence[FrontGoal],
    limit: int | None,
    advance: Callable[[int], None],
) -> Progress:
    writer = SweepWriter(space, engine, run_id, _digest(space, budget, keep, goals, limit))
    if keep == "pareto":
        writer.take(front(space.tables, budget, goals, advance), budget, limit)
        writer.flush()
        return writer.progress
    writer.resume()
    progress = writer.progress
    advance(progress.done)
    if progress.done >= space.grid.size or _is_full(progress, limit):
        return progress
    reported, unreported = time.monotonic(), 0
    within = budget if keep == "feasible" else Budget()
    for kept in kept_points(space.tables, within, progress.done):
        rest: Kept | None = kept
        while rest is not None and not _is_full(progress, limit):
            before = progress.done
            some, rest = rest.split(writer.room)
            writer.take(some, budget, limit)
            unreported += progress.done - before
            if writer.is_ready:
                writer.flush()
        if time.monotonic() - reported > 0.5:
            advance(unreported)
            reported, unreported = time.monotonic(), 0
        if _is_full(progress, limit):
            break
    writer.flush()
    advance(unreported)
    return progress


def store_choices(
    space: BlockSpace,
    choices: Integers,
    engine: Engine,
    run_id: int,
    keys: Integers | None = None,
) -> Progress:
    """Cost and store candidates, given as choices of shape (candidates, dimensions).

    Args:
        space: of a family of blocks.
        choices: of the candidates.
        engine: of the store.
        run_id: the run that the new rows belong to.
        keys: of the candidates, where they are known.
    """
    writer = SweepWriter(space, engine, run_id, None)
    with _without_collection():
        rest: Kept | None = Kept(len(choices), choices, numpy.arange(len(choices)))
        known = keys
        while rest is not None:
            some, rest = rest.split(writer.room)
            size = len(some.choices)
            writer.take(some, Budget(), None, None if known is None else known[:size])
            known = None if known is None else known[size:]
            writer.flush()
    return writer.progress


def store_points(space: BlockSpace, keys: Sequence[int], engine: Engine, run_id: int) -> Progress:
    """Cost and store all candidates of a grid of one dimension, whose keys are known."""
    choices = numpy.arange(space.grid.size)[:, None]
    return store_choices(space, choices, engine, run_id, numpy.array(keys, dtype=numpy.int64))


def _is_full(progress: Progress, limit: int | None) -> bool:
    return limit is not None and progress.tallies.candidates >= limit


def _digest(
    space: BlockSpace, budget: Budget, keep: str, goals: Sequence[FrontGoal], limit: int | None
) -> int:
    """Return what stands for everything that decides which rows a sweep stores."""
    grid = space.grid
    dimensions = [[d.name, _identity(d)] for d in grid.dimensions]
    return hashed(
        [
            *(grid.family.name, grid.family.content, repr(dimensions)),
            *(repr([str(rule.text) for rule in grid.exclusions]), repr(space.conditions.stated)),
            space.code.fingerprint,
            *(repr(each) for each in declarations()),
            *_numbers(space),
            *(repr(budget), keep, repr(list(goals)), repr(limit)),
            # A family's variant changes what is not on the grid.
            repr(grid.family.defaults),
        ]
    )


def _identity(dimension: Dimension) -> Any:
    """Return what stands for the choices of a dimension."""
    if not isinstance(dimension.choices, ListedPoints):
        return [list(map(list, choice.items())) for choice in dimension.choices]
    columns = dimension.columns().items()
    return [(name, column.values, digest(column.codes.tobytes())) for name, column in columns]


def _numbers(space: BlockSpace) -> list[str]:
    """Return what stands for the numbers that blocks are given."""
    return [] if space.blocks.numbers is None else [space.blocks.numbers.identity]
