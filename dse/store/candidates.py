"""Candidates: what a sweep found out about each point of a space."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, func, select

from dse.costs import COST_NAMES, Costs
from dse.errors import DseError
from dse.store.database import reading, writing
from dse.store.dialects import insert_new
from dse.store.measurements import Measurement, measurements_of
from dse.store.schema import candidate

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_NO_COSTS = (None,) * len(COST_NAMES)
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A candidate as it is stored."""

    key: int
    """A 63-bit hash of the network."""
    family: str
    batch: int
    """The number of inputs that the costs are for."""
    dtype: str
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
        rows: the candidates; one that is present (family, key, batch and dtype) is passed over.
    """
    with writing(engine) as connection:
        return insert_new(connection, candidate, [_values(run_id, row) for row in rows])


def known_keys(engine: Engine, family: str, batch: int, dtype: str) -> set[int]:
    """Return the keys of all candidates of a family at a batch size and a data type."""
    where = (
        candidate.c.family == family,
        candidate.c.batch == batch,
        candidate.c.dtype == dtype,
    )
    with reading(engine) as connection:
        return set(connection.execute(select(candidate.c.key).where(*where)).scalars())


def candidate_id(engine: Engine, family: str, key: int, batch: int, dtype: str) -> int | None:
    """Return the id of a candidate, or None when the store does not hold it."""
    where = (
        candidate.c.family == family,
        candidate.c.key == key,
        candidate.c.batch == batch,
        candidate.c.dtype == dtype,
    )
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
        costs = Costs(**{cost: values[cost] for cost in COST_NAMES})
    return CandidateRow(row.key, row.family, row.batch, row.dtype, row.settings, costs, row.invalid)


def _values(run_id: int, row: CandidateRow) -> tuple[Any, ...]:
    costs = row.costs
    figures = _NO_COSTS if costs is None else tuple(getattr(costs, name) for name in COST_NAMES)
    return (
        row.family,
        row.key,
        row.batch,
        row.dtype,
        row.invalid,
        *figures,
        run_id,
        _to_json(row.settings),
    )
