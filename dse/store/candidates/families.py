"""Families known to a store: their axes with types, and a view of each with an axis a column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast, get_args

from sqlalchemy import Engine

from dse.errors import DseError, nearest
from dse.store.dialects import insert_into
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
        stale = [
            (name, axes)
            for name, axes in known_families(connection).items()
            if not has_all_measured(connection, name)
        ]
    if are_older:
        with writing(engine) as connection:
            create_all_views(connection)
    elif stale:
        with writing(engine) as connection:
            for name, axes in stale:
                create_family_view(connection, name, axes)


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
