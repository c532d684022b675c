"""Runs: which command, configuration and versions made the rows of a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

from sqlalchemy import Engine, insert, select, update

from dse.store.clock import now
from dse.store.database import reading, writing
from dse.store.provenance import this_place
from dse.store.schema import run

RunOutcome = Literal["done", "failed", "interrupted"]


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
        "command": command,
        "config": dict(config),
        "versions": dict(versions),
        "started": now(),
        "outcome": "running",
        **asdict(this_place()),
    }
    with writing(engine) as connection:
        return int(connection.execute(insert(run).values(values).returning(run.c.id)).scalar_one())


def finish_run(engine: Engine, run_id: int, outcome: RunOutcome, error: str | None = None) -> None:
    """Note how and when a run ended."""
    ending = {"finished": now(), "outcome": outcome, "error": error}
    with writing(engine) as connection:
        connection.execute(update(run).where(run.c.id == run_id).values(ending))


def run_config(engine: Engine, run_id: int) -> dict[str, Any]:
    """Return the resolved configuration that a run was started with."""
    with reading(engine) as connection:
        config = connection.execute(select(run.c.config).where(run.c.id == run_id)).scalar_one()
    return dict(config)
