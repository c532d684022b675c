"""Studies and their trials, as every process that takes part sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Engine, Row, case, func, select, update

from dse.errors import DseError
from dse.store.asked_words import checked_id
from dse.store.checked import mapping, number, text, whole
from dse.store.clock import now
from dse.store.dialects import insert_into, moment_in
from dse.store.layout import SETTINGS
from dse.store.opening import reading, repeatable, writing
from dse.store.schema import candidate, report, run, scope, study, trial, worker
from dse.store.studies import study_statements

TrialState = Literal["waiting", "claimed", "running", "done", "failed", "pruned"]

ENDED: tuple[TrialState, ...] = ("done", "failed", "pruned")
"""The states of a trial that nobody works on any more."""


@dataclass(frozen=True, slots=True)
class StoredStudy:
    """A search that any number of processes share."""

    id: int
    digest: int
    name: str
    family: str
    content: Mapping[str, Any]
    """What is searched, for what, and how; plain values."""
    known: tuple[int, ...]
    """The keys of the networks that other runs had measured when it began."""
    trials: int
    """How many it is to have."""
    run_id: int
    """The run that made it."""
    created: str


@dataclass(frozen=True, slots=True)
class StoredTrial:
    """A candidate that a study evaluates."""

    id: int
    number: int
    key: int
    training: str
    state: TrialState
    attempt: int
    attempts: int
    """Up to which attempt it is tried again."""
    worker_id: int
    """Who holds it, or held it last."""
    device: str | None
    claimed: str
    started: str | None
    finished: str | None
    changed: int
    """The change of the study that this row was written by."""
    ended: int | None
    """The change by which it ended; None while it has not."""
    seen: Mapping[str, Any]
    """What was known when it was proposed."""
    notes: Mapping[str, Any]
    """What the sampler and the pruner noted."""
    outcomes: tuple[Mapping[str, Any], ...]
    """What came of each replicate."""
    error: str | None

    @property
    def has_ended(self) -> bool:
        """Whether nobody works on it any more."""
        return self.state in ENDED


@repeatable
def enter_study(
    engine: Engine,
    digest: int,
    name: str,
    family: str,
    content: Mapping[str, Any],
    known: Sequence[int],
    trials: int,
    run_id: int,
) -> StoredStudy:
    """Return the study of a digest, which is stored if it was not.

    Args:
        engine: a store opened for writing.
        digest: 63 bits that stand for all that two processes of one study have in common.
        name: of the study.
        family: whose candidates it evaluates.
        content: what is searched, for what, and how; plain values.
        known: keys of networks that are known from the start, where it begins here.
        trials: how many it is to have; more than before raises the number.
        run_id: of this process.
    """
    identity = {"digest": digest}
    values = {"name": name, "family": family, "content": dict(content), "known": list(known)}
    further = {"trials": trials, "changes": 0, "run_id": run_id, "created": now()}
    with writing(engine) as connection:
        statement = insert_into(connection, study).values(identity | values | further)
        connection.execute(statement.on_conflict_do_nothing())
        ours = study.c.digest == digest
        raised = update(study).where(ours, study.c.trials < trials).values(trials=trials)
        connection.execute(raised)
        return _study(connection.execute(select(study).where(ours)).one())


def find_study(engine: Engine, id: int) -> StoredStudy:
    """Return a study.

    Raises:
        DseError: for an id that the store does not hold.
    """
    with reading(engine) as connection:
        if (known := checked_id(id)) is not None:
            found = connection.execute(select(study).where(study.c.id == known)).first()
            if found is not None:
                return _study(found)
        held = connection.execute(select(func.min(study.c.id), func.max(study.c.id))).one()
    there = "no study yet" if held[0] is None else f"ids from {held[0]} to {held[1]}"
    raise DseError(f"there is no study {id}; the store holds {there}")


@repeatable
def study_of_digest(engine: Engine, digest: int) -> StoredStudy | None:
    """Return the study of a digest, or None where there is none yet."""
    with reading(engine) as connection:
        found = connection.execute(select(study).where(study.c.digest == digest)).first()
        return None if found is None else _study(found)


def study_of_run(engine: Engine, run_id: int) -> StoredStudy | None:
    """Return the study that a run made or took part in, or None for a run without one."""
    query = select(study).join(worker, worker.c.study_id == study.c.id)
    with reading(engine) as connection:
        found = connection.execute(query.where(worker.c.run_id == run_id).limit(1)).first()
        return None if found is None else _study(found)


@repeatable
def changed_trials(engine: Engine, study_id: int, since: int) -> tuple[int, list[StoredTrial]]:
    """Return the last change of a study, and the trials that changed after an earlier one."""
    parameters = {"in_study": study_id, "since": since}
    with reading(engine) as connection:
        rows = connection.execute(study_statements.changed_since(), parameters).all()
        return rows[0].last_change, [stored_trial(row) for row in rows if row.id is not None]


@repeatable
def trial_reports(engine: Engine, trials: Sequence[int]) -> dict[int, dict[int, float]]:
    """Return what some trials reported: values by step, of the last attempt that reached it."""
    query = select(report).where(report.c.trial_id.in_(trials))
    query = query.order_by(report.c.trial_id, report.c.attempt, report.c.step)
    found: dict[int, dict[int, float]] = {}
    with reading(engine) as connection:
        for row in connection.execute(query):
            found.setdefault(row.trial_id, {})[row.step] = number(row.value) or 0.0
    return found


def read_trials(engine: Engine, study_id: int) -> list[dict[str, Any]]:
    """Return every trial of a study in order, with its candidate and who evaluates it where."""
    # A network stands once for each scope of its costs; the latest is what this study stored.
    latest = (
        select(func.max(candidate.c.id))
        .join(scope, scope.c.id == candidate.c.scope_id)
        .where(candidate.c.key == trial.c.key, scope.c.family == study.c.family)
        .scalar_subquery()
    )
    query = (
        select(
            *(each for each in trial.c if each.name != "id"),
            *(worker.c[name] for name in ("host", "process")),
            worker.c.run_id.label("run"),
            candidate.c.id,
            SETTINGS.label("settings"),
        )
        .join(study, study.c.id == trial.c.study_id)
        .join(worker, worker.c.id == trial.c.worker_id)
        .join(candidate, candidate.c.id == latest)
        .where(trial.c.study_id == study_id)
        .order_by(trial.c.number)
    )
    with reading(engine) as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


def read_studies(engine: Engine) -> list[dict[str, Any]]:
    """Return every study with how far it is, the latest first."""
    states = {
        state: func.count(case((trial.c.state == state, 1))).label(state)
        for state in ("waiting", "claimed", "running", *ENDED)
    }
    counted = select(trial.c.study_id, *states.values()).group_by(trial.c.study_id).subquery()
    alive = func.count(case((worker.c.left.is_(None) & (worker.c.expires > moment_in(0)), 1)))
    living = select(worker.c.study_id, alive.label("workers"))
    living_now = living.group_by(worker.c.study_id).subquery()
    query = (
        select(
            *(study.c[name] for name in ("id", "name", "family", "trials", "created", "run_id")),
            *(func.coalesce(counted.c[state], 0).label(state) for state in states),
            func.coalesce(living_now.c.workers, 0).label("workers"),
            run.c.command,
        )
        .join(run, run.c.id == study.c.run_id)
        .outerjoin(counted, counted.c.study_id == study.c.id)
        .outerjoin(living_now, living_now.c.study_id == study.c.id)
        .order_by(study.c.id.desc())
    )
    with reading(engine) as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


def _study(row: Row[Any]) -> StoredStudy:
    return StoredStudy(
        row.id,
        row.digest,
        text(row.name),
        text(row.family),
        mapping(row.content),
        tuple(int(key) for key in row.known),
        whole(row.trials) or 0,
        row.run_id,
        text(row.created),
    )


def stored_trial(row: Row[Any]) -> StoredTrial:
    """Return a trial from its row."""
    values = {name: row._mapping[name] for name in StoredTrial.__dataclass_fields__}
    values |= {name: mapping(values[name]) for name in ("seen", "notes")}
    values["outcomes"] = tuple(mapping(one) for one in values["outcomes"] or ())
    return StoredTrial(**values)
