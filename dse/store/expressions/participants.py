"""Runs and studies that had to do with a candidate: of each there may be many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from dse.store.schema import candidate, measurement, study, trial, worker

PARTICIPANTS = ("run", "study")
"""Columns of which a candidate has any number: a condition holds where it holds for one of them."""


def any_participant(
    name: str, family: ColumnElement[Any], holds: Callable[[ColumnElement[Any]], Any]
) -> ColumnElement[bool]:
    """Return the condition that something holds for any run, or any study, of a candidate.

    A run has to do with a candidate that it stored first, measured or held as a trial.

    Args:
        name: one of `PARTICIPANTS`.
        family: of the candidate.
        holds: makes a condition of the id of a run or of a study.
    """
    network = trial.c.key == candidate.c.key, study.c.family == family
    trials = trial.join(study, study.c.id == trial.c.study_id)
    if name == "study":
        return select(1).select_from(trials).where(*network, holds(trial.c.study_id)).exists()
    measured = measurement.c.key == candidate.c.key, measurement.c.family == family
    held = trials.join(worker, worker.c.id == trial.c.worker_id)
    return or_(
        holds(candidate.c.run_id),
        select(1).where(*measured, holds(measurement.c.run_id)).exists(),
        select(1).select_from(held).where(*network, holds(worker.c.run_id)).exists(),
    )


def latest_study(family: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the id of the last study that a candidate is a trial of."""
    trials = trial.join(study, study.c.id == trial.c.study_id)
    network = trial.c.key == candidate.c.key, study.c.family == family
    found = select(func.max(trial.c.study_id)).select_from(trials).where(*network)
    return found.correlate(candidate).scalar_subquery()
