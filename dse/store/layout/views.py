"""The views that `--sql` and users' tools rely on, whatever the tables behind them are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Text,
    func,
    inspect,
    select,
)

from dse.costs import CONDITION_NAMES, COST_NAMES, Conditions
from dse.store.layout.replicates import latest_mean
from dse.store.layout.shared_settings import SETTINGS
from dse.store.layout.stored_axes import Axes, axis_value, known_families
from dse.store.schema import candidate, code, context, measurement, scope, source

_BEFORE_AXES = ("id", "key", *CONDITION_NAMES)
_AFTER_AXES = (*COST_NAMES, "invalid", "code")


def view_name(family: str) -> str:
    """Return the name of the view that has the axes of a family as columns."""
    return f"family_{family}"


def create_views(connection: Connection) -> None:
    """Make the views `candidate` and `measurement`, in place of those that there are."""
    _create(connection, "candidate", _candidates(connection.dialect.name))
    _create(connection, "measurement", _measurements())


def create_all_views(connection: Connection) -> None:
    """Make every view of a store, in place of those that there are."""
    create_views(connection)
    for family, axes in known_families(connection).items():
        create_family_view(connection, family, axes)


def create_family_view(connection: Connection, family: str, axes: Axes) -> None:
    """Make the view of a family, a column an axis and a measurement, in place of what there is."""
    dialect = connection.dialect.name
    taken = {*_BEFORE_AXES, *_AFTER_AXES}
    columns: list[ColumnElement[Any]] = [
        _column(name, dialect).label(name) for name in _BEFORE_AXES
    ]
    for axis, kind in axes.items():
        label = f"axis_{axis}" if axis in taken else axis
        columns.append(axis_value(axis, kind, dialect).label(label))
    columns += [_column(name, dialect).label(name) for name in _AFTER_AXES]
    named = {column.name for column in columns}
    measured = select(measurement.c.what).where(measurement.c.family == family).distinct()
    for what in connection.execute(measured.order_by(measurement.c.what)).scalars():
        label = f"measured_{what}" if what in named else what
        columns.append(latest_mean(family, what).label(label))
    scopes = select(scope.c.id).where(scope.c.family == family)
    query = select(*columns).where(candidate.c.scope_id.in_(scopes))
    _create(connection, view_name(family), query)


def has_all_measured(connection: Connection, family: str) -> bool:
    """Return whether the view of a family has a column for all that was measured of it."""
    measured = select(measurement.c.what).where(measurement.c.family == family).distinct()
    held = {column["name"] for column in inspect(connection).get_columns(view_name(family))}
    names = set(connection.execute(measured).scalars())
    return all(what in held or f"measured_{what}" in held for what in names)


def has_all_conditions(connection: Connection) -> bool:
    """Return whether the views have a column for each condition; older ones lack the later."""
    held = {column["name"] for column in inspect(connection).get_columns("candidate")}
    return held.issuperset(CONDITION_NAMES)


def drop_views(connection: Connection, names: list[str]) -> None:
    """Drop views, if they are there."""
    quote = connection.dialect.identifier_preparer.quote
    for name in names:
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {quote(name)}")


def _candidates(dialect: str) -> Select[Any]:
    names = ("id", "key", "family", *CONDITION_NAMES, "code", "invalid", *COST_NAMES)
    columns = [_column(name, dialect).label(name) for name in (*names, "run_id", "settings")]
    return select(*columns)


def _measurements() -> Select[Any]:
    before, after = ("id", "family", "key", "training", "what", "value"), ("label", "seed")
    rest = ("outcome", "error", "seconds", "run_id", "created")
    return select(
        *(measurement.c[name] for name in before),
        source.c.name.label("source"),
        *(measurement.c[name] for name in after),
        context.c.content.label("context"),
        context.c.code,
        *(measurement.c[name] for name in rest),
    ).select_from(measurement.join(context).join(source))


def _column(name: str, dialect: str) -> ColumnElement[Any]:
    """Return a column of the view `candidate`.

    What a scope says is looked up for each row that asks for it. A join would be made for every
    statement, which takes most of the time of one that reads costs alone.
    """
    if name == "settings":
        return SETTINGS
    if name not in ("family", "code", *CONDITION_NAMES):
        return candidate.c[name]
    value: ColumnElement[Any] = code.c.fingerprint if name == "code" else scope.c.family
    if name in CONDITION_NAMES:
        value = _condition(name, dialect)
    source = scope.join(code) if name == "code" else scope
    found = select(value).select_from(source).where(scope.c.id == candidate.c.scope_id)
    return found.correlate(candidate).scalar_subquery()


def _condition(name: str, dialect: str) -> ColumnElement[Any]:
    """Return a condition of a scope, which states those alone that are not at their defaults."""
    usual = getattr(Conditions(), name)
    kind = Integer if isinstance(usual, int) else Text
    if dialect == "sqlite":
        stated: ColumnElement[Any] = func.json_extract(
            scope.c.conditions, f"$.{name}", type_=kind()
        )
    else:
        value = scope.c.conditions[name]
        stated = value.as_integer() if kind is Integer else value.as_string()
    return func.coalesce(stated, usual)


def _create(connection: Connection, name: str, query: Select[Any]) -> None:
    # A view holds no parameters, so SQLAlchemy writes the values out, quoted by the dialect.
    body = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    drop_views(connection, [name])
    view = connection.dialect.identifier_preparer.quote(name)
    connection.exec_driver_sql(f"CREATE VIEW {view} AS {body}")
