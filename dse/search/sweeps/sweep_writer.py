"""The one process that writes what a sweep keeps, with how far it is, in one transaction."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, fields

import numpy
from sqlalchemy import Engine

from dse.search.pools import Integers, KeySet, RowMaker, Rows, scope_of
from dse.search.sweeps.kept import Kept
from dse.search.sweeps.row_buffer import RowBuffer
from dse.space import BlockSpace, Budget
from dse.store import (
    MOST_PARTS,
    NumberColumn,
    SharedSettings,
    SweepState,
    insert_candidate_columns,
    known_key_column,
    note_sweep_state,
    sweep_state,
    trusted,
)

CHUNK = 250_000
"""Rows of the first transaction."""

GROWTH = 4
"""Rows of a later one for each that is there, so that the index is built anew few times."""

LARGEST = 4
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
    left_out: int = 0
    """Networks among the points that were taken for which a limit had no room."""


class SweepWriter:
    """Collects rows, and stores them with how far the sweep is."""

    def __init__(self, space: BlockSpace, engine: Engine, run_id: int, digest: int | None) -> None:
        self.progress = Progress()
        self._space, self._engine, self._run_id = space, engine, run_id
        self._digest = digest
        self._maker = RowMaker(space.tables, MOST_PARTS)
        self._known = KeySet(known_key_column(engine, scope_of(space), space.blocks.given))
        self._lacked = tuple(space.tables.lacked.intersection(space.blocks.given))
        self._there = self._known
        if self._lacked:
            # What has no number of a cost is whole without.
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
            progress.left_out += int(is_first[~within].sum())
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
            rows, shown = waiting.rows(), self._space.blocks.shown_costs
            self.progress.stored += insert_candidate_columns(
                self._engine,
                self._run_id,
                scope_of(self._space),
                NumberColumn(rows.keys),
                self._settings(rows),
                {name: NumberColumn(rows.costs[name], rows.known[name]) for name in shown},
                rows.invalid,
                state,
                self._space.blocks.number_tables,
            )
        elif state is not None:
            note_sweep_state(self._engine, self._run_id, state)

    def _settings(self, rows: Rows) -> list[str] | SharedSettings:
        if isinstance(rows.settings, list):
            return rows.settings
        assert self._maker.parts is not None, "settings are places of its texts"
        return SharedSettings(self._maker.parts, rows.settings)
