"""A grid: the values that the axes of a family may take, with exclusions and zipped axes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dse.errors import DseError, nearest
from dse.language import Expression, Value, parse_exclusion, shortened
from dse.space.pages.axes import Axis, check_ordered, read_ordered, value_type
from dse.space.pages.family import Family
from dse.space.pages.listed import read_listed
from dse.space.pages.page_axes import check_of, is_of_training
from dse.space.pages.page_values import is_list, scalar
from dse.space.pages.ranges import MOST_VALUES, expand_range

Settings = dict[str, Value]

MOST_EXCLUSIONS = 100


@dataclass(frozen=True, slots=True)
class Dimension:
    """One independent choice: a column of the settings, or several that change together."""

    name: str
    choices: tuple[Settings, ...]
    ordered: Mapping[str, bool] = field(default_factory=dict)
    """By column: whether its values stand in an order, where a page or a grid says it."""


@dataclass(frozen=True)
class Grid:
    """The points of a family that a sweep or a search may visit."""

    family: Family
    dimensions: tuple[Dimension, ...]
    exclusions: tuple[Expression, ...] = ()
    training: tuple[Dimension, ...] = ()
    """The settings of training that a search may vary: they make no further points."""

    @property
    def size(self) -> int:
        """Number of points, the excluded ones included."""
        return math.prod(self.sizes)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of choices of each dimension."""
        return tuple(len(dimension.choices) for dimension in self.dimensions)

    def settings(self, choices: Sequence[int]) -> Settings:
        """Return the full settings at one choice (an index) for each dimension."""
        settings = dict(self.family.defaults)
        for dimension, index in zip(self.dimensions, choices, strict=True):
            settings |= dimension.choices[index]
        return settings

    def combinations(self, dimensions: Sequence[int]) -> Iterator[Settings]:
        """Yield full settings at all combinations of some dimensions, the others at defaults."""
        for chosen in itertools.product(*(self.dimensions[index].choices for index in dimensions)):
            settings = dict(self.family.defaults)
            for choice in chosen:
                settings |= choice
            yield settings

    def dimensions_of(self, columns: Collection[str]) -> tuple[int, ...]:
        """Return the dimensions that any of these columns belongs to."""
        return tuple(
            index
            for index, dimension in enumerate(self.dimensions)
            if any(column in columns for choice in dimension.choices for column in choice)
        )

    def excluded_by(self, settings: Mapping[str, Value]) -> Expression | None:
        """Return the first exclusion that removes these settings, or None."""
        for rule in self.exclusions:
            if rule.evaluate(settings):
                return rule
        return None

    def __iter__(self) -> Iterator[Settings]:
        """Yield the settings of every point that no exclusion removes; the last axis runs first."""
        for settings in self._points():
            if self.excluded_by(settings) is None:
                yield settings

    def _points(self) -> Iterator[Settings]:
        indices = [range(len(dimension.choices)) for dimension in self.dimensions]
        return map(self.settings, itertools.product(*indices))


def read_grid(family: Family, content: Mapping[str, Any] | None, source: str = "grid") -> Grid:
    """Return the grid that a config describes.

    Its keys are axes (or single columns, such as `depth_3`) with a list of values, one value, or a
    range: `{from: 0.25, to: 1.0, step: 0.25}`, `{from: 16, to: 256, factor: 2}`. Beside a range, or
    a list under `values`, `ordered: false` says that the numbers are names, and `of: training` that
    the name is no axis of the family but a setting of training, for the objective. `zip` maps axes
    to lists of equal length that are run through together; `exclude` lists conditions over the
    columns that remove a point. `from` names a table (csv, json, jsonl or parquet) whose rows are
    the points, in place of all lists. Axes that are not named, or null, stay at their defaults.

    Raises:
        DseError: for an unknown axis, a value of the wrong type, or lists of unequal length.
    """
    content = dict(content or {})
    exclude, zipped = content.pop("exclude", None), content.pop("zip", None)
    file = content.pop("from", None)
    dimensions: dict[str, Dimension] = {}
    if file is not None:
        content, zipped = {}, None
        dimensions["from"] = _listed(family, Path(str(file)), f"{source}.from")
    training = {each.name: _at_default(each) for each in family.training.values()}
    for name, values in content.items():
        if isinstance(values, Mapping):
            check_of(values, f"{source}.{name}.of")
        if name in family.training or is_of_training(values):
            if values is not None:
                training[str(name)] = _training(family, str(name), values, f"{source}.{name}")
            continue
        columns = family.columns_of(str(name))
        if values is None:
            continue
        values, ordered = _without_order(values, f"{source}.{name}")
        listed = _listed_values(values, f"{source}.{name}")
        for column in columns:
            choices = _values(family, column, listed, f"{source}.{name}")
            check_ordered(family.column_axes[column], ordered, f"{source}.{name}.ordered")
            settings = tuple({column: value} for value in choices)
            said = _said(family, [column]) if ordered is None else {column: ordered}
            dimensions[column] = Dimension(column, settings, said)
    for dimension in _zipped(family, zipped or {}, f"{source}.zip"):
        for column in dimension.choices[0]:
            dimensions.pop(column, None)
        dimensions[dimension.name] = dimension
    found = Grid(family, tuple(dimensions.values()), training=tuple(training.values()))
    if sum(found.sizes) > MOST_VALUES:
        raise DseError(f"{source}: more than {MOST_VALUES:,} values of all axes together")
    return replace(found, exclusions=_exclusions(family, exclude, f"{source}.exclude"))


def _at_default(axis: Axis) -> Dimension:
    """Return a training axis that no grid names."""
    assert not isinstance(axis.default, tuple)
    return Dimension(axis.name, ({axis.name: axis.default},), ordered_of([axis]))


def _training(family: Family, name: str, values: Any, where: str) -> Dimension:
    """Return a setting of training, of a page's or of the grid's own by `of: training`."""
    if name in family.column_axes:
        raise DseError(f"{where}.of: axis {name!r} shapes the network")
    content = (
        {key: each for key, each in values.items() if key != "of"}
        if is_of_training(values)
        else values
    )
    content, ordered = _without_order(content, where)
    listed = list(dict.fromkeys(_listed_values(content, where)))
    axis = family.training.get(name)
    expected = value_type(listed[0]) if axis is None else axis.type
    for value in listed:
        if value_type(value) != expected:
            shown = shortened(value)
            raise DseError(f"{where}: {shown} is not a {expected}, as the others of {name!r} are")
    said = ordered_of([axis] if axis else []) if ordered is None else {name: ordered}
    return Dimension(name, tuple({name: value} for value in listed), said)


def _exclusions(family: Family, content: Any, where: str) -> tuple[Expression, ...]:
    texts = [content] if isinstance(content, str) else [] if content is None else content
    if not isinstance(texts, Sequence) or len(texts) > MOST_EXCLUSIONS:
        shown = shortened(content)
        raise DseError(
            f"{where}: expected a list of {MOST_EXCLUSIONS} conditions at most, not {shown}"
        )
    return tuple(
        parse_exclusion(text, f"{where}[{index}]", family.defaults)
        for index, text in enumerate(texts)
    )


def _listed(family: Family, file: Path, where: str) -> Dimension:
    rows = read_listed(family, file)
    for row in rows:
        for column, value in row.items():
            place = f"{where}: {file}: {column}"
            _values(family, column, _listed_values(value, place), place)
    return Dimension("from", tuple(rows), _said(family, {c: None for row in rows for c in row}))


def _said(family: Family, columns: Iterable[str]) -> dict[str, bool]:
    """Return what the page says of the order of columns."""
    said = {column: family.column_axes[column].ordered for column in columns}
    return {column: ordered for column, ordered in said.items() if ordered is not None}


def ordered_of(axes: Iterable[Axis]) -> dict[str, bool]:
    """Return what a page says of the order of the values of some axes, by name."""
    return {axis.name: axis.ordered for axis in axes if axis.ordered is not None}


def _without_order(values: Any, where: str) -> tuple[Any, bool | None]:
    """Return values, or their range, and what `ordered` beside them says."""
    if not isinstance(values, Mapping) or not {"values", "ordered"} & values.keys():
        return values, None
    content = dict(values)
    ordered = content.pop("ordered", None)
    said = None if ordered is None else read_ordered(ordered, f"{where}.ordered")
    if "values" not in content:
        return content, said
    for key in content:
        if key != "values":
            hint = nearest(str(key), ("values", "ordered"))
            raise DseError(f"{where}: unknown key {key!r} beside 'values'; {hint}")
    return content["values"], said


def _listed_values(values: Any, where: str) -> Sequence[Value]:
    """Return one value, a list or a range as values, each of them a number or a word."""
    if isinstance(values, (bool, int, float, str)):
        values = [values]
    values = expand_range(values, where)
    if not is_list(values) or not values:
        raise DseError(f"{where}: expected a list of values, not {shortened(values)}")
    if len(values) > MOST_VALUES:
        raise DseError(f"{where}: more than {MOST_VALUES:,} values")
    return [scalar(value, where) for value in values]


def _values(family: Family, column: str, values: Iterable[Value], where: str) -> list[Value]:
    """Return values that an axis takes, each once."""
    expected = family.column_types[column]
    choices = family.column_axes[column].choices
    distinct = list(dict.fromkeys(values))
    for value in distinct:
        if value_type(value) != expected:
            shown = shortened(value)
            raise DseError(f"{where}: {shown} is not a {expected}, as axis {column!r} takes")
        if choices and value not in choices:
            raise DseError(f"{where}: unknown choice {value!r}; {nearest(str(value), choices)}")
    return distinct


def _zipped(family: Family, content: Any, where: str) -> list[Dimension]:
    groups = content if is_list(content) else [content]
    dimensions = []
    for group in groups:
        if not isinstance(group, Mapping):
            raise DseError(f"{where}: expected axes with lists of values, not {shortened(group)}")
        lists: dict[str, Sequence[Any]] = {}
        for name, values in group.items():
            columns = family.columns_of(str(name))
            listed = _listed_values(values, f"{where}.{name}")
            lists |= dict.fromkeys(columns, listed)
            for column in columns:
                _values(family, column, listed, f"{where}.{name}")
        lengths = {len(values) for values in lists.values()}
        if len(lengths) > 1:
            shown = ", ".join(f"{name} {len(values)}" for name, values in lists.items())
            raise DseError(f"{where}: lists of unequal length: {shown}")
        if lists:
            choices = [
                dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)
            ]
            said = _said(family, lists)
            dimensions.append(Dimension("+".join(lists), tuple(choices), said))
    return dimensions
