"""A family: a set of networks written as blocks with axes, and how its settings become blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from dse.errors import DseError, nearest
from dse.space.candidate import Candidate, ResolvedBlock
from dse.space.expressions import Expression, Value

AxisType = Literal["number", "text", "boolean"]


@dataclass(frozen=True, slots=True)
class Axis:
    """One named choice of a family."""

    name: str
    default: Value | tuple[Value, ...]
    """A tuple gives each stage its own default."""
    per_stage: bool = False

    @property
    def type(self) -> AxisType:
        """Whether the values are numbers, words or booleans."""
        return value_type(self.default[0] if isinstance(self.default, tuple) else self.default)


def value_type(value: Value) -> AxisType:
    """Return the type of an axis value: number, text or boolean."""
    if isinstance(value, bool):
        return "boolean"
    return "text" if isinstance(value, str) else "number"


@dataclass(frozen=True, slots=True)
class BlockLine:
    """One line of a page's block list: a block, repeated."""

    where: str
    block: str
    """The name of a block, or of an axis whose value names one."""
    repeat: Expression
    settings: Mapping[str, Expression]
    stage: int | None = None
    """Counted from 1 over the lines that use an axis which each stage has of its own."""


@dataclass(frozen=True)
class Family:
    """A family page, parsed and checked."""

    name: str
    source: str
    """Where the page stands, for messages."""
    axes: Mapping[str, Axis]
    input: tuple[Expression, ...]
    definitions: Mapping[str, Expression]
    """Named expressions over the axes, in the order in which they may refer to each other."""
    lines: tuple[BlockLine, ...]
    variants: Mapping[str, Mapping[str, Value | tuple[Value, ...]]] = field(default_factory=dict)

    @cached_property
    def stages(self) -> int:
        """Number of stages with axes of their own."""
        return max((line.stage or 0 for line in self.lines), default=0)

    def columns(self, axis: str) -> tuple[str, ...]:
        """Return the settings that an axis stands for: itself, or one for each stage."""
        if not self.axes[axis].per_stage:
            return (axis,)
        return tuple(f"{axis}_{stage}" for stage in range(1, self.stages + 1))

    @cached_property
    def defaults(self) -> dict[str, Value]:
        """The settings at which every axis has its default, one for each column."""
        settings: dict[str, Value] = {}
        for axis in self.axes.values():
            columns = self.columns(axis.name)
            default = axis.default
            values = default if isinstance(default, tuple) else (default,) * len(columns)
            settings |= zip(columns, values, strict=True)
        return settings

    @property
    def column_types(self) -> dict[str, AxisType]:
        """The type of each setting by column name."""
        return {
            column: axis.type for axis in self.axes.values() for column in self.columns(axis.name)
        }

    def variant(self, name: str) -> Family:
        """Return the family with a variant's settings as its defaults.

        Raises:
            DseError: for a variant that the page does not name.
        """
        if name not in self.variants:
            hint = nearest(name, self.variants)
            raise DseError(f"{self.source}: family {self.name!r} has no variant {name!r}; {hint}")
        axes = dict(self.axes)
        for axis, default in self.variants[name].items():
            axes[axis] = replace(axes[axis], default=default)
        return replace(self, axes=axes)

    def settings_of(self, chosen: Mapping[str, Value]) -> dict[str, Value]:
        """Return full settings: the defaults with `chosen` columns or axes in their place.

        Raises:
            DseError: for a name that is neither an axis nor a column of the family.
        """
        settings = dict(self.defaults)
        for name, value in chosen.items():
            for column in self.columns_of(name):
                settings[column] = value
        return settings

    def columns_of(self, name: str) -> tuple[str, ...]:
        """Return the columns that an axis name or a column name stands for.

        Raises:
            DseError: for an unknown name; the nearest one is given.
        """
        if name in self.axes:
            return self.columns(name)
        columns = self.defaults
        if name not in columns:
            raise DseError(
                f"{self.source}: family {self.name!r} has no axis {name!r}; "
                f"{nearest(name, {**self.axes, **columns})}"
            )
        return (name,)

    def resolve(self, settings: Mapping[str, Value]) -> Candidate:
        """Return the candidate at full settings (a value for every column).

        Raises:
            DseError: where an expression cannot be evaluated at these settings, an input size or a
                number of repeats is no positive integer, or a block is unknown.
        """
        from dse.space.resolution import resolve_line

        scope = self._scope(settings, None)
        shape = tuple(
            _positive(expression.evaluate(scope), expression.where) for expression in self.input
        )
        blocks: list[ResolvedBlock] = []
        for line in self.lines:
            scope_of_line = scope if line.stage is None else self._scope(settings, line.stage)
            blocks += resolve_line(line, scope_of_line)
        return Candidate(self.name, dict(settings), shape, tuple(blocks))

    def _scope(self, settings: Mapping[str, Value], stage: int | None) -> dict[str, Value]:
        """Return what expressions can see: the axes, the definitions, and the stage's own."""
        scope: dict[str, Value] = {}
        for axis in self.axes.values():
            if not axis.per_stage:
                scope[axis.name] = settings[axis.name]
            elif stage is not None:
                scope[axis.name] = settings[f"{axis.name}_{stage}"]
        for name, expression in self.definitions.items():
            if expression.names <= scope.keys():
                scope[name] = expression.evaluate(scope)
        return scope


def _positive(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise DseError(f"{where}: {value!r} is not a whole number")
    if value < 1:
        raise DseError(f"{where}: {value!r} is not positive")
    return int(value)
