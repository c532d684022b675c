"""A grid: the values that the axes of a family may take, as dimensions with exclusions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dse.language import Expression, Value
from dse.space.pages.family import Family

Settings = dict[str, Value]


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
