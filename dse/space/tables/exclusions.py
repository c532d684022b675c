"""Which points of a grid its exclusions remove: tables over the few columns that they look at."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy

from dse.language import Expression
from dse.space.pages import Grid, Settings
from dse.space.tables.factors import Factor, count, union
from dse.space.tables.tabulating import require_tabulable, tabulated


@dataclass(frozen=True, slots=True)
class Removed:
    """How many points of a grid an exclusion removes, and the first of them."""

    rule: str
    number: int
    """Those that an earlier exclusion removes are not among them."""
    example: Settings | None


def exclusions(grid: Grid) -> tuple[Factor, ...]:
    """Return for each exclusion of a grid whether it removes a combination of dimensions.

    Raises:
        EntangledError: where one looks at too many columns at once.
    """
    return tuple(_excluded(grid, rule) for rule in grid.exclusions)


def _excluded(grid: Grid, rule: Expression) -> Factor:
    dimensions = grid.dimensions_of(rule.names)
    size = count(dimensions, grid.sizes)
    require_tabulable(size, f"{rule.where}: ")
    names = sorted(rule.names)
    found = tabulated(grid, lambda settings: (bool(rule.evaluate(settings)), names))
    return Factor(found.dimensions, numpy.array(found.values, dtype=numpy.bool_)[found.numbers])


def removed(grid: Grid) -> list[Removed]:
    """Return for each exclusion how many points it is the first to remove, with an example."""
    factors, sizes = exclusions(grid), grid.sizes
    dimensions = union(*(factor.dimensions for factor in factors))
    size = count(dimensions, sizes)
    require_tabulable(size, "exclude: ")
    times = math.prod(sizes) // size
    is_left = numpy.ones(size, dtype=numpy.bool_)
    found = []
    for rule, factor in zip(grid.exclusions, factors, strict=True):
        removes = factor.over(dimensions, sizes) & is_left
        is_left &= ~removes
        example = None
        if removes.any():
            example = _settings(grid, dimensions, int(removes.argmax()))
        found.append(Removed(str(rule.text), int(removes.sum()) * times, example))
    return found


def _settings(grid: Grid, dimensions: tuple[int, ...], row: int) -> Settings:
    """Return the first point of a grid that has a combination of some dimensions."""
    choices = [0] * len(grid.sizes)
    for dimension in reversed(dimensions):
        row, choices[dimension] = divmod(row, grid.sizes[dimension])
    return grid.settings(choices)
