"""A grid: the values that the axes of a family may take, as dimensions with exclusions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy

from dse.language import Expression, Value
from dse.space.pages.coded_columns import (
    CodedColumn,
    Integers,
    ListedPoints,
    Settings,
    coded,
)
from dse.space.pages.family import Family


@dataclass(frozen=True, slots=True)
class Dimension:
    """One independent choice: a column of the settings, or several that change together."""

    name: str
    choices: Sequence[Settings]
    ordered: Mapping[str, bool] = field(default_factory=dict)
    """By column: whether its values stand in an order, where a page or a grid says it."""

    def columns(self) -> dict[str, CodedColumn]:
        """Return the columns that its choices set."""
        if isinstance(self.choices, ListedPoints):
            return self.choices.columns
        return {name: coded(choice[name] for choice in self.choices) for name in self.choices[0]}


class GridColumn(NamedTuple):
    """A column of settings that a dimension sets."""

    dimension: int
    values: tuple[Value, ...]
    """The distinct ones."""
    codes: Integers
    """Of each choice of the dimension, which of them it sets."""


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

    @property
    def is_listed(self) -> bool:
        """Whether its points are the rows of a table."""
        return len(self.dimensions) == 1 and isinstance(self.dimensions[0].choices, ListedPoints)

    def at_points(self, points: Sequence[int]) -> Grid:
        """Return the grid of some points of a listed one, in their order."""
        (dimension,) = self.dimensions
        some = numpy.array(points, dtype=numpy.int64)
        columns = {name: column.at(some) for name, column in dimension.columns().items()}
        return replace(self, dimensions=(replace(dimension, choices=ListedPoints(columns)),))

    @cached_property
    def columns(self) -> Mapping[str, GridColumn]:
        """The columns that its dimensions set."""
        return {
            name: GridColumn(number, *column)
            for number, dimension in enumerate(self.dimensions)
            for name, column in dimension.columns().items()
        }

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
        found = {self.columns[name].dimension for name in columns if name in self.columns}
        return tuple(sorted(found))

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
