"""Candidates: what a sweep found out about each point of a space."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, func, select

from dse.costs import CONDITION_NAMES, COST_NAMES, Conditions, Costs
from dse.errors import DseError
from dse.store.checked import mapping, whole
from dse.store.database import reading, writing
from dse.store.dialects import insert_into, insert_rows
from dse.store.measurements import Measurement, measurements_of
from dse.store.schema import candidate, candidate_identity, scope_of
from dse.store.sweeps import SweepState, write_sweep_state

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_costs_in = attrgetter(*COST_NAMES)
_conditions_in = attrgetter(*CONDITION_NAMES)
_NO_COSTS = (None,) * len(COST_NAMES)
_LARGEST_ID = 2**63 - 1

_INCOMPLETE = and_(candidate.c.invalid.is_(None), candidate.c.memory_read.is_(None))
"""Rows of schema 1, which knew fewer costs."""

BULK = 100_000
"""Rows from which on it can pay to build the index of keys anew."""


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A candidate as it is stored."""

    key: int
    """A 63-bit hash of the network."""
    family: str
    conditions: Conditions
    """What the costs are for."""
    settings: Mapping[str, Any]
    """The value of each axis."""
    costs: Costs | None
    """None for a candidate that cannot be built."""
    invalid: str | None = None
    """Why the candidate cannot be built."""


@dataclass(frozen=True, slots=True)
class StoredCandidate:
    """A candidate with its place in the store and everything that was measured of it."""

    id: int
    row: CandidateRow
    run_id: int
    measurements: tuple[Measurement, ...]


def insert_candidates(engine: Engine, run_id: int, rows: Sequence[CandidateRow]) -> int:
    """Store candidates in one transaction, and return how many were not there before.

    Keys fall on random places of an index, so that the rate grows with the number of rows a call:
    some 50,000 are worth collecting.

    Args:
        engine: a store opened for writing.
        run_id: the run that found them.
        rows: the candidates; one that is present (family, key and conditions) is passed over, or
            completed where an older version of dse stored only some of its costs.
    """
    with writing(engine) as connection:
        return _insert_new(connection, (_values(run_id, row) for row in rows))


def insert_candidate_columns(
    engine: Engine,
    run_id: int,
    family: str,
    conditions: Conditions,
    keys: Sequence[int],
    settings: Sequence[str],
    costs: Mapping[str, Sequence[int | None]],
    invalid: Sequence[str | None] | None = None,
    state: SweepState | None = None,
) -> int:
    """Store many candidates of one family, a column at a time, in one transaction.

    It does what `insert_candidates` does, faster: a call of many rows that at least doubles the
    store builds the index of keys once at its end.

    Args:
        engine: a store opened for writing.
        run_id: the run that found them.
        family: of all of them.
        conditions: what the costs are for.
        keys: of the networks, as plain integers; one that is present is passed over.
        settings: the value of each axis, as the JSON text of an object.
        costs: for every cost of `COST_NAMES` the values; None where there are none.
        invalid: why each cannot be built, None where it can; by default all can.
        state: how far the sweep is with these, noted in the same transaction.

    Returns:
        The number of candidates that were not there before.
    """
    scope = scope_of(family, conditions)
    figures = [costs[name] for name in COST_NAMES]
    reasons = repeat(None, len(keys)) if invalid is None else invalid
    under = _conditions_in(conditions)
    rows = (
        (family, key, *under, reason, *values, run_id, scope, text)
        for key, reason, values, text in zip(
            keys, reasons, zip(*figures, strict=True), settings, strict=True
        )
    )
    with writing(engine) as connection:
        if state is not None:
            write_sweep_state(connection, run_id, state)
        if connection.dialect.name == "sqlite" and _outnumber(connection, len(keys)):
            return _insert_and_index(connection, scope, keys, rows)
        return _insert_new(connection, rows)


def known_keys(engine: Engine, family: str, conditions: Conditions) -> set[int]:
    """Return the keys of all candidates of a family under some conditions.

    Those of which an older version of dse stored only some costs do not count.
    """
    where = (candidate.c.scope == scope_of(family, conditions), ~_INCOMPLETE)
    with reading(engine) as connection:
        return set(connection.execute(select(candidate.c.key).where(*where)).scalars())


def stored_candidates(engine: Engine, family: str, conditions: Conditions) -> list[CandidateRow]:
    """Return all candidates of a family under some conditions, but for incomplete ones."""
    where = (candidate.c.scope == scope_of(family, conditions), ~_INCOMPLETE)
    with reading(engine) as connection:
        return list(map(candidate_row, connection.execute(select(candidate).where(*where))))


def candidate_id(engine: Engine, family: str, key: int, conditions: Conditions) -> int | None:
    """Return the id of a candidate, or None when the store does not hold it."""
    where = (candidate.c.key == key, candidate.c.scope == scope_of(family, conditions))
    with reading(engine) as connection:
        return connection.execute(select(candidate.c.id).where(*where)).scalar()


def get_candidate(engine: Engine, id: int) -> StoredCandidate:
    """Return a candidate with its measurements.

    Raises:
        DseError: for an id that the store does not hold.
    """
    with reading(engine) as connection:
        found = None
        if 0 < id <= _LARGEST_ID:
            found = connection.execute(select(candidate).where(candidate.c.id == id)).first()
        if found is None:
            extent = select(func.count(), func.min(candidate.c.id), func.max(candidate.c.id))
            count, first, last = connection.execute(extent).one()
            held = f"{count:,} with ids from {first} to {last}" if count else "none yet"
            raise DseError(f"there is no candidate {id}; the store holds {held}")
        return StoredCandidate(
            found.id, candidate_row(found), found.run_id, measurements_of(connection, id)
        )


def candidate_row(row: Row[Any]) -> CandidateRow:
    """Return the candidate that a row of the table `candidate` stands for."""
    values = row._mapping
    costs = None
    if row.invalid is None:
        found: dict[str, Any] = {cost: whole(values[cost]) for cost in COST_NAMES}
        costs = Costs(**found)
    conditions = Conditions(**{name: values[name] for name in CONDITION_NAMES})
    settings = mapping(row.settings)
    return CandidateRow(row.key, row.family, conditions, settings, costs, row.invalid)


def _values(run_id: int, row: CandidateRow) -> tuple[Any, ...]:
    costs = row.costs
    return (
        row.family,
        row.key,
        *_conditions_in(row.conditions),
        row.invalid,
        *(_NO_COSTS if costs is None else _costs_in(costs)),
        run_id,
        scope_of(row.family, row.conditions),
        _to_json(row.settings),
    )


def _insert_new(connection: Connection, rows: Iterable[tuple[Any, ...]]) -> int:
    statement = insert_into(connection, candidate)
    completed = statement.on_conflict_do_update(
        index_elements=[candidate.c.key, candidate.c.scope],
        set_={cost: statement.excluded[cost] for cost in COST_NAMES},
        where=_INCOMPLETE,
    )
    return insert_rows(connection, candidate, rows, completed)


def _outnumber(connection: Connection, rows: int) -> bool:
    """Return whether so many new rows are more than those that are there, which are complete."""
    if rows < BULK:
        return False
    last = connection.execute(select(func.max(candidate.c.id))).scalar() or 0
    if rows < last:
        return False
    return connection.execute(select(candidate.c.id).where(_INCOMPLETE).limit(1)).first() is None


def _insert_and_index(
    connection: Connection, scope: int, keys: Sequence[int], rows: Iterable[tuple[Any, ...]]
) -> int:
    """Insert without the index of keys, and build it after: each key in order, not at random."""
    present = select(candidate.c.key).where(candidate.c.scope == scope)
    seen = set(connection.execute(present).scalars())
    is_new = [not (key in seen or seen.add(key)) for key in keys]  # type: ignore[func-returns-value]
    candidate_identity.drop(connection)
    inserted = insert_rows(connection, candidate, compress(rows, is_new))
    candidate_identity.create(connection)
    return inserted
