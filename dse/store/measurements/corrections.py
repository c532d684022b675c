"""What people change of what was measured: a table imported again, and what is to be forgotten."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    case,
    delete,
    func,
    or_,
    select,
    update,
)

from dse.costs import COSTS
from dse.errors import DseError, nearest
from dse.store.clock import now
from dse.store.dialects import insert_rows, one_at_a_time
from dse.store.expressions import BUILTIN_TYPES, FORMULAS
from dse.store.layout import IMPORTED, made_context_id, made_source_id, stored_declarations
from dse.store.measurements.matching import Network
from dse.store.measurements.measurement_rows import Replicate, content_of, identity_of
from dse.store.opening import reading, repeatable, writing
from dse.store.schema import measurement, study, trial

_ROWS = 1_000
"""Rows a statement: a database takes so many parameters at once."""


@dataclass(frozen=True, slots=True)
class Merged:
    """How the replicates of a table compare with those that the store had of its source."""

    new: int
    equal: int
    changed: int
    missing: int
    """Those that the table does not have, or no longer; kept unless they were to be replaced."""


def check_measurement_name(
    name: str, taken: Collection[str] = (), declared: Collection[str] = ()
) -> None:
    """Refuse a name under which nobody could ask for a measurement.

    Args:
        name: of the measurement.
        taken: names that mean something else, such as the axes of a family.
        declared: names of costs beside those that this process knows, such as those of a store.

    Raises:
        DseError: for an empty name, one with what cannot be typed, or one that is taken.
    """
    if not name or not name.isprintable() or "`" in name or name != name.strip():
        raise DseError(f"{name!r} cannot be the name of a measurement; use letters, digits and _")
    if name in BUILTIN_TYPES or name in FORMULAS:
        raise DseError(
            f"{name!r} is a column of every candidate; give the measurement another name"
        )
    if name in COSTS or name in declared:
        raise DseError(f"{name!r} is a declared cost; give the measurement another name")
    if name in taken:
        raise DseError(f"{name!r} is an axis of the family; give the measurement another name")


def declared_names(engine: Engine) -> tuple[str, ...]:
    """Return the names of the costs that a store has declarations of."""
    with reading(engine) as connection:
        return tuple(stored_declarations(connection))


@repeatable
def merge_replicates(
    engine: Engine,
    run_id: int,
    replicates: Sequence[Replicate],
    source: str,
    replace: bool = False,
) -> Merged:
    """Bring what the store has of an imported source up to date, in one transaction.

    What is new is added, what changed is changed, and what the source no longer has of the
    quantities that it names stays, unless it is to be replaced.

    Args:
        engine: a store opened for writing.
        run_id: the run that imports.
        replicates: all that the source has.
        source: its name.
        replace: whether replicates go that the source no longer has.
    """
    with writing(engine) as connection:
        one_at_a_time(connection, f"measurements of {source}")
        place = made_context_id(connection, IMPORTED), made_source_id(connection, source)
        table = measurement.c
        whats = {one.what for one in replicates}
        query = select(table.id, table.family, table.key, table.what, table.label, table.value)
        of_source = table.context_id == place[0], table.source_id == place[1]
        held = {
            (row.family, row.key, row.what, row.label): (row.id, row.value)
            for row in connection.execute(
                query.where(*of_source, table.what.in_(whats)).with_for_update()
            )
        }
        new: list[tuple[Any, ...]] = []
        changed, equal, moment = 0, 0, now()
        names = [column.name for column in measurement.columns if column.name != "id"]
        for one in replicates:
            id, value = held.pop((one.family, one.key, one.what, one.label), (None, None))
            if id is None:
                label = {"label": one.label}
                content = identity_of(one, place) | label | content_of(one, run_id, moment)
                new.append(tuple(content[name] for name in names))
            elif value == one.value:
                equal += 1
            else:
                changed += 1
                content = content_of(one, run_id, moment)
                connection.execute(update(measurement).where(table.id == id).values(content))
        insert_rows(connection, measurement, new)
        if replace:
            for ids in _some([id for id, _ in held.values()]):
                connection.execute(delete(measurement).where(table.id.in_(ids)))
    return Merged(len(new), equal, changed, len(held))


@repeatable
def forget(
    engine: Engine, networks: Sequence[Network], what: str, outcome: str | None = None
) -> int:
    """Remove what was measured of some networks, and return the number of replicates.

    Trials of studies that stand on them are evaluated anew by whoever goes on with the study. What
    comes of an evaluation of them that is under way is refused.

    Args:
        engine: a store opened for writing.
        networks: whose measurements.
        what: the name of the quantity; what was reported of it step by step goes as well.
        outcome: `failed`, `pruned` or `done`; None for all.
    """
    with writing(engine) as connection:
        number = 0
        for some in _some(networks):
            _open_trials(connection, some, what, outcome)
            where = _of(some, what, outcome)
            number += connection.execute(delete(measurement).where(*where)).rowcount
        return number


def _open_trials(
    connection: Connection, networks: Sequence[Network], what: str, outcome: str | None
) -> None:
    """Let the trials that stand on measurements wait, to be evaluated by whoever goes on.

    Those that are held count as well: what was known of them is part of how they would end.
    """
    # Whoever stores more of a trial meanwhile waits for its study, and keeps what it measured.
    families = {family for family, _ in networks}
    ours = select(study.c.id).where(study.c.family.in_(families)).order_by(study.c.id)
    connection.execute(ours.with_for_update()).all()
    of_networks = measurement.c.family == study.c.family, measurement.c.key == trial.c.key
    chosen = (
        select(trial.c.id, trial.c.study_id)
        .join(study, study.c.id == trial.c.study_id)
        .join(measurement, and_(*of_networks))
        .where(trial.c.state != "waiting", *_of(networks, what, outcome))
    )
    found = connection.execute(chosen).all()
    for id in {row.study_id for row in found}:
        step = update(study).where(study.c.id == id).values(changes=study.c.changes + 1)
        changed = connection.execute(step.returning(study.c.changes)).scalar_one()
        ids = [row.id for row in found if row.study_id == id]
        values = {"state": "waiting", "ended": None, "outcomes": None, "error": None}
        # One that is held has the attempts left that it had.
        further = case((trial.c.ended.is_(None), trial.c.attempts), else_=trial.c.attempt) + 1
        attempts = {"attempts": further, "changed": changed}
        connection.execute(update(trial).where(trial.c.id.in_(ids)).values(values | attempts))


def count_replicates(
    engine: Engine, networks: Sequence[Network], what: str, outcome: str | None = None
) -> int:
    """Return how many replicates `forget` would remove.

    Raises:
        DseError: for a quantity that nothing was measured of.
    """
    number = select(func.count()).select_from(measurement)
    with reading(engine) as connection:
        whats = set(connection.execute(select(measurement.c.what).distinct()).scalars())
        if what not in whats:
            raise DseError(f"nothing was measured of {what!r}; {nearest(what, whats)}")
        return sum(
            connection.execute(number.where(*_of(some, what, outcome))).scalar_one()
            for some in _some(networks)
        )


def _of(networks: Sequence[Network], what: str, outcome: str | None) -> list[ColumnElement[bool]]:
    by_family: dict[str, list[int]] = {}
    for family, key in networks:
        by_family.setdefault(family, []).append(key)
    table = measurement.c
    among = (and_(table.family == of, table.key.in_(keys)) for of, keys in by_family.items())
    is_step = table.what.startswith(f"{what}_at_", autoescape=True)
    clauses = [or_(*among), or_(table.what == what, is_step)]
    return clauses if outcome is None else [*clauses, table.outcome == outcome]


def _some(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[at : at + _ROWS] for at in range(0, len(rows), _ROWS))
