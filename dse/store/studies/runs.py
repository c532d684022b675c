"""Runs: which command, configuration and versions made the rows of a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

from sqlalchemy import Engine, case, func, insert, select, update

from dse.configs import without_passwords, without_passwords_in
from dse.errors import DseError
from dse.store.asked_words import checked_id
from dse.store.canonical import storable
from dse.store.checked import mapping
from dse.store.clock import now, seconds_between
from dse.store.opening import reading, repeatable, writing
from dse.store.schema import candidate, measurement, run
from dse.store.studies.provenance import is_gone, this_place

RunOutcome = Literal["done", "failed", "interrupted"]


@repeatable
def start_run(
    engine: Engine, command: str, config: Mapping[str, Any], versions: Mapping[str, str]
) -> int:
    """Note that a run begins, here and now, and return its id.

    Args:
        engine: a store opened for writing.
        command: the command line.
        config: the resolved configuration; plain JSON values.
        versions: of the packages that the results depend on.
    """
    values = {
        "command": storable(without_passwords(command)),
        "config": without_passwords_in(config),
        "versions": dict(versions),
        "started": now(),
        "outcome": "running",
        **asdict(this_place()),
    }
    with writing(engine) as connection:
        return int(connection.execute(insert(run).values(values).returning(run.c.id)).scalar_one())


@repeatable
def finish_run(engine: Engine, run_id: int, outcome: RunOutcome, error: str | None = None) -> None:
    """Note how and when a run ended."""
    told = None if error is None else storable(without_passwords(error))
    ending = {"finished": now(), "outcome": outcome, "error": told}
    with writing(engine) as connection:
        connection.execute(update(run).where(run.c.id == run_id).values(ending))


@repeatable
def note_progress(engine: Engine, run_id: int, done: int, total: int) -> None:
    """Note how much of its work a run has done, in points of a grid or in trials."""
    with writing(engine) as connection:
        connection.execute(update(run).where(run.c.id == run_id).values(done=done, total=total))


def read_runs(engine: Engine) -> list[dict[str, Any]]:
    """Return every run with what it left in the store, the latest first.

    A run that never ended is `killed` where its process is gone from this machine. `left` is what
    the run has not done of its `total`.
    """
    found = func.count().label("candidates"), func.count(candidate.c.invalid).label("invalid")
    candidates = select(candidate.c.run_id, *found).group_by(candidate.c.run_id).subquery()
    failures = func.count(case((measurement.c.outcome == "failed", 1)))
    numbers = func.count().label("measurements"), failures.label("failed")
    measured = select(measurement.c.run_id, *numbers).group_by(measurement.c.run_id).subquery()
    query = (
        select(
            run,
            *(
                func.coalesce(candidates.c[name], 0).label(name)
                for name in ("candidates", "invalid")
            ),
            *(
                func.coalesce(measured.c[name], 0).label(name)
                for name in ("measurements", "failed")
            ),
        )
        .outerjoin(candidates, candidates.c.run_id == run.c.id)
        .outerjoin(measured, measured.c.run_id == run.c.id)
        .order_by(run.c.id.desc())
    )
    with reading(engine) as connection:
        return [_read(dict(row._mapping)) for row in connection.execute(query)]


def _read(row: dict[str, Any]) -> dict[str, Any]:
    row |= {"config": mapping(row["config"]), "versions": mapping(row["versions"])}
    if row["outcome"] == "running" and is_gone(row["host"], row["process"]):
        row["outcome"] = "killed"
    # A finished run may have had less to do than its points: exclusions, repeated networks.
    row["left"] = 0 if row["outcome"] == "done" else None
    if row["left"] is None and row["total"] is not None:
        row["left"] = row["total"] - row["done"]
    row["seconds"] = None
    if row["finished"] is not None:
        row["seconds"] = seconds_between(row["started"], row["finished"])
    return row


def find_run(engine: Engine, run_id: int) -> dict[str, Any]:
    """Return a run.

    Raises:
        DseError: for an id that the store does not hold.
    """
    runs = {row["id"]: row for row in read_runs(engine)}
    known = checked_id(run_id)
    if known not in runs:
        held = f"ids from {min(runs)} to {max(runs)}" if runs else "no run yet"
        raise DseError(f"there is no run {run_id}; the store holds {held}")
    return runs[known]


def run_config(engine: Engine, run_id: int) -> dict[str, Any]:
    """Return the resolved configuration that a run was started with."""
    with reading(engine) as connection:
        config = connection.execute(select(run.c.config).where(run.c.id == run_id)).scalar_one()
        return dict(mapping(config))
