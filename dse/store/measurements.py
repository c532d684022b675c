"""Measurements: numbers that came from running a candidate, with what produced them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from dse.store.canonical import canonical_json, digest
from dse.store.checked import number
from dse.store.clock import now
from dse.store.database import reading, writing
from dse.store.dialects import insert_into
from dse.store.schema import candidate, measurement


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number that came from running a candidate, or the error that came in its place."""

    id: int
    candidate_id: int
    what: str
    """Such as `accuracy`, `naswot` or `latency`."""
    value: float | None
    """None when it failed."""
    context: Mapping[str, Any]
    """What produced the number: data, seed, settings of the objective."""
    outcome: str
    """`done` or `failed`."""
    error: str | None
    seconds: float | None
    run_id: int
    created: str
    """The moment in UTC, such as `2025-01-31T12:00:00.000000Z`."""


def record_measurement(
    engine: Engine,
    candidate_id: int,
    what: str,
    value: float | None,
    context: Mapping[str, Any],
    run_id: int,
    seconds: float | None = None,
    error: str | None = None,
) -> int:
    """Store what was measured, or that measuring failed, and return the id of the measurement.

    There is one measurement of a candidate for each `what` and context: one that failed is
    replaced, one that was done stays as it is. A value that is missing or not finite is a failure.

    Args:
        engine: a store opened for writing.
        candidate_id: what was measured.
        what: the name of the quantity.
        value: the number; None when it failed.
        context: what produced it, as plain JSON values; the order of its keys is of no matter.
        run_id: the run that measured it.
        seconds: how long it took.
        error: why it failed.
    """
    with writing(engine) as connection:
        return _record(connection, candidate_id, what, value, context, run_id, seconds, error)


def record_measurements(
    engine: Engine,
    run_id: int,
    measured: Iterable[tuple[int, str, float]],
    context: Mapping[str, Any],
) -> int:
    """Store many measurements of one context in one transaction.

    Unlike those of `record_measurement` they take the place of what was there: a file that was
    mended is imported anew.

    Args:
        engine: a store opened for writing.
        run_id: the run that they belong to.
        measured: the id of a candidate, the name of the quantity and the number.
        context: what produced them.

    Returns:
        The number of measurements.
    """
    number = 0
    with writing(engine) as connection:
        for candidate_id, what, value in measured:
            _record(connection, candidate_id, what, value, context, run_id, replace=True)
            number += 1
    return number


def _record(
    connection: Connection,
    candidate_id: int,
    what: str,
    value: float | None,
    context: Mapping[str, Any],
    run_id: int,
    seconds: float | None = None,
    error: str | None = None,
    replace: bool = False,
) -> int:
    if error is None and (value is None or not math.isfinite(value)):
        error = f"the value is {value}, not a finite number"
    text = canonical_json(context)
    place = {"candidate_id": candidate_id, "what": what, "context_digest": digest(text)}
    content = {
        "value": None if value is None or error is not None else float(value),
        "context": text,
        "outcome": "done" if error is None else "failed",
        "error": error,
        "seconds": seconds,
        "run_id": run_id,
        "created": now(),
    }
    statement = insert_into(connection, measurement).values(place | content)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(place),
            set_={column: statement.excluded[column] for column in content},
            where=None if replace else measurement.c.outcome == "failed",
        )
    )
    where = [measurement.c[column] == wanted for column, wanted in place.items()]
    return int(connection.execute(select(measurement.c.id).where(*where)).scalar_one())


def find_measurement(
    engine: Engine, family: str, key: int, what: str, context: Mapping[str, Any]
) -> Measurement | None:
    """Return what is known of a network in a context, or None.

    The batch size and the data type that its costs were stored for do not matter. One that was
    done goes before one that failed, and a later one before an earlier one.
    """
    query = (
        select(measurement)
        .join(candidate, candidate.c.id == measurement.c.candidate_id)
        .where(
            candidate.c.family == family,
            candidate.c.key == key,
            measurement.c.what == what,
            measurement.c.context_digest == digest(canonical_json(context)),
        )
        # By name, "done" comes before "failed".
        .order_by(measurement.c.outcome, measurement.c.created.desc(), measurement.c.id.desc())
        .limit(1)
    )
    with reading(engine) as connection:
        found = connection.execute(query).first()
        return None if found is None else _measurement(found)


def measurements_before(
    engine: Engine, family: str, what: str, context: Mapping[str, Any], run_id: int
) -> dict[int, float]:
    """Return what earlier runs measured of a family's networks in a context, by their keys.

    Args:
        engine: a store.
        family: whose candidates.
        what: the name of the quantity.
        context: what produced the values.
        run_id: only runs that were started before this one count.
    """
    query = (
        select(candidate.c.key, measurement.c.value)
        .join(candidate, candidate.c.id == measurement.c.candidate_id)
        .where(
            candidate.c.family == family,
            measurement.c.what == what,
            measurement.c.context_digest == digest(canonical_json(context)),
            measurement.c.outcome == "done",
            measurement.c.run_id < run_id,
        )
        .order_by(measurement.c.id)
    )
    with reading(engine) as connection:
        return {int(row.key): float(row.value) for row in connection.execute(query)}


def measurements_of(connection: Connection, candidate_id: int) -> tuple[Measurement, ...]:
    """Return everything that was measured of a candidate, the oldest first."""
    query = (
        select(measurement)
        .where(measurement.c.candidate_id == candidate_id)
        .order_by(measurement.c.created, measurement.c.id)
    )
    return tuple(_measurement(row) for row in connection.execute(query))


def _measurement(row: Row[Any]) -> Measurement:
    values = {column: row._mapping[column] for column in Measurement.__dataclass_fields__}
    return Measurement(
        **(values | {"context": json.loads(row.context), "value": number(row.value)})
    )
