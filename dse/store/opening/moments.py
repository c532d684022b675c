"""What tells whether a store has changed since it was last read, without reading it all."""

from __future__ import annotations

import hashlib

from sqlalchemy import Engine, func, select

from dse.store.opening.database import reading
from dse.store.schema import candidate, measurement, run, study, trial, worker


def store_moment(engine: Engine) -> str:
    """Return a text that is another one when runs, candidates, measurements or trials are.

    It takes a moment however large the store is: keys and changes are looked up.
    """
    asked = (
        select(func.count(), func.max(run.c.id), func.sum(run.c.done), func.max(run.c.finished)),
        select(func.max(candidate.c.id)),
        select(func.max(measurement.c.id)),
        select(func.max(study.c.id), func.sum(study.c.trials)),
        select(trial.c.study_id, func.max(trial.c.changed)).group_by(trial.c.study_id),
        select(func.count()).select_from(worker),
    )
    with reading(engine) as connection:
        found = [sorted(map(tuple, connection.execute(query)), key=repr) for query in asked]
    return hashlib.blake2b(repr(found).encode(), digest_size=12).hexdigest()
