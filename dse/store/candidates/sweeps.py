"""How far each sweep is, so that a killed one goes on where it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from dse.store.checked import mapping, whole
from dse.store.dialects import insert_into
from dse.store.opening import reading, repeatable, writing
from dse.store.schema import sweep


@dataclass(frozen=True, slots=True)
class SweepState:
    """A sweep: what it is of, and how far it is."""

    digest: int
    """63 bits that stand for the space, its conditions, the budget and what is kept."""
    family: str
    done: int
    """Points of the grid that are done, from the first one on."""
    total: int
    tallies: Mapping[str, int]
    """What was counted on the way."""


@repeatable
def sweep_state(engine: Engine, digest: int) -> SweepState | None:
    """Return how far a sweep is, or None for one that the store does not know."""
    with reading(engine) as connection:
        row = connection.execute(select(sweep).where(sweep.c.digest == digest)).first()
        if row is None:
            return None
        tallies = {name: whole(value) or 0 for name, value in mapping(row.tallies).items()}
        done, total = whole(row.done) or 0, whole(row.total) or 0
        return SweepState(digest, row.family, done, total, tallies)


@repeatable
def note_sweep_state(engine: Engine, run_id: int, state: SweepState) -> None:
    """Note how far a sweep is that has nothing to store."""
    with writing(engine) as connection:
        write_sweep_state(connection, run_id, state)


def write_sweep_state(connection: Connection, run_id: int, state: SweepState) -> None:
    """Note how far a sweep is, in the transaction that stores the rows of its last step."""
    values = {
        "digest": state.digest,
        "family": state.family,
        "done": state.done,
        "total": state.total,
        "tallies": dict(state.tallies),
        "run_id": run_id,
    }
    statement = insert_into(connection, sweep).values(values)
    changed = {name: statement.excluded[name] for name in ("done", "total", "tallies", "run_id")}
    connection.execute(statement.on_conflict_do_update(index_elements=["digest"], set_=changed))
