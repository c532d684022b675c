"""What the expressions of a page see: axes, definitions, and the stage or layer they stand for."""

from __future__ import annotations

from collections.abc import Mapping

from dse.language import Value
from dse.space.pages.axes import Axis, default_at
from dse.space.pages.family_definition import FamilyDefinition


class Scope:
    """Values by name at given settings, worked out when they are first asked for.

    Columns of the settings that are looked up are noted in `read`, in order: the others make no
    difference to the candidate, since they belong to a layer beyond its stage's depth, to a block
    that was not chosen, or to an axis that does not exist at these settings.
    """

    def __init__(self, family: FamilyDefinition, settings: Mapping[str, Value]) -> None:
        """Return the scope of the whole network; `inside` returns those of its parts."""
        self.read: dict[str, None] = {}
        self.family = family
        self._settings = settings
        self._outer: Scope | None = None
        self._level = 0
        self._stage = 1
        self._layer = 1
        self._edge = ""
        self._known: dict[str, Value] = {}

    def of_stage(self, stage: int | None, values: Mapping[str, Value] | None = None) -> Scope:
        """Return the scope of a stage (from 1) with further values of its own."""
        return self._inside(1, stage or 1, 1, values or {})

    def apart(self) -> Scope:
        """Return the scope of the whole network anew: what it reads is not noted here."""
        return Scope(self.family, self._settings)

    def of_layer(self, layer: int) -> Scope:
        """Return the scope of a layer of this stage, from 1."""
        return self._inside(2, self._stage, layer, {"layer": layer})

    def of_edge(self, edge: str) -> Scope:
        """Return the scope of an edge of a cell, by its name."""
        inner = self._inside(self._level, self._stage, self._layer, {})
        inner._edge = edge
        return inner

    def _inside(self, level: int, stage: int, layer: int, known: Mapping[str, Value]) -> Scope:
        inner = object.__new__(Scope)
        inner.read, inner.family, inner._settings = self.read, self.family, self._settings
        inner._outer, inner._level, inner._stage, inner._layer = self, level, stage, layer
        inner._edge = self._edge
        inner._known = dict(known)
        return inner

    def __getitem__(self, name: str) -> Value:
        value = self._known.get(name)
        if value is None:
            value = self._known[name] = self._find(name)
        return value

    def _find(self, name: str) -> Value:
        axis = self.family.axes.get(name)
        is_of_edge = axis is not None and axis.per == "edge"
        is_outer = bool(self._edge) or self.family.levels.get(name, 1) < self._level
        if self._outer is not None and is_outer and not is_of_edge:
            return self._outer[name]
        if axis is not None:
            return self._value(axis)
        value: Value = self.family.definitions[name].evaluate(self)
        return value

    def _value(self, axis: Axis) -> Value:
        layer = self._layer
        if axis.when is not None and not axis.when.evaluate(self):
            return default_at(axis.absent, self._stage, layer)
        column = axis.name
        if axis.per == "edge":
            column = f"{column}_{self._edge}"
        elif axis.per is not None:
            column = f"{column}_{self._stage}"
        if axis.per == "layer":
            # A stage may be deeper than any default or variant makes it: its last column goes on.
            column = f"{column}_{min(layer, self.family.layers[self._stage - 1])}"
        self.read[column] = None
        value = self._settings.get(column)
        return self.family.defaults[column] if value is None else value
