"""Measurements: numbers that came from running a network, with what produced them.

Several runs of one thing are replicates: all are kept, each by its seed or else by its number
among those of its network and source.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Executable, Row, select

from dse.store.canonical import NO_TRAINING, storable
from dse.store.checked import mapping, number, text
from dse.store.clock import now
from dse.store.dialects import insert_for
from dse.store.layout import Context, context_ids, made_context_id, made_source_id
from dse.store.opening import reading, repeatable, writing
from dse.store.schema import context, measurement, source

_IDENTITY = ("family", "key", "training", "what", "context_id", "source_id", "label")
_CONTENT = ("seed", "value", "outcome", "error", "seconds", "run_id", "created")

_FURTHER = ", "
"""Stands between a label and the number of a further replicate of that label."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number that came from running a network, or the error that came in its place."""

    id: int
    family: str
    key: int
    what: str
    """Such as `accuracy`, `naswot` or `latency`."""
    value: float | None
    """None when it failed."""
    training: str
    """Its training settings, as canonical JSON."""
    of: Context
    """What produced the number: the objective with its options, and its code."""
    source: str
    """The name of an imported table, or the path of an objective."""
    label: str
    """What tells it apart from other replicates."""
    seed: int | None
    outcome: str
    """`done`, `failed` or `pruned`."""
    error: str | None
    seconds: float | None
    run_id: int
    created: str
    """The moment in UTC, such as `2025-01-31T12:00:00.000000Z`."""

    @property
    def base_label(self) -> str:
        """The label, without the number of a further replicate."""
        return self.label.partition(_FURTHER)[0]


@dataclass(frozen=True, slots=True)
class Replicate:
    """One run of an evaluation: of which network, and what came of it."""

    family: str
    key: int
    what: str
    value: float | None
    """The number; None when it failed."""
    label: str = "1"
    """What tells it apart from others of its network, context and source."""
    seed: int | None = None
    seconds: float | None = None
    error: str | None = None
    is_pruned: bool = False
    """Whether it was given up before its end, which is no failure."""
    training: str = NO_TRAINING
    """Its training settings, as canonical JSON."""

    @property
    def failure(self) -> str | None:
        """Why there is no number: what went wrong, or a value that is missing or not finite."""
        if self.error is None and (self.value is None or not math.isfinite(self.value)):
            return f"the value is {self.value}, not a finite number"
        return None if self.error is None else storable(self.error)

    @property
    def outcome(self) -> str:
        """`done`, `failed` or `pruned`."""
        if self.is_pruned:
            return "pruned"
        return "done" if self.failure is None else "failed"


def seed_label(seed: int, number: int = 1) -> str:
    """Return the label of a network's replicate of a seed, the first one or a further one."""
    return _numbered(f"seed {seed}", number)


def _numbered(base: str, number: int) -> str:
    return base if number == 1 else f"{base}{_FURTHER}{number}"


def record_replicates(
    engine: Engine,
    run_id: int,
    replicates: Sequence[Replicate],
    of: Context,
    source_name: str,
    anew: bool = False,
) -> None:
    """Store what was measured, or that measuring failed, in one transaction.

    A replicate that is there is replaced where it had failed, and stays as it is where it was done.

    Args:
        engine: a store opened for writing.
        run_id: the run that measured.
        replicates: what was measured.
        of: what produced the numbers.
        source_name: where they come from.
        anew: whether one that is there and done is kept beside a further one.
    """
    with writing(engine) as connection:
        place = made_context_id(connection, of), made_source_id(connection, source_name)
        put_replicates(connection, run_id, replicates, place, anew)


@repeatable
def made_place(engine: Engine, of: Context, source_name: str) -> tuple[int, int]:
    """Return the ids of a context and of a source, which are stored if they were not."""
    with writing(engine) as connection:
        return made_context_id(connection, of), made_source_id(connection, source_name)


def is_measured(connection: Connection, key: int) -> bool:
    """Return whether anything was measured of a network, in whatever context."""
    found = select(measurement.c.id).where(measurement.c.key == key).limit(1)
    return connection.execute(found).first() is not None


def put_replicates(
    connection: Connection,
    run_id: int,
    replicates: Sequence[Replicate],
    place: tuple[int, int],
    anew: bool = False,
) -> None:
    """Do what `record_replicates` does, within a transaction that writes.

    Args:
        connection: of the transaction.
        run_id: the run that measured.
        replicates: what was measured.
        place: the ids of their context and of their source.
        anew: whether one that is there and done is kept beside a further one.
    """
    statement = _recording(connection.dialect.name)
    for one in replicates:
        values = identity_of(one, place) | content_of(one, run_id)
        for label in _free_labels(connection, one, place) if anew else (one.label,):
            # Another process may have taken a label since it was found to be free.
            if connection.execute(statement, values | {"label": label}).first() is not None:
                break


@cache
def _recording(dialect: str) -> Executable:
    """Insert a replicate, or put it in place of one that was not done; else nothing comes back."""
    statement = insert_for(dialect, measurement)
    statement = statement.on_conflict_do_update(
        index_elements=list(_IDENTITY),
        set_={column: statement.excluded[column] for column in _CONTENT},
        where=measurement.c.outcome != "done",
    )
    return statement.returning(measurement.c.id)


def identity_of(one: Replicate, place: tuple[int, int]) -> dict[str, Any]:
    """Return the columns that tell which network a replicate is of, and what produced it.

    Args:
        one: the replicate.
        place: the ids of its context and its source.
    """
    network = {"family": one.family, "key": one.key, "training": one.training, "what": one.what}
    return network | {"context_id": place[0], "source_id": place[1]}


def content_of(one: Replicate, run_id: int, created: str | None = None) -> dict[str, Any]:
    """Return the columns that tell what came of a replicate.

    Args:
        one: the replicate.
        run_id: the run that measured.
        created: the moment; by default this one.
    """
    failure = one.failure
    return {
        "seed": one.seed,
        "value": None if one.value is None or failure is not None else float(one.value),
        "outcome": one.outcome,
        "error": failure,
        "seconds": one.seconds,
        "run_id": run_id,
        "created": created or now(),
    }


def _free_labels(connection: Connection, one: Replicate, place: tuple[int, int]) -> Iterator[str]:
    """Yield labels that no replicate of the network has which was done."""
    where = [measurement.c[name] == value for name, value in identity_of(one, place).items()]
    query = select(measurement.c.label).where(*where, measurement.c.outcome == "done")
    taken = set(connection.execute(query).scalars())
    labels = (_numbered(one.label, number) for number in count(1))
    return (label for label in labels if label not in taken)


@repeatable
def find_replicates(
    engine: Engine,
    family: str,
    key: int,
    of: Context,
    any_code: bool = False,
    training: str = NO_TRAINING,
) -> list[Measurement]:
    """Return what is known of a network in a context, the oldest first.

    Args:
        engine: a store.
        family: of the network.
        key: of the network.
        of: what produced the numbers.
        any_code: whether numbers of other code of the objective count as well.
        training: its training settings, as canonical JSON.
    """
    with reading(engine) as connection:
        return _found(
            connection,
            measurement.c.family == family,
            measurement.c.key == key,
            measurement.c.training == training,
            measurement.c.context_id.in_(context_ids(connection, of, any_code)),
        )


@repeatable
def measured_before(
    engine: Engine, family: str, what: str, of: Context, run_id: int, any_code: bool = False
) -> set[tuple[int, str]]:
    """Return the networks of a family that earlier runs measured in a context.

    Each by its key, with its training settings as canonical JSON.

    Args:
        engine: a store.
        family: whose candidates.
        what: the name of the quantity.
        of: what produced the values.
        run_id: only runs that were started before this one count.
        any_code: whether numbers of other code of the objective count as well.
    """
    with reading(engine) as connection:
        query = select(measurement.c.key, measurement.c.training).where(
            measurement.c.family == family,
            measurement.c.what == what,
            measurement.c.context_id.in_(context_ids(connection, of, any_code)),
            measurement.c.outcome == "done",
            measurement.c.run_id < run_id,
        )
        return {(row.key, row.training) for row in connection.execute(query)}


@repeatable
def number_of_other_code(engine: Engine, family: str, what: str, of: Context) -> int:
    """Return how many networks of a family were measured by other code of an objective alone."""
    with reading(engine) as connection:
        same = set(context_ids(connection, of))
        other = set(context_ids(connection, of, any_code=True)) - same

        def keys(contexts: Iterable[int]) -> set[int]:
            where = (measurement.c.family == family, measurement.c.what == what)
            some = measurement.c.context_id.in_(list(contexts)), measurement.c.outcome == "done"
            return set(connection.execute(select(measurement.c.key).where(*where, *some)).scalars())

        return len(keys(other) - keys(same)) if other else 0


def measurements_of(connection: Connection, family: str, key: int) -> tuple[Measurement, ...]:
    """Return everything that was measured of a network, the oldest first."""
    return tuple(_found(connection, measurement.c.family == family, measurement.c.key == key))


def _found(connection: Connection, *where: ColumnElement[bool]) -> list[Measurement]:
    query = (
        select(
            measurement,
            context.c.content.label("context"),
            context.c.code,
            context.c.within,
            source.c.name.label("source"),
        )
        .select_from(measurement.join(context).join(source))
        .where(*where)
        .order_by(measurement.c.created, measurement.c.id)
    )
    return [_measurement(row) for row in connection.execute(query)]


def _measurement(row: Row[Any]) -> Measurement:
    names = (name for name in Measurement.__dataclass_fields__ if name != "of")
    values = {name: row._mapping[name] for name in names}
    of = Context(mapping(row.context), row.code, tuple(map(text, row.within)))
    held = {"of": of, "what": text(row.what), "value": number(row.value)}
    return Measurement(**(values | held))
