"""Sweeps of families of blocks: streamed from tables, in bounded memory, by one writer.

Every transaction holds rows of the grid in its order, and how far the sweep is with them. So a
killed sweep goes on behind the last one. What the store holds of another sweep is not stored twice.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy
from sqlalchemy import Engine

from dse.search.kept import FrontGoal, Keep, Kept, front, kept_points
from dse.search.key_set import Integers, KeySet
from dse.search.row_buffer import RowBuffer
from dse.search.row_maker import RowMaker
from dse.space import BlockSpace, Budget, DesignSpace, Dimension, ListedPoints
from dse.store import (
    CostScope,
    NumberColumn,
    SweepState,
    declarations,
    digest,
    hashed,
    insert_candidate_columns,
    known_key_column,
    note_sweep_state,
    sweep_state,
    trusted,
)

CHUNK = 100_000
"""Rows of the first transaction."""

GROWTH = 4
"""Rows of a later one for each that is there, so that the index is built anew few times."""

LARGEST = 10
"""Times `CHUNK` that a transaction has at most."""

SECONDS = 5.0
"""After which the progress of a sweep is noted, whatever it has found."""


@dataclass(slots=True)
class Tallies:
    """What a sweep counted, from the first point of the grid on."""

    candidates: int = 0
    """Distinct networks among the points that are kept."""
    repeats: int = 0
    """Points that are kept and whose network an earlier one has too."""
    invalid: int = 0
    feasible: int = 0


@dataclass(slots=True)
class Progress:
    """How far a sweep is, and what it did."""

    tallies: Tallies = field(default_factory=Tallies)
    done: int = 0
    """Points of the grid gone through, those of earlier runs included."""
    started_at: int = 0
    """Points that earlier runs had gone through."""
    present: int = 0
    stored: int = 0


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
    writer = _Writer(space, engine, run_id, _digest(space, budget, keep, goals, limit))
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
    writer = _Writer(space, engine, run_id, None)
    with _without_collection():
        for start in range(0, len(choices), CHUNK):
            some = choices[start : start + CHUNK]
            numbers = start + numpy.arange(len(some))
            known = None if keys is None else keys[start : start + CHUNK]
            writer.take(Kept(start + len(some), some, numbers), Budget(), None, known)
            writer.flush()
    return writer.progress


def store_points(space: BlockSpace, keys: Sequence[int], engine: Engine, run_id: int) -> Progress:
    """Cost and store all candidates of a grid of one dimension, whose keys are known."""
    choices = numpy.arange(space.grid.size)[:, None]
    return store_choices(space, choices, engine, run_id, numpy.array(keys, dtype=numpy.int64))


def scope_of(space: DesignSpace) -> CostScope:
    """Return what the costs of a space's candidates are for, and what makes them."""
    return CostScope(space.grid.family.name, space.conditions, space.code)


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


class _Writer:
    """Collects rows, and stores them with how far the sweep is."""

    def __init__(self, space: BlockSpace, engine: Engine, run_id: int, digest: int | None) -> None:
        self.progress = Progress()
        self._space, self._engine, self._run_id = space, engine, run_id
        self._digest = digest
        self._maker = RowMaker(space.tables)
        self._known = KeySet(known_key_column(engine, scope_of(space), space.blocks.given))
        self._lacked = tuple(space.tables.lacked.intersection(space.blocks.given))
        # What has no number of a cost is whole without.
        self._there = self._known
        if self._lacked:
            self._there = KeySet(known_key_column(engine, scope_of(space)))
        self._seen = KeySet()
        self._waiting: RowBuffer | None = None
        self._flushed = time.monotonic()

    def resume(self) -> None:
        """Go on where an earlier run of the same sweep was, if the store still has its rows."""
        state = None if self._digest is None else sweep_state(self._engine, self._digest)
        if state is None:
            return
        with trusted(self._engine):
            known = {f.name: state.tallies[f.name] for f in fields(Tallies)}
        if len(self._known) < known["candidates"]:
            return
        self.progress.tallies = Tallies(**known)
        self.progress.done = self.progress.started_at = state.done
        self.progress.present = self.progress.tallies.candidates

    def take(
        self, kept: Kept, budget: Budget, limit: int | None, keys: Integers | None = None
    ) -> None:
        """Take the next points; of those with the same network the first counts."""
        progress, tallies = self.progress, self.progress.tallies
        keys = self._maker.keys(kept.choices) if keys is None else keys
        is_first = self._seen.add(keys)
        if limit is not None:
            # What comes behind the last one that is kept is not looked at.
            within = numpy.cumsum(is_first) <= limit - tallies.candidates
            is_first, keys = is_first[within], keys[within]
        tallies.repeats += len(keys) - int(is_first.sum())
        choices, keys = kept.choices[: len(is_first)][is_first], keys[is_first]
        columns = self._space.tables.costs(choices)
        tallies.candidates += len(keys)
        tallies.invalid += int((~columns.is_valid).sum())
        tallies.feasible += int(columns.admitted(budget).sum())
        progress.done = kept.done
        is_known = self._known.holds(keys)
        if self._lacked:
            is_known |= self._there.holds(keys) & ~columns.bears(self._lacked)
        is_new = ~is_known
        progress.present += int((~is_new).sum())
        if is_new.any():
            rows = self._maker.rows(choices[is_new], keys[is_new], columns.of(is_new))
            if self._waiting is None:
                self._waiting = RowBuffer(max(self.room, len(rows)))
            self._waiting.add(rows)

    @property
    def room(self) -> int:
        """How many more rows belong into the next transaction."""
        present = len(self._known) + self.progress.stored
        size = min(max(CHUNK, GROWTH * present), LARGEST * CHUNK)
        return size - (0 if self._waiting is None else len(self._waiting))

    @property
    def is_ready(self) -> bool:
        """Whether what was taken is worth a transaction."""
        return self.room <= 0 or time.monotonic() - self._flushed > SECONDS

    def flush(self) -> None:
        """Store what was taken."""
        waiting, self._waiting = self._waiting, None
        self._flushed = time.monotonic()
        state = None
        if self._digest is not None:
            tallies = asdict(self.progress.tallies)
            name, size = self._space.grid.family.name, self._space.grid.size
            state = SweepState(self._digest, name, self.progress.done, size, tallies)
        if waiting is not None:
            rows = waiting.rows()
            self.progress.stored += insert_candidate_columns(
                self._engine,
                self._run_id,
                scope_of(self._space),
                NumberColumn(rows.keys),
                self._maker.settings(rows),
                {cost: rows.figures(cost) for cost in self._space.blocks.shown_costs},
                rows.invalid,
                state,
            )
        elif state is not None:
            note_sweep_state(self._engine, self._run_id, state)
