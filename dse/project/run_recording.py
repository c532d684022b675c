"""Runs as a store has them: begun and ended, how far they are, and with what versions."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from sqlalchemy import Engine

from dse.errors import DseError
from dse.extras import DISTRIBUTION
from dse.project.told_progress import Progress
from dse.space import DesignSpace
from dse.store import (
    finish_run,
    note_progress,
    open_store,
    refresh_views,
    register_family,
    start_run,
)

RECORDED = "recorded as run"
"""How the note of an error begins that a run in the store holds."""


class NotedProgress:
    """Counts the steps of a run, notes them in its store and tells them."""

    def __init__(self, engine: Engine, run_id: int, total: int, tell: Progress) -> None:
        self.engine, self.run_id, self.tell = engine, run_id, tell
        self.done, self.total = 0, total

    def advance(self, steps: int) -> None:
        """Advance by some steps."""
        self.done += steps
        self.tell(self.done, self.total)
        note_progress(self.engine, self.run_id, self.done, self.total)

    def expect(self, total: int) -> None:
        """Count to another total from here on, as less is to be done than was asked for."""
        self.total = total


@contextmanager
def recorded_run(
    url: str, command: str, recorded: Mapping[str, Any], space: DesignSpace
) -> Iterator[tuple[Engine, int]]:
    """Open a store and record a run in it; gives the engine and the run's id.

    The run's outcome is recorded on the way out: done, failed or interrupted.

    Args:
        url: of the store.
        command: what the run is known by.
        recorded: its request, as plain values.
        space: whose candidates it stores.
    """
    engine = open_store(url)
    family = space.grid.family
    register_family(engine, family.name, family.column_types)
    run_id = start_run(engine, command, {**recorded, "store": {"url": url}}, versions())
    try:
        yield engine, run_id
    except KeyboardInterrupt:
        finish_run(engine, run_id, "interrupted")
        raise
    except BaseException as error:
        finish_run(engine, run_id, "failed", str(error))
        error.add_note(f"{RECORDED} {run_id}")
        raise
    else:
        refresh_views(engine)
        finish_run(engine, run_id, "done")
    finally:
        engine.dispose()


def record_refused(url: str, recorded: Mapping[str, Any], command: str, error: DseError) -> None:
    """Record the run of a job that failed, unless it had begun, and that holds it already.

    A store that cannot be opened holds nothing; the error is told all the same.
    """
    if any(note.startswith(RECORDED) for note in getattr(error, "__notes__", ())):
        return
    try:
        engine = open_store(url)
    except DseError:
        return
    run_id = start_run(engine, command, recorded, versions())
    finish_run(engine, run_id, "failed", str(error))
    engine.dispose()


def versions() -> Mapping[str, str]:
    """Return the versions of what a result depends on, for its provenance."""
    names = ("torch", "torchvision", "hydra-core", "optuna", "sqlalchemy")
    own = {"dse": version(DISTRIBUTION), "python": sys.version.split()[0]}
    return {name: version(name) for name in names} | own
