"""Very many candidates of one scope, stored a column at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import IntegrityError

from dse.costs import COST_NAMES, COSTS
from dse.store.candidates.block_numbers import NO_NUMBERS, outdated_numbers
from dse.store.candidates.copying import copy_rows, takes_copies
from dse.store.candidates.sweeps import SweepState, write_sweep_state
from dse.store.dialects import Same, insert_missing, insert_rows, varied_columns
from dse.store.layout import (
    CostScope,
    NumberColumn,
    SharedSettings,
    SlicedColumn,
    as_stored,
    declarations,
    made_scope_id,
    write_declarations,
    write_values,
)
from dse.store.opening import repeatable, writing
from dse.store.schema import candidate, candidate_identity, run

_log = logging.getLogger("dse.store")

_AT_ONCE = 10_000
"""Rows that are there as Python has them."""

BULK = 100_000
"""Rows from which on it can pay to build the index of keys anew."""


@repeatable
def insert_candidate_columns(
    engine: Engine,
    run_id: int,
    scope: CostScope,
    keys: SlicedColumn,
    settings: Sequence[str] | SharedSettings,
    costs: Mapping[str, SlicedColumn],
    invalid: Sequence[str | None] | None = None,
    state: SweepState | None = None,
    numbers: Mapping[str, Mapping[int, int]] = NO_NUMBERS,
) -> int:
    """Store many candidates of one scope, a column at a time, in one transaction.

    It does what `insert_candidates` does, faster: a call of many rows that is not small beside
    the store builds the index of keys once at its end.

    Args:
        engine: a store opened for writing.
        run_id: the run that found them.
        scope: of all of them.
        keys: of the networks, as plain integers; one that is present is passed over.
        settings: the value of each axis, as the JSON text of an object, or as parts of such texts.
        costs: for every cost of `COST_NAMES`, and those that are declared, the values; None where
            there are none.
        invalid: why each cannot be built, None where it can; by default all can.
        state: how far the sweep is with these, noted in the same transaction.
        numbers: of blocks that costs were added up from: by cost, and by the digest of a block.
            Where the store has others by now, these costs are left out.

    Returns:
        The number of candidates that were not there before.
    """
    figures = {name: costs[name] for name in COST_NAMES}
    reasons = [None] * len(keys) if invalid is None else invalid
    if {*map(len, (settings, reasons, *figures.values()))} - {len(keys)}:
        raise ValueError("columns of different lengths")
    with writing(engine, looks_up_references=False) as connection:
        _require_run(connection, run_id)
        place = made_scope_id(connection, scope)
        stored: SlicedColumn
        if isinstance(settings, SharedSettings):
            stored = as_stored(connection, settings)
        else:
            stored = settings

        columns: dict[str, SlicedColumn] = {"key": keys, "settings": stored}
        same: dict[str, int | None] = {"scope_id": place, "run_id": run_id}
        for name, column in {"invalid": reasons, **figures}.items():
            value = _same(column)
            columns |= {} if value else {name: column}
            same |= {name: value[0]} if value else {}
        names = varied_columns(candidate, same)

        def rows() -> Iterator[tuple[Any, ...]]:
            for start in range(0, len(keys), _AT_ONCE):
                some = slice(start, start + _AT_ONCE)
                yield from zip(*(columns[name][some] for name in names), strict=True)

        if state is not None:
            write_sweep_state(connection, run_id, state)
        if connection.dialect.name == "sqlite" and _outweigh(connection, len(keys)):
            number = _insert_and_index(connection, rows, same)
        elif takes_copies(connection):
            number = copy_rows(connection, candidate, rows(), same)
        else:
            number = insert_missing(connection, candidate, rows(), same)
        declared = declarations(name for name in costs if COSTS[name].is_given)
        write_declarations(connection, declared)
        outdated = outdated_numbers(connection, numbers, scope.conditions.device)
        kept = [each.name for each in declared if each.name not in outdated]
        for name in sorted(outdated):
            _log.warning(
                "blocks have other numbers of %s by now; the same again adds them up", name
            )
        values = {name: costs[name] for name in kept}
        write_values(connection, place, keys, values)
        return number


def _require_run(connection: Connection, run_id: int) -> None:
    """Refuse a run that the store does not know, which new rows would refer to."""
    if connection.execute(select(run.c.id).where(run.c.id == run_id)).scalar() is None:
        raise ValueError(f"the store has no run {run_id}")


def _same(column: SlicedColumn) -> tuple[int | None, ...]:
    """Return the one value of a column in a tuple; an empty one where it has several."""
    if isinstance(column, NumberColumn):
        return column.same()
    is_empty = isinstance(column, list) and column.count(None) == len(column) > 0
    return (None,) if is_empty else ()


def _outweigh(connection: Connection, rows: int) -> bool:
    """Return whether there are so many new rows that building the index anew pays.

    An entry that is put into the index at random takes some three times as long as one that is
    built with all others.
    """
    if rows < BULK:
        return False
    return 2 * rows >= (connection.execute(select(func.max(candidate.c.id))).scalar() or 0)


def _insert_and_index(
    connection: Connection, rows: Callable[[], Iterable[tuple[Any, ...]]], same: Same
) -> int:
    """Insert without the index of keys, and build it after: each key in order, not at random.

    Where some of them are there already, which the index then shows, it is all done anew.
    """
    try:
        with connection.begin_nested():
            candidate_identity.drop(connection)
            inserted = insert_rows(connection, candidate, rows(), same=same)
            candidate_identity.create(connection)
            return inserted
    except IntegrityError:
        return insert_missing(connection, candidate, rows(), same)
