"""Candidates: what a sweep found out about each point of a space."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Row, func, select

from dse.code import Code
from dse.costs import COST_NAMES, COSTS, Conditions, Costs
from dse.errors import DseError
from dse.store.asked_words import checked_id
from dse.store.candidates.block_numbers import NO_NUMBERS, outdated_numbers
from dse.store.checked import mapping, whole
from dse.store.dialects import insert_missing
from dse.store.layout import (
    CANDIDATE_COLUMNS,
    NO_CODE,
    CostScope,
    declarations,
    has_all,
    made_scope_id,
    means_of,
    read_scopes,
    scope_id,
    values_by_candidate,
    write_declarations,
    write_values,
)
from dse.store.measurements import Measurement, measurements_of
from dse.store.opening import driver_rows, reading, repeatable, writing
from dse.store.schema import candidate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_costs_in = attrgetter(*COST_NAMES)
_NO_COSTS = (None,) * len(COST_NAMES)


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
def insert_candidates(
    engine: Engine,
    run_id: int,
    rows: Sequence[CandidateRow],
    numbers: Mapping[str, Mapping[int, int]] = NO_NUMBERS,
) -> int:
    """Store candidates in one transaction, and return how many were not there before.

    Keys fall on random places of an index, so that the rate grows with the number of rows a call:
    some 50,000 are worth collecting.

    Args:
        engine: a store opened for writing.
        run_id: the run that found them.
        rows: the candidates; one that is present (key and scope) is passed over.
        numbers: as for `insert_candidate_columns`.
    """
    with writing(engine) as connection:
        return put_candidates(connection, run_id, rows, numbers=numbers)


def put_candidates(
    connection: Connection,
    run_id: int,
    rows: Sequence[CandidateRow],
    scope_id: int | None = None,
    numbers: Mapping[str, Mapping[int, int]] = NO_NUMBERS,
) -> int:
    """Do what `insert_candidates` does, within a transaction that writes.

    Args:
        connection: of the transaction.
        run_id: the run that found them.
        rows: the candidates.
        scope_id: of all of them, where it is known.
        numbers: as for `insert_candidate_columns`.
    """
    distinct = {_place(row): row.scope for row in rows}
    scopes = {
        place: scope_id or made_scope_id(connection, scope) for place, scope in distinct.items()
    }
    number = insert_missing(
        connection, candidate, (_values(run_id, scopes[_place(r)], r) for r in rows)
    )
    given = {n for row in rows if row.costs for n, _ in row.costs.declared if COSTS[n].is_given}
    declared = declarations(sorted(given))
    if not declared:
        return number
    write_declarations(connection, declared)
    for place, id in scopes.items():
        some = [row for row in rows if row.costs is not None and _place(row) == place]
        outdated = outdated_numbers(connection, numbers, distinct[place].conditions.device)
        values = {
            each.name: [dict(row.costs.declared).get(each.name) for row in some if row.costs]
            for each in declared
            if each.name not in outdated
        }
        write_values(connection, id, [row.key for row in some], values)
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
        if (known := checked_id(id)) is not None:
            query = select(*CANDIDATE_COLUMNS).where(candidate.c.id == known)
            found = connection.execute(query).first()
        if found is None:
            extent = select(func.count(), func.min(candidate.c.id), func.max(candidate.c.id))
            count, first, last = connection.execute(extent).one()
            held = f"{count:,} with ids from {first} to {last}" if count else "none yet"
            raise DseError(f"there is no candidate {id}; the store holds {held}")
        declared = values_by_candidate(connection, candidate.c.id == found.id).get(found.id, {})
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
