"""The columns that can be asked for, and what each is in SQL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    case,
    exists,
    select,
    tuple_,
)

from dse.costs import CONDITION_NAMES, COST_NAMES, unit_of
from dse.errors import closest, nearest
from dse.store.axes import AxisType, axis_value
from dse.store.families import Axes, known_families
from dse.store.schema import candidate, measurement
from dse.units import Kind

FIRST_COLUMNS = ("id", "key", "family", *CONDITION_NAMES)
"""The columns with which every row begins."""

BUILTIN_TYPES: Mapping[str, AxisType] = {
    "id": "number",
    "key": "number",
    "family": "text",
    **dict.fromkeys(CONDITION_NAMES, "text"),
    "batch": "number",
    **dict.fromkeys(COST_NAMES, "number"),
    "invalid": "text",
    "run": "number",
}
"""The columns of every candidate. They go before an axis or a measurement of the same name."""


_WORD = re.compile(r"[^\W\d][\w.]*")
"""What may be typed without backticks, as in the grammar."""


@dataclass
class Vocabulary:
    """The columns of a store, and which measurements a question has touched so far."""

    families: Mapping[str, Axes]
    measured: Sequence[str]
    """What was measured of any candidate."""
    dialect: str
    touched: dict[str, FromClause] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Return every name that a question may use."""
        axes = {axis for axes in self.families.values() for axis in axes}
        return [*BUILTIN_TYPES, *sorted(axes), *self.measured]

    def types(self, name: str) -> tuple[AxisType, ...]:
        """Return the types that a column has in this store; none for an unknown column.

        Only an axis has more than one, when it is a number in one family and a text in another.
        """
        if name in BUILTIN_TYPES:
            return (BUILTIN_TYPES[name],)
        found = {axes[name] for axes in self.families.values() if name in axes}
        if found:
            return tuple(sorted(found))
        return ("number",) if name in self.measured else ()

    def unit(self, name: str) -> Kind | None:
        """Return the kind of unit that suits a column; None where any number does."""
        return unit_of(name) if name in COST_NAMES else None

    def hint(self, name: str) -> str:
        """Return a clause that names the column nearest to an unknown one, and how it is typed."""
        names = self.names()
        of_words = [each for each in names if not _WORD.fullmatch(each)]
        near = closest(name, names) or next((w for w in of_words if name in w.split()), None)
        hint = nearest(name, names)
        return f"the column is written `{near}`; {hint}" if near in of_words else hint

    def in_backticks(self, text: str) -> str:
        """Return a clause that says how a column in a text has to be typed; empty for none."""
        for name in self.names():
            if not _WORD.fullmatch(name) and name in text and f"`{name}`" not in text:
                return f"; the column is written `{name}`"
        return ""

    def expression(self, name: str, kind: AxisType) -> ColumnElement[Any]:
        """Return the value of a known column, for one of its types."""
        if name in BUILTIN_TYPES:
            return candidate.c["run_id" if name == "run" else name]
        of_kind = [family for family, axes in self.families.items() if axes.get(name) == kind]
        if of_kind:
            value = axis_value(name, kind, self.dialect)
            if len(self.types(name)) == 1:
                return value
            return case((candidate.c.family.in_(of_kind), value))
        if name not in self.touched:
            self.touched[name] = measurement.alias(f"measured_{len(self.touched)}")
        return self.touched[name].c.value

    def source(self) -> FromClause:
        """Return the candidates, joined with the measurements that were touched."""
        source: FromClause = candidate
        for what, alias in self.touched.items():
            source = source.outerjoin(alias, _is_latest(alias, what))
        return source


def read_vocabulary(connection: Connection) -> Vocabulary:
    """Return the columns that a store has."""
    whats = connection.execute(select(measurement.c.what).distinct().order_by(measurement.c.what))
    families = known_families(connection)
    return Vocabulary(families, list(whats.scalars()), connection.dialect.name)


def _is_latest(alias: FromClause, what: str) -> ColumnElement[bool]:
    """Join a candidate with its most recent measurement that was done."""
    later = measurement.alias()
    overtaken = exists().where(
        later.c.candidate_id == alias.c.candidate_id,
        later.c.what == alias.c.what,
        later.c.outcome == "done",
        tuple_(later.c.created, later.c.id) > tuple_(alias.c.created, alias.c.id),
    )
    return and_(
        alias.c.candidate_id == candidate.c.id,
        alias.c.what == what,
        alias.c.outcome == "done",
        ~overtaken,
    )
