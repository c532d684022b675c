"""A grid: the values that the axes of a family may take, with exclusions and zipped axes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dse.errors import DseError, nearest
from dse.space.axes import value_type
from dse.space.expressions import Expression, Value, parse_expression
from dse.space.family import Family
from dse.space.listed import read_listed
from dse.space.ranges import expand_range

Settings = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One independent choice: a column of the settings, or several that change together."""

    name: str
    choices: tuple[Settings, ...]


@dataclass(frozen=True)
class Grid:
    """The points of a family that a sweep or a search may visit."""

    family: Family
    dimensions: tuple[Dimension, ...]
    exclusions: tuple[Expression, ...] = ()

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
    range: `{from: 0.25, to: 1.0, step: 0.25}`, `{from: 16, to: 256, factor: 2}`. `zip` maps axes to
    lists of equal length that are run through together; `exclude` lists conditions over the columns
    that remove a point. `from` names a table (csv, json, jsonl or parquet) whose rows are the
    points, in place of all lists. Axes that are not named, or null, stay at their defaults.

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
    for name, values in content.items():
        for column in family.columns_of(str(name)):
            if values is None:
                continue
            choices = _values(family, column, values, f"{source}.{name}")
            dimensions[column] = Dimension(column, tuple({column: value} for value in choices))
    for dimension in _zipped(family, zipped or {}, f"{source}.zip"):
        for column in dimension.choices[0]:
            dimensions.pop(column, None)
        dimensions[dimension.name] = dimension
    texts = [exclude] if isinstance(exclude, str) else exclude or []
    rules = tuple(
        parse_expression(text, f"{source}.exclude[{index}]", family.defaults)
        for index, text in enumerate(texts)
    )
    return Grid(family, tuple(dimensions.values()), rules)


def _listed(family: Family, file: Path, where: str) -> Dimension:
    rows = read_listed(family, file)
    for row in rows:
        for column, value in row.items():
            _values(family, column, [value], f"{where}: {file}: {column}")
    return Dimension("from", tuple(rows))


def _values(family: Family, column: str, values: Any, where: str) -> list[Value]:
    if isinstance(values, (bool, int, float, str)):
        values = [values]
    values = expand_range(values, where)
    if not isinstance(values, Sequence) or not values:
        raise DseError(f"{where}: expected a list of values, not {values!r}")
    expected = family.column_types[column]
    choices = family.column_axes[column].choices
    for value in values:
        if not isinstance(value, (bool, int, float, str)) or value_type(value) != expected:
            raise DseError(f"{where}: {value!r} is not a {expected}, as axis {column!r} takes")
        if choices and value not in choices:
            raise DseError(f"{where}: unknown choice {value!r}; {nearest(str(value), choices)}")
    return list(dict.fromkeys(values))


def _zipped(family: Family, content: Any, where: str) -> list[Dimension]:
    groups = (
        content if isinstance(content, Sequence) and not isinstance(content, str) else [content]
    )
    dimensions = []
    for group in groups:
        if not isinstance(group, Mapping):
            raise DseError(f"{where}: expected axes with lists of values, not {group!r}")
        lists: dict[str, Sequence[Any]] = {}
        for name, values in group.items():
            columns = family.columns_of(str(name))
            values = expand_range(values, f"{where}.{name}")
            if not isinstance(values, Sequence) or isinstance(values, str) or not values:
                raise DseError(f"{where}.{name}: expected a list of values, not {values!r}")
            lists |= dict.fromkeys(columns, values)
            for column in columns:
                _values(family, column, values, f"{where}.{name}")
        lengths = {len(values) for values in lists.values()}
        if len(lengths) > 1:
            shown = ", ".join(f"{name} {len(values)}" for name, values in lists.items())
            raise DseError(f"{where}: lists of unequal length: {shown}")
        if lists:
            choices = [
                dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)
            ]
            dimensions.append(Dimension("+".join(lists), tuple(choices)))
    return dimensions
