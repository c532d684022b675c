"""Candidates: what a sweep found out about each point of a space."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Row, func, select
from sqlalchemy.exc import IntegrityError

from dse.cost_conditions import Conditions
from dse.costs import COST_NAMES, COSTS, Costs
from dse.errors import DseError
from dse.fingerprints import Code
from dse.store.checked import mapping, whole
from dse.store.copying import copy_rows, takes_copies
from dse.store.database import driver_rows, reading, writing
from dse.store.declared_costs import (
    declarations,
    has_all,
    values_by_candidate,
    write_declarations,
    write_values,
)
from dse.store.dialects import insert_into, insert_rows
from dse.store.lasting import repeatable
from dse.store.measurements import Measurement, measurements_of
from dse.store.replicates import means_of
from dse.store.schema import candidate, candidate_identity
from dse.store.scopes import NO_CODE, CostScope, made_scope_id, read_scopes, scope_id
from dse.store.shared_settings import CANDIDATE_COLUMNS, SharedSettings, as_stored
from dse.store.sliced_columns import SlicedColumn
from dse.store.sweeps import SweepState, write_sweep_state

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_costs_in = attrgetter(*COST_NAMES)
_NO_COSTS = (None,) * len(COST_NAMES)
_LARGEST_ID = 2**63 - 1

_AT_ONCE = 10_000
"""Rows that are there as Python has them."""

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
    code: Code = NO_CODE
    """What worked the costs out."""

    @property
    def scope(self) -> CostScope:
        """What the costs are for, and what made them."""
        return CostScope(self.family, self.conditions, self.code)


@dataclass(frozen=True, slots=True)
class StoredCandidate:
    """A candidate with its place in the store and everything that was measured of it."""

    id: int
    row: CandidateRow
    run_id: int
    measurements: tuple[Measurement, ...]
    means: Mapping[str, float] = field(default_factory=dict)
    """Of what was measured, over the replicates of the latest context."""


@repeatable
def insert_candidates(engine: Engine, run_id: int, rows: Sequence[CandidateRow]) -> int:
    """Store candidates in one transaction, and return how many were not there before.

    Keys fall on random places of an index, so that the rate grows with the number of rows a call:
    some 50,000 are worth collecting.

    Args:
        engine: a store opened for writing.
        run_id: the run that found them.
        rows: the candidates; one that is present (key and scope) is passed over.
    """
    with writing(engine) as connection:
        return put_candidates(connection, run_id, rows)


def put_candidates(
    connection: Connection,
    run_id: int,
    rows: Sequence[CandidateRow],
    scope_id: int | None = None,
) -> int:
    """Do what `insert_candidates` does, within a transaction that writes.

    Args:
        connection: of the transaction.
        run_id: the run that found them.
        rows: the candidates.
        scope_id: of all of them, where it is known.
    """
    distinct = {_place(row): row.scope for row in rows}
    scopes = {
        place: scope_id or made_scope_id(connection, scope) for place, scope in distinct.items()
    }
    number = _insert_new(connection, (_values(run_id, scopes[_place(r)], r) for r in rows))
    given = {n for row in rows if row.costs for n, _ in row.costs.declared if COSTS[n].is_given}
    declared = declarations(sorted(given))
    if not declared:
        return number
    write_declarations(connection, declared)
    for place, id in scopes.items():
        some = [row for row in rows if row.costs is not None and _place(row) == place]
        values = {
            each.name: [dict(row.costs.declared).get(each.name) for row in some if row.costs]
            for each in declared
        }
        write_values(connection, id, [row.key for row in some], values)
    return number


def insert_candidate_columns(
    engine: Engine,
    run_id: int,
    scope: CostScope,
    keys: SlicedColumn,
    settings: Sequence[str] | SharedSettings,
    costs: Mapping[str, SlicedColumn],
    invalid: Sequence[str | None] | None = None,
    state: SweepState | None = None,
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

    Returns:
        The number of candidates that were not there before.
    """
    figures = [costs[name] for name in COST_NAMES]
    reasons = [None] * len(keys) if invalid is None else invalid
    if {*map(len, (settings, reasons, *figures))} - {len(keys)}:
        raise ValueError("columns of different lengths")
    with writing(engine) as connection:
        place = made_scope_id(connection, scope)
        stored: SlicedColumn
        if isinstance(settings, SharedSettings):
            stored = as_stored(connection, settings)
        else:
            stored = settings

        def rows() -> Iterator[tuple[Any, ...]]:
            for start in range(0, len(keys), _AT_ONCE):
                some = slice(start, start + _AT_ONCE)
                before = repeat(place), keys[some], reasons[some]
                values = (figure[some] for figure in figures)
                yield from zip(*before, *values, repeat(run_id), stored[some], strict=False)

        if state is not None:
            write_sweep_state(connection, run_id, state)
        if connection.dialect.name == "sqlite" and _outweigh(connection, len(keys)):
            number = _insert_and_index(connection, rows)
        elif takes_copies(connection):
            number = copy_rows(connection, candidate, rows())
        else:
            number = _insert_new(connection, rows())
        declared = declarations(name for name in costs if COSTS[name].is_given)
        write_declarations(connection, declared)
        values = {each.name: costs[each.name] for each in declared}
        write_values(connection, place, keys, values)
        return number


@repeatable
def known_keys(engine: Engine, scope: CostScope, given: Sequence[str] = ()) -> set[int]:
    """Return the keys of the candidates of a scope whose costs are all known.

    Those are the costs that every candidate has, those that are declared here, and those that
    blocks are given.
    """
    with reading(engine) as connection:
        return set(_known_keys(connection, scope, given))


@repeatable
def known_key_column(
    engine: Engine, scope: CostScope, given: Sequence[str] = ()
) -> NDArray[np.int64]:
    """Return what `known_keys` does as an array in no order: ten million in 80 MB."""
    import numpy as np

    with reading(engine) as connection:
        return np.fromiter(_known_keys(connection, scope, given), dtype=np.int64)


def _known_keys(connection: Connection, scope: CostScope, given: Sequence[str]) -> Iterator[int]:
    query = select(candidate.c.key).where(candidate.c.scope_id == scope_id(connection, scope))
    complete = has_all(connection, declarations(given))
    query = query if complete is None else query.where(complete)
    return chain.from_iterable(driver_rows(connection, query))


@repeatable
def stored_candidates(engine: Engine, scope: CostScope) -> list[CandidateRow]:
    """Return all candidates of a scope."""
    with reading(engine) as connection:
        where = candidate.c.scope_id == scope_id(connection, scope)
        rows = connection.execute(select(*CANDIDATE_COLUMNS).where(where)).all()
        declared = values_by_candidate(connection, where)
        return [candidate_row(row, scope, declared.get(row.id, {})) for row in rows]


@repeatable
def candidate_id(engine: Engine, key: int, scope: CostScope) -> int | None:
    """Return the id of a candidate, or None when the store does not hold it."""
    with reading(engine) as connection:
        where = (candidate.c.key == key, candidate.c.scope_id == scope_id(connection, scope))
        return connection.execute(select(candidate.c.id).where(*where)).scalar()


@repeatable
def prepared_scope(engine: Engine, scope: CostScope) -> int:
    """Return the id of a scope, which is stored if it was not."""
    with writing(engine) as connection:
        return made_scope_id(connection, scope)


@repeatable
def candidate_ids(engine: Engine, scope: CostScope) -> dict[int, int]:
    """Return the id of every candidate of a scope by its key."""
    query = select(candidate.c.key, candidate.c.id)
    with reading(engine) as connection:
        rows = connection.execute(query.where(candidate.c.scope_id == scope_id(connection, scope)))
        return {row.key: row.id for row in rows}


def get_candidate(engine: Engine, id: int) -> StoredCandidate:
    """Return a candidate with its measurements.

    Raises:
        DseError: for an id that the store does not hold.
    """
    with reading(engine) as connection:
        found = None
        if 0 < id <= _LARGEST_ID:
            query = select(*CANDIDATE_COLUMNS).where(candidate.c.id == id)
            found = connection.execute(query).first()
        if found is None:
            extent = select(func.count(), func.min(candidate.c.id), func.max(candidate.c.id))
            count, first, last = connection.execute(extent).one()
            held = f"{count:,} with ids from {first} to {last}" if count else "none yet"
            raise DseError(f"there is no candidate {id}; the store holds {held}")
        declared = values_by_candidate(connection, candidate.c.id == id).get(id, {})
        row = candidate_row(found, read_scopes(connection)[found.scope_id], declared)
        measured = measurements_of(connection, row.family, row.key)
        means = means_of(connection, row.family, row.key)
        return StoredCandidate(found.id, row, found.run_id, measured, means)


def candidate_row(
    row: Row[Any], scope: CostScope, declared: Mapping[str, int] = MappingProxyType({})
) -> CandidateRow:
    """Return the candidate that a stored row of a scope stands for.

    Args:
        row: of the table.
        scope: of the row.
        declared: its values of declared costs.
    """
    costs = None
    if row.invalid is None:
        found: dict[str, Any] = {cost: whole(row._mapping[cost]) for cost in COST_NAMES}
        costs = Costs(**found, declared=tuple(declared.items()))
    of, settings = (scope.family, scope.conditions), mapping(row.settings)
    return CandidateRow(row.key, *of, settings, costs, row.invalid, scope.code)


def _place(row: CandidateRow) -> tuple[str, Conditions, str]:
    """Return what tells the scopes of rows apart."""
    return row.family, row.conditions, row.code.fingerprint


def _values(run_id: int, scope: int, row: CandidateRow) -> tuple[Any, ...]:
    figures = _NO_COSTS if row.costs is None else _costs_in(row.costs)
    return (scope, row.key, row.invalid, *figures, run_id, _to_json(row.settings))


def _insert_new(connection: Connection, rows: Iterable[tuple[Any, ...]]) -> int:
    statement = insert_into(connection, candidate).on_conflict_do_nothing()
    return insert_rows(connection, candidate, rows, statement)


def _outweigh(connection: Connection, rows: int) -> bool:
    """Return whether there are so many new rows that building the index anew pays.

    An entry that is put into the index at random takes some three times as long as one that is
    built with all others.
    """
    if rows < BULK:
        return False
    return 2 * rows >= (connection.execute(select(func.max(candidate.c.id))).scalar() or 0)


def _insert_and_index(connection: Connection, rows: Callable[[], Iterable[tuple[Any, ...]]]) -> int:
    """Insert without the index of keys, and build it after: each key in order, not at random.

    Where some of them are there already, which the index then shows, it is all done anew.
    """
    try:
        with connection.begin_nested():
            candidate_identity.drop(connection)
            inserted = insert_rows(connection, candidate, rows())
            candidate_identity.create(connection)
            return inserted
    except IntegrityError:
        return _insert_new(connection, rows())
