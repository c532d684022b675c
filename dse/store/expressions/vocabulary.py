"""The columns that can be asked for, and what each is in SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    String,
    Subquery,
    and_,
    case,
    literal,
    select,
)

from dse.costs import (
    CONDITION_NAMES,
    COST_NAMES,
    COSTS,
    NUMBER_CONDITIONS,
    RATIOS,
    Unit,
    terms_shown,
    unit_of,
)
from dse.errors import closest, nearest
from dse.language import Kind
from dse.store.expressions.participants import any_participant, latest_study
from dse.store.layout import (
    Axes,
    AxisType,
    CostDeclaration,
    CostScope,
    axis_value,
    current_ids,
    known_families,
    read_scopes,
    stored_declarations,
    summary,
    value_of_cost,
)
from dse.store.schema import candidate, measurement

FIRST_COLUMNS = ("id", "key", "family", *CONDITION_NAMES)
"""The columns with which every row begins."""

SCOPE_COLUMNS = ("family", *CONDITION_NAMES, "code")
"""The columns that candidates of one scope have in common."""

BUILTIN_TYPES: Mapping[str, AxisType] = {
    "id": "number",
    "key": "number",
    "family": "text",
    **{name: "number" if name in NUMBER_CONDITIONS else "text" for name in CONDITION_NAMES},
    **dict.fromkeys(COST_NAMES, "number"),
    "invalid": "text",
    "run": "number",
    "study": "number",
    "code": "text",
}
"""The columns of every candidate. They go before an axis or a measurement of the same name."""

FORMULAS = tuple(
    name
    for name, cost in COSTS.items()
    if name not in COST_NAMES and not (cost.is_declared or cost.is_given)
)
"""Costs that are no columns, but follow from some."""

_WORD = re.compile(r"[^\W\d][\w.]*")
"""What may be typed without backticks, as in the grammar."""


@dataclass
class Vocabulary:
    """The columns of a store, and which measurements a question has touched so far."""

    families: Mapping[str, Axes]
    measured: Sequence[str]
    """What was measured of any candidate."""
    scopes: Mapping[int, CostScope]
    dialect: str
    declared: Mapping[str, CostDeclaration] = field(default_factory=dict)
    """Costs that users declared."""
    touched: dict[tuple[str, bool], Subquery] = field(default_factory=dict)
    """By their names, and by whether the spread of their replicates is asked for."""

    def names(self) -> list[str]:
        """Return every name that a question may use."""
        axes = {axis for axes in self.families.values() for axis in axes}
        return [*BUILTIN_TYPES, *FORMULAS, *RATIOS, *self.declared, *sorted(axes), *self.measured]

    def types(self, name: str) -> tuple[AxisType, ...]:
        """Return the types that a column has in this store; none for an unknown column.

        Only an axis has more than one, when it is a number in one family and a text in another.
        """
        if name in BUILTIN_TYPES:
            return (BUILTIN_TYPES[name],)
        if name in self.declared or name in FORMULAS:
            return ("number",)
        found = {axes[name] for axes in self.families.values() if name in axes}
        if found:
            return tuple(sorted(found))
        return ("number",) if name in self.measured else ()

    def families_with(self, axis: str) -> tuple[str, ...]:
        """Return the families that have an axis of a name."""
        return tuple(sorted(family for family, axes in self.families.items() if axis in axes))

    def is_measured(self, name: str) -> bool:
        """Return whether a column is a measurement, which may have replicates."""
        is_axis = any(name in axes for axes in self.families.values())
        is_cost = name in BUILTIN_TYPES or name in FORMULAS or name in self.declared
        return name in self.measured and not is_cost and not is_axis

    def unit(self, name: str) -> Kind | None:
        """Return the kind of unit that suits a column; None where any number does."""
        if name in self.declared:
            return self.declared[name].unit
        if name in COST_NAMES or name in FORMULAS:
            return unit_of(name)
        # What a measurement is in stands in its name, if anywhere.
        return "number" if self.is_measured(name) else None

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

    @property
    def declared_units(self) -> dict[str, Unit]:
        """The units of the costs that users declared."""
        return {name: each.unit for name, each in self.declared.items()}

    @cached_property
    def current(self) -> set[int]:
        """The ids of the scopes whose numbers the code at hand would make."""
        return current_ids(self.scopes)

    def is_of_current_code(self) -> ColumnElement[bool]:
        """Return the condition that the code at hand would make a candidate's numbers."""
        return candidate.c.scope_id.in_(sorted(self.current))

    def expression(self, name: str, kind: AxisType) -> ColumnElement[Any]:
        """Return the value of a known column, for one of its types."""
        if name in SCOPE_COLUMNS:
            return self._of_scope(name)
        if name == "study":
            return latest_study(self._of_scope("family"))
        if name in BUILTIN_TYPES:
            return candidate.c["run_id" if name == "run" else name]
        if name in FORMULAS:
            terms = terms_shown(name).items()
            return sum((weight * candidate.c[each] for each, weight in terms), start=literal(0))
        if name in self.declared:
            return value_of_cost(name)
        of_kind = [family for family, axes in self.families.items() if axes.get(name) == kind]
        if of_kind:
            value = axis_value(name, kind, self.dialect)
            if len(self.types(name)) == 1:
                return value
            return case((self._of_scope("family").in_(of_kind), value))
        return self.of_replicates(name, "mean")

    def any_participant(
        self, name: str, holds: Callable[[ColumnElement[Any]], Any]
    ) -> ColumnElement[bool]:
        """Return the condition that something holds for any run, or any study, of a candidate."""
        return any_participant(name, self._of_scope("family"), holds)

    def of_replicates(self, name: str, function: str) -> ColumnElement[Any]:
        """Return a function of the replicates of a measurement."""
        asked = name, function == "std"
        if asked not in self.touched:
            self.touched[asked] = summary(measurement.c.what == name, spread=asked[1])
        value: ColumnElement[Any] = self.touched[asked].c[function]
        return value

    def _of_scope(self, name: str) -> ColumnElement[Any]:
        """Return what a candidate has by its scope: scopes are few, so no table is joined."""
        ids: dict[Any, list[int]] = {}
        for id, scope in self.scopes.items():
            ids.setdefault(scope_value(scope, name), []).append(id)
        kind = Integer if BUILTIN_TYPES[name] == "number" else String
        if len(ids) == 1:
            return literal(next(iter(ids)), kind)
        if not ids:
            return literal(None, kind)
        cases = ((candidate.c.scope_id.in_(some), literal(v, kind)) for v, some in ids.items())
        return case(*cases)

    def source(self) -> FromClause:
        """Return the candidates, joined with the measurements that were touched."""
        source: FromClause = candidate
        for found in self.touched.values():
            network = found.c.key == candidate.c.key, found.c.family == self._of_scope("family")
            source = source.outerjoin(found, and_(*network))
        return source


def scope_value(scope: CostScope, name: str) -> Any:
    """Return what a candidate has by its scope, of `SCOPE_COLUMNS`."""
    if name == "family":
        return scope.family
    return scope.code.fingerprint if name == "code" else getattr(scope.conditions, name)


def read_vocabulary(connection: Connection) -> Vocabulary:
    """Return the columns that a store has."""
    whats = select(measurement.c.what).distinct().order_by(measurement.c.what)
    measured = connection.scalars(whats).all()
    families, scopes = known_families(connection), read_scopes(connection)
    declared = stored_declarations(connection)
    return Vocabulary(families, measured, scopes, connection.dialect.name, declared)
