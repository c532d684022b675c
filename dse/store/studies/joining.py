"""Taking part in a study."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, and_, literal, or_, select, update

from dse.store.clock import now
from dse.store.dialects import insert_into, moment_in
from dse.store.opening import repeatable, writing
from dse.store.schema import study, trial, worker
from dse.store.studies.provenance import has_ended, this_machine
from dse.store.studies.study_workers import StudyWorker


@repeatable
def join_study(
    engine: Engine,
    study_id: int,
    run_id: int,
    lease: float,
    again: Sequence[str] = (),
    attempts: int = 1,
) -> StudyWorker:
    """Take part in a study; whoever finds nobody else there may open trials again.

    Args:
        engine: a store opened for writing.
        study_id: of the study.
        run_id: of this process.
        lease: seconds without a sign of life after which others take over what it holds.
        again: states in which trials ended that are then tried again.
        attempts: how often each is.
    """
    place = {"host": platform.node(), "machine": this_machine(), "process": os.getpid()}
    times = {"joined": now(), "expires": moment_in(lease)}
    ours = study.c.id == study_id
    alive = and_(worker.c.left.is_(None), worker.c.expires > moment_in(0))
    others = select(worker.c.machine, worker.c.process).where(worker.c.study_id == study_id, alive)
    with writing(engine) as connection:
        step = update(study).where(ours).values(changes=study.c.changes + 1)
        changed = connection.execute(step.returning(study.c.changes)).scalar_one()
        found = connection.execute(others).all()
        if all(row.machine == this_machine() and has_ended(row.process) for row in found):
            _open_again(connection, study_id, again, attempts, changed)
        identity = {"study_id": study_id, "run_id": run_id}
        made = insert_into(connection, worker).values(identity | place | times)
        id = int(connection.execute(made.returning(worker.c.id)).scalar_one())
    return StudyWorker(engine, study_id, run_id, id, lease)


def _open_again(
    connection: Connection, study_id: int, states: Sequence[str], attempts: int, changed: int
) -> None:
    values: dict[str, Any] = {"state": "waiting", "ended": None, "outcomes": None, "error": None}
    further = {"attempts": trial.c.attempt + attempts, "changed": changed}
    # Of several replicates of one that was done, some may have failed.
    partly = and_(trial.c.state == "done", trial.c.error.is_not(None), literal("failed" in states))
    chosen = and_(trial.c.study_id == study_id, or_(trial.c.state.in_(states), partly))
    connection.execute(update(trial).where(chosen).values(values | further))
