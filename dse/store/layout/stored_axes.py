"""The axes of families that a store knows, and their values in the settings of a candidate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, cast

from sqlalchemy import Boolean, ColumnElement, Connection, Double, String, select
from sqlalchemy.types import TypeEngine

from dse.errors import DseError
from dse.store.checked import mapping
from dse.store.layout.shared_settings import SETTINGS, member
from dse.store.schema import family

AxisType = Literal["number", "text", "boolean"]

Axes = dict[str, AxisType]
"""The axes of a family with their types."""


def check_axis_name(axis: str) -> None:
    """Refuse what cannot be quoted inside a JSON path.

    Raises:
        DseError: for an empty name, or one with a quote, a backslash or a control character.
    """
    if not axis or any(character in '"\\' or not character.isprintable() for character in axis):
        raise DseError(f"{axis!r} cannot be the name of an axis; use letters, digits and _")


def known_families(connection: Connection) -> dict[str, Axes]:
    """Return the axes of each family, over a connection that is open already."""
    rows = connection.execute(select(family.c.name, family.c.axes).order_by(family.c.name))
    return {row.name: cast(Axes, mapping(row.axes)) for row in rows}


def axis_value(axis: str, kind: AxisType, dialect: str) -> ColumnElement[Any]:
    """Return the expression for an axis; NULL for a candidate that has no such axis.

    Args:
        axis: its name, which `check_axis_name` has passed.
        kind: the type of its values.
        dialect: the kind of database that is asked, `sqlite` or `postgresql`.
    """
    if dialect == "sqlite":
        # SQLAlchemy would cast to a float, and 3 layers would read as 3.0 in a view.
        return member(axis, _TYPES[kind])
    value = SETTINGS[axis]
    typed: dict[AxisType, Callable[[], ColumnElement[Any]]] = {
        "number": value.as_float,
        "boolean": value.as_boolean,
        "text": value.as_string,
    }
    return typed[kind]()


_TYPES: dict[AxisType, TypeEngine[Any]] = {
    "number": Double(),
    "boolean": Boolean(),
    "text": String(),
}
