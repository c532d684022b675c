"""What a store has measured of the networks of a family: of some of them, or of all others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, select

from dse.costs import COST_NAMES
from dse.store.checked import mapping
from dse.store.layout import (
    SETTINGS,
    Context,
    context_ids,
    read_scopes,
    summary,
    values_by_candidate,
)
from dse.store.opening import reading, repeatable
from dse.store.sample_deviation import mean
from dse.store.schema import candidate, measurement

_A_QUERY = 500

Group = tuple[int, str]
"""What numbers that can be compared have in common: their context and their training settings."""


@dataclass(frozen=True, slots=True)
class EarlierNumber:
    """The mean of what was measured of a network in one context, with what is known of it."""

    key: int
    value: float
    group: Group
    conditions: Mapping[str, Any]
    """What the costs are for."""
    settings: Mapping[str, Any]
    costs: Mapping[str, int]
    """Those that the store has of it."""


@repeatable
def measured_of_family(engine: Engine, family: str) -> list[str]:
    """Return the names of what was measured of any network of a family."""
    query = select(measurement.c.what).distinct()
    query = query.where(measurement.c.family == family, measurement.c.outcome == "done")
    with reading(engine) as connection:
        return sorted(connection.execute(query).scalars())


@repeatable
def means_by_key(
    engine: Engine, family: str, what: str, apart_from: Context | None, any_code: bool = False
) -> dict[int, float]:
    """Return the mean of a quantity by the key of each network, in the latest context of each.

    Args:
        engine: a store.
        family: of the networks.
        what: the name of the quantity.
        apart_from: a context whose numbers do not count.
        any_code: whether those by other code of that objective do not count either.
    """
    with reading(engine) as connection:
        not_these = [] if apart_from is None else context_ids(connection, apart_from, any_code)
        found = summary(
            measurement.c.family == family,
            measurement.c.what == what,
            measurement.c.context_id.not_in(not_these),
        )
        rows = connection.execute(select(found.c.key, found.c.mean).order_by(found.c.key))
        return {row.key: float(row.mean) for row in rows}


@repeatable
def earlier_numbers(
    engine: Engine,
    family: str,
    what: str,
    apart_from: tuple[Collection[int], Context],
    conditions: Mapping[str, Any],
    most: int,
    any_code: bool = False,
) -> list[EarlierNumber]:
    """Return what was measured of networks in each context, with their settings and costs.

    Args:
        engine: a store.
        family: of the networks.
        what: the name of the quantity.
        apart_from: keys and a context: what was measured of these in this one does not count.
        conditions: those that are not at their defaults. Of a network whose costs are stored for
            several, the costs for these count, or else those that were stored last.
        most: numbers of each context, those that were measured last.
        any_code: whether numbers by other code of that objective do not count either.
    """
    keys, of = apart_from
    table = measurement.c
    last = func.max(table.id)
    grouped = (table.context_id, table.training)
    query = (
        select(table.key, *grouped, mean(table.value).label("mean"))
        .where(table.family == family, table.what == what, table.outcome == "done")
        .group_by(table.key, *grouped)
        .order_by(last.desc())
    )
    with reading(engine) as connection:
        own = set(context_ids(connection, of, any_code))
        groups: dict[Group, list[Any]] = {}
        for row in connection.execute(query):
            held = groups.setdefault((row.context_id, row.training), [])
            if len(held) < most and not (row.context_id in own and row.key in keys):
                held.append(row)
        wanted = {row.key for held in groups.values() for row in held}
        known = _candidates(connection, family, sorted(wanted), conditions)
    return [
        EarlierNumber(row.key, float(row.mean), group, *known[row.key])
        for group, held in sorted(groups.items())
        for row in held
        if row.key in known
    ]


_Known = tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, int]]
"""Conditions, settings and costs."""


def _candidates(
    connection: Connection, family: str, keys: list[int], conditions: Mapping[str, Any]
) -> dict[int, _Known]:
    scopes = {
        id: of.conditions.stated
        for id, of in read_scopes(connection).items()
        if of.family == family
    }
    columns: list[ColumnElement[Any]] = [
        candidate.c[name] for name in ("id", "key", "scope_id", *COST_NAMES)
    ]
    query = select(*columns, SETTINGS.label("settings")).where(
        candidate.c.scope_id.in_(list(scopes)), candidate.c.invalid.is_(None)
    )
    chosen: dict[int, Any] = {}
    for start in range(0, len(keys), _A_QUERY):
        some = query.where(candidate.c.key.in_(keys[start : start + _A_QUERY]))
        for row in connection.execute(some.order_by(candidate.c.id)):
            held = chosen.get(row.key)
            is_alike = scopes[row.scope_id] == conditions
            if held is None or is_alike or scopes[held.scope_id] != conditions:
                chosen[row.key] = row
    declared = _declared(connection, [row.id for row in chosen.values()])
    return {
        key: (scopes[row.scope_id], mapping(row.settings), _costs(row) | declared.get(row.id, {}))
        for key, row in chosen.items()
    }


def _costs(row: Row[Any]) -> dict[str, int]:
    costs = {name: row._mapping[name] for name in COST_NAMES}
    return {name: value for name, value in costs.items() if value is not None}


def _declared(connection: Connection, ids: Iterable[int]) -> dict[int, dict[str, int]]:
    listed = list(ids)
    found: dict[int, dict[str, int]] = {}
    for start in range(0, len(listed), _A_QUERY):
        which = candidate.c.id.in_(listed[start : start + _A_QUERY])
        found |= values_by_candidate(connection, which)
    return found
