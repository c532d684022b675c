"""Families known to a store: their axes with types, and a view of each with an axis a column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast, get_args

from sqlalchemy import Engine

from dse.errors import DseError, nearest
from dse.store.dialects import insert_into, one_at_a_time
from dse.store.layout import (
    Axes,
    AxisType,
    check_axis_name,
    create_all_views,
    create_family_view,
    has_all_conditions,
    has_all_measured,
    known_families,
)
from dse.store.opening import reading, repeatable, writing
from dse.store.schema import family

_AXES = "axes of families, and their views"


@repeatable
def register_family(engine: Engine, name: str, axes: Mapping[str, str]) -> None:
    """Make the axes of a family known, beside those that are, and bring its view up to date.

    Args:
        engine: a store opened for writing.
        name: of the family.
        axes: the type of each axis: `number`, `text` or `boolean`.

    Raises:
        DseError: for another type, or for an axis that the store knows with another type.
    """
    given = {axis: _checked_type(name, axis, kind) for axis, kind in axes.items()}
    with writing(engine) as connection:
        one_at_a_time(connection, _AXES)
        known = known_families(connection).get(name)
        for axis, kind in given.items():
            before = (known or {}).get(axis, kind)
            if before != kind:
                raise DseError(
                    f"axis {axis!r} of family {name!r} is {before} in this store and {kind} now; "
                    "give one of them another name"
                )
        merged = (known or {}) | given
        if merged == known:
            return
        statement = insert_into(connection, family).values(name=name, axes=merged)
        changed = {"axes": statement.excluded.axes}
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))
        create_family_view(connection, name, merged)


@repeatable
def refresh_views(engine: Engine) -> None:
    """Bring views up to date with the conditions that there are, and with what was measured."""
    with reading(engine) as connection:
        are_older = not has_all_conditions(connection)
        stale = [n for n in known_families(connection) if not has_all_measured(connection, n)]
    if not are_older and not stale:
        return
    with writing(engine) as connection:
        one_at_a_time(connection, _AXES)
        if are_older:
            create_all_views(connection)
        known = known_families(connection)
        for name in stale:
            create_family_view(connection, name, known[name])


def registered_families(engine: Engine) -> dict[str, Axes]:
    """Return the axes of each family of a store, with their types."""
    with reading(engine) as connection:
        return known_families(connection)


def _checked_type(name: str, axis: str, kind: str) -> AxisType:
    if kind not in get_args(AxisType):
        hint = nearest(kind, get_args(AxisType))
        raise DseError(f"axis {axis!r} of family {name!r}: unknown type {kind!r}; {hint}")
    check_axis_name(axis)
    return cast(AxisType, kind)
