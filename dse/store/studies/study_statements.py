"""The statements that each trial of a study takes, made once as that costs the most."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    and_,
    bindparam,
    func,
    select,
    update,
)

from dse.store.dialects import insert_for
from dse.store.schema import study, trial

CLAIMED = (
    *("key", "training", "seen", "notes", "attempt", "attempts", "worker_id", "device"),
    *("changed", "claimed"),
)
"""What is given of a claimed trial, each as a parameter of its name with `new_` before it."""

ENDED = ("state", "error", "outcomes", "finished", "ended", "changed")
"""What is given of a trial that ended, likewise."""

HELD = ("claimed", "running")
"""The states of a trial that somebody holds."""


def of_study(table: Any = study.c.id) -> ColumnElement[bool]:
    """Return the condition that a row is of the study that the parameter `in_study` names."""
    is_of: ColumnElement[bool] = table == bindparam("in_study")
    return is_of


_OF_TRIAL: ColumnElement[Any] = bindparam("of_trial")
_AT_ATTEMPT: ColumnElement[Any] = bindparam("at_attempt")
_BY_WORKER: ColumnElement[Any] = bindparam("by_worker")


def is_held(
    of_trial: Any = _OF_TRIAL, at_attempt: Any = _AT_ATTEMPT, by_worker: Any = _BY_WORKER
) -> ColumnElement[bool]:
    """Return the condition that a trial is held, by a worker and at an attempt.

    Args:
        of_trial: its id; like the others a parameter of this name unless it is given.
        at_attempt: the number of the attempt.
        by_worker: the id of the worker.
    """
    return and_(
        trial.c.id == of_trial,
        trial.c.attempt == at_attempt,
        trial.c.worker_id == by_worker,
        trial.c.state.in_(HELD),
    )


def _given(name: str) -> ColumnElement[Any]:
    return bindparam(f"new_{name}", type_=trial.c[name].type)


@cache
def next_change() -> Executable:
    """Count a change of a study; return its number, and how many trials there are to be."""
    counted = update(study).where(of_study()).values(changes=study.c.changes + 1)
    return counted.returning(study.c.changes, study.c.trials)


@cache
def claim_new(dialect: str) -> Executable:
    """Insert a trial under the next number, if there are fewer than `most`, and return it."""
    last = select(func.max(trial.c.number)).where(of_study(trial.c.study_id)).scalar_subquery()
    number = func.coalesce(last + 1, 0)
    values = {
        "study_id": bindparam("in_study", type_=trial.c.study_id.type),
        "number": number,
        "state": bindparam("new_state", "claimed", type_=trial.c.state.type),
        **{name: _given(name) for name in CLAIMED},
    }
    rows = select(*values.values()).where(number < bindparam("most"))
    made = insert_for(dialect, trial).from_select(list(values), rows)
    return made.on_conflict_do_nothing().returning(trial)


@cache
def end_trial() -> Executable:
    """Note how a trial ended that is held, and return it."""
    values: dict[str, Any] = {name: _given(name) for name in ENDED}
    values["started"] = func.coalesce(_given("started"), trial.c.started, trial.c.claimed)
    return update(trial).where(is_held()).values(values).returning(trial)


@cache
def changed_since() -> Select[Any]:
    """Return the trials that changed after a change, by their numbers, beside the last change.

    One statement sees one moment; where nothing changed it returns a row without a trial.
    """
    changed = and_(trial.c.study_id == study.c.id, trial.c.changed > bindparam("since"))
    joined = study.outerjoin(trial, changed)
    found = select(study.c.changes.label("last_change"), trial).select_from(joined)
    return found.where(of_study()).order_by(trial.c.number)
