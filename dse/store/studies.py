"""Studies: in which order a search looked at candidates, so that it can be continued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select

from dse.costs import Costs
from dse.store.candidates import candidate_row
from dse.store.database import reading, writing
from dse.store.dialects import insert_into
from dse.store.schema import candidate, measurement, study, trial


@dataclass(frozen=True, slots=True)
class StoredTrial:
    """A trial of a study."""

    number: int
    candidate_id: int
    settings: Mapping[str, Any]
    costs: Costs | None
    measurement_id: int
    value: float | None
    outcome: str
    """`done` or `failed`."""


def open_study(engine: Engine, digest: str, config: Mapping[str, Any]) -> int:
    """Return the id of the study with this digest; store it first when it is new.

    Args:
        engine: a store opened for writing.
        digest: equal for searches that continue one another.
        config: what the search was asked for, as plain JSON values.
    """
    with writing(engine) as connection:
        statement = insert_into(connection, study).values(digest=digest, config=dict(config))
        connection.execute(statement.on_conflict_do_nothing())
        query = select(study.c.id).where(study.c.digest == digest)
        return int(connection.execute(query).scalar_one())


def record_trial(engine: Engine, study_id: int, number: int, measurement_id: int) -> bool:
    """Store a trial; return False, and change nothing, when the study has that one already.

    A study has one trial of each number, and one for each measurement.
    """
    values = {"study_id": study_id, "number": number, "measurement_id": measurement_id}
    with writing(engine) as connection:
        statement = insert_into(connection, trial).values(values)
        inserted = statement.on_conflict_do_nothing().returning(trial.c.number)
        return connection.execute(inserted).first() is not None


def study_trials(engine: Engine, study_id: int) -> list[StoredTrial]:
    """Return the trials of a study in the order of their numbers."""
    query = (
        select(
            trial.c.number,
            trial.c.measurement_id,
            measurement.c.value,
            measurement.c.outcome,
            candidate,
        )
        .join(measurement, measurement.c.id == trial.c.measurement_id)
        .join(candidate, candidate.c.id == measurement.c.candidate_id)
        .where(trial.c.study_id == study_id)
        .order_by(trial.c.number)
    )
    with reading(engine) as connection:
        return [
            StoredTrial(
                number=row.number,
                candidate_id=row.id,
                settings=row.settings,
                costs=candidate_row(row).costs,
                measurement_id=row.measurement_id,
                value=row.value,
                outcome=row.outcome,
            )
            for row in connection.execute(query)
        ]
