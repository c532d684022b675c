"""What a family page says: axes, definitions, lines of blocks, and variants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self, TypeVar

from dse.errors import DseError, nearest
from dse.language import Expression, Place, Value, in_order
from dse.space.blocks import Join
from dse.space.pages.axes import Axis, AxisType, Default, default_at

_Said = TypeVar("_Said")


@dataclass(frozen=True, slots=True)
class Choice:
    """A block with settings, by the name that a choice axis knows it."""

    where: Place
    block: str
    settings: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class BlockLine:
    """One line of a page's block list: a block, repeated."""

    where: Place
    block: str
    """The name of a block, or of an axis whose value names one."""
    repeat: Expression
    settings: Mapping[str, Expression]
    for_each: Expression | None = None
    """A call that generates stages, over which the line runs."""
    stage: int | None = None
    """Counted from 1 over the lines that use an axis which each stage or layer has of its own."""
    per_layer: bool = False
    """Whether the settings differ from layer to layer."""


@dataclass(frozen=True, slots=True)
class DeclaredEdge:
    """An edge of a cell."""

    name: str
    """By its nodes: `2_1` goes into node 2, from node 1, or is the first of it where the page
    chooses the node that it is from."""
    source: int | Expression
    """The node that it starts at, or what says which."""
    line: BlockLine
    """What it runs, once."""


@dataclass(frozen=True, slots=True)
class DeclaredNode:
    """A node of a cell: what it makes of the edges into it."""

    edges: tuple[DeclaredEdge, ...]
    join: Join


@dataclass(frozen=True, slots=True)
class DeclaredCell:
    """A small graph of blocks, which lines name like a block."""

    where: Place
    nodes: tuple[DeclaredNode, ...]
    inputs: int = 1
    """How many tensors enter it: its first nodes."""
    fits: tuple[DeclaredEdge, ...] = ()
    """What each of them is run through first; empty for nothing."""

    @property
    def edges(self) -> tuple[DeclaredEdge, ...]:
        """All edges, node by node."""
        return (*self.fits, *(edge for node in self.nodes for edge in node.edges))


@dataclass(frozen=True, slots=True)
class PageInput:
    """An input that a page names."""

    name: str
    where: Place
    shape: tuple[Expression, ...]
    dtype: str | None = None
    values: Any = None
    """A number, or nested lists of numbers."""
    has_batch: bool = True
    below: Expression | None = None
    """What whole numbers are drawn below."""


@dataclass(frozen=True)
class FamilyDefinition:
    """A family page, parsed and checked."""

    name: str
    place: Place
    """Of the page, for messages."""
    axes: Mapping[str, Axis]
    input: tuple[Expression, ...]
    definitions: Mapping[str, Expression]
    """Named expressions over the axes, in the order in which they may refer to each other."""
    lines: tuple[BlockLine, ...]
    choices: Mapping[str, Mapping[str, Choice]] = field(default_factory=dict)
    """For each axis that chooses among named blocks: those."""
    cells: Mapping[str, DeclaredCell] = field(default_factory=dict)
    """The blocks that are small graphs, by name."""
    layers: tuple[int, ...] = ()
    """For each stage with axes of its own, how many of its layers have columns."""
    variants: Mapping[str, Mapping[str, Default]] = field(default_factory=dict)
    is_callable: bool = False
    """Whether the one line is a callable that returns whole networks, with its arguments."""
    named_inputs: tuple[PageInput, ...] = ()
    """The inputs that the page names: of a callable, where `input` is then empty, or the one of a
    network of blocks, whose shape is `input` too."""
    training: Mapping[str, Axis] = field(default_factory=dict)
    """The axes of how a network is trained, by name: they shape none."""
    allow: tuple[str, ...] = ()
    """Modules of the user's own that may be named as blocks by their dotted paths."""
    share: Mapping[str, str] = field(default_factory=dict)
    """How candidates share the weights of a supernet, where the page says it."""

    @property
    def source(self) -> str:
        """The path of the page, or what else it came from."""
        return self.place.source.name

    @property
    def content(self) -> str:
        """What stands on the page: equal for families that are the same in everything."""
        return repr(self.place.source.content)

    @property
    def input_sizes(self) -> tuple[Expression, ...]:
        """The sizes of all inputs."""
        return (*self.input, *(size for each in self.named_inputs for size in each.shape))

    @property
    def input_dtype(self) -> str | None:
        """The dtype of the input of its networks of blocks; None for that of the conditions."""
        return None if self.is_callable or not self.named_inputs else self.named_inputs[0].dtype

    @property
    def generates_stages(self) -> bool:
        """Whether a line runs over stages that a function generates."""
        return any(line.for_each is not None for line in self.lines)

    @property
    def stages(self) -> int:
        """Number of stages with axes of their own."""
        return len(self.layers)

    @cached_property
    def levels(self) -> dict[str, int]:
        """For each name: 0 if it has one value, 1 if one a stage, 2 if one a layer."""
        levels = {"layer": 2}
        for axis in in_order(self.axes, lambda axis: axis.when).values():
            levels[axis.name] = {None: 0, "edge": 0, "stage": 1, "layer": 2}[axis.per]
            if axis.when is not None:
                used = (levels[name] for name in axis.when.names)
                levels[axis.name] = max(levels[axis.name], *used, 0)
        for name, expression in self.definitions.items():
            levels[name] = max((levels[used] for used in expression.names), default=0)
        return levels

    def columns(self, axis: str) -> tuple[str, ...]:
        """Return the settings that an axis stands for: itself, or one for each stage or layer."""
        return self.axes[axis].columns(self.layers)

    @cached_property
    def defaults(self) -> dict[str, Value]:
        """The settings at which every axis has its default, one for each column."""
        settings: dict[str, Value] = {}
        for axis in self.axes.values():
            for position, column in enumerate(self.columns(axis.name), start=1):
                if axis.per == "edge":
                    settings[column] = default_at(axis.default, position, 1)
                    continue
                place = column.removeprefix(axis.name).split("_")[1:] if axis.per else []
                stage, layer = (int(place[0]), int(place[-1])) if place else (1, 1)
                settings[column] = default_at(axis.default, stage, layer)
        return settings

    @cached_property
    def column_types(self) -> dict[str, AxisType]:
        """The type of each setting by column name."""
        return {column: axis.type for column, axis in self.column_axes.items()}

    @cached_property
    def column_axes(self) -> dict[str, Axis]:
        """The axis of each setting by column name."""
        return {column: axis for axis in self.axes.values() for column in self.columns(axis.name)}

    def variant(self, name: str) -> Self:
        """Return the family with a variant's settings as its defaults.

        Args:
            name: of the variant; the family's own name in front may be left out, as in `y_400mf`.

        Raises:
            DseError: for a variant that the page does not name.
        """
        short = {one.removeprefix(self.name).lstrip("_"): one for one in self.variants}
        settings = self.variants.get(name, self.variants.get(short.get(name, "")))
        if settings is None:
            hint = nearest(name, self.variants)
            raise DseError(f"{self.source}: family {self.name!r} has no variant {name!r}; {hint}")
        axes = dict(self.axes)
        for axis, default in settings.items():
            axes[axis] = replace(axes[axis], default=default)
        return replace(self, axes=axes)

    def settings_of(self, chosen: Mapping[str, Value]) -> dict[str, Value]:
        """Return full settings: the defaults with `chosen` columns or axes in their place.

        Raises:
            DseError: for a name that is neither an axis nor a column of the family.
        """
        return {**self.defaults, **self.by_column(chosen)}

    def by_column(self, said: Mapping[str, _Said]) -> dict[str, _Said]:
        """Return what is said of axes for each of their columns, in the order of their first names.

        Raises:
            DseError: as `columns_of`.
        """
        found = {column: said[name] for name in said for column in self.columns_of(name)}
        for name in self.widest_first(said):
            found |= dict.fromkeys(self.columns_of(name), said[name])
        return found

    def widest_first(self, names: Iterable[str]) -> list[str]:
        """Return names in the order in which they are taken, the last of which holds for a column.

        What is said of fewer columns holds, whichever stands first: of `kernel_1_2` rather than of
        `kernel_1` or `kernel`.

        Raises:
            DseError: as `columns_of`.
        """
        return sorted(names, key=lambda name: -len(self.columns_of(name)))

    @property
    def axis_names(self) -> tuple[str, ...]:
        """Every name that `columns_of` takes: axes, axes with a stage, and columns."""
        of_stages = (
            column.rpartition("_")[0]
            for column, axis in self.column_axes.items()
            if axis.per in ("layer", "edge")
        )
        return tuple(dict.fromkeys((*self.axes, *of_stages, *self.column_axes)))

    def columns_of(self, name: str, where: str = "") -> tuple[str, ...]:
        """Return the columns that an axis, a column, or an axis with a stage stands for.

        Where each layer has a `kernel`, `kernel_2` stands for those of the second stage; where each
        edge has an `op`, `op_2` for those into the second node.

        Args:
            name: of one of these.
            where: it was named, for the error; the family's page where none is said.

        Raises:
            DseError: for an unknown name; the nearest one is given.
        """
        if name in self.axes:
            return self.columns(name)
        if name in self.column_axes:
            return (name,)
        of_stage = tuple(
            column
            for column, axis in self.column_axes.items()
            if axis.per in ("layer", "edge") and column.rpartition("_")[0] == name
        )
        if not of_stage:
            raise DseError(
                f"{where or self.source}: family {self.name!r} has no axis {name!r}; "
                f"{nearest(name, {**self.axes, **self.column_axes})}"
            )
        return of_stage


def by_axis(
    family: FamilyDefinition, settings: Mapping[str, Value]
) -> dict[str, Value | list[Value]]:
    """Return settings by axis: one value where all stages or layers have the same, or a list."""
    axes: dict[str, Value | list[Value]] = {}
    for axis in family.axes:
        values = [settings[column] for column in family.columns(axis) if column in settings]
        if values:
            axes[axis] = values[0] if len(set(values)) == 1 else values
    return axes
