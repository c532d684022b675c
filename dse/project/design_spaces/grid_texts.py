"""Grids, and numbers of points and networks, as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from dse.space import BlockSpace, DesignSpace, Dimension, Family, NetworkCount
from dse.space import removed as removed_points


def describe_grid(space: DesignSpace) -> str:
    """Return a grid in a line, such as `width 6 × resolution 5 = 30 points`."""
    grid = space.grid
    points = f"{count_of(grid.size)} point" + ("s" if grid.size > 1 else "")
    factors = " × ".join(_factors(grid.family, grid.dimensions))
    trained = _factors(grid.family, [each for each in grid.training if len(each.choices) > 1])
    training = f", each to train with {' × '.join(trained)}" if trained else ""
    lines = [f"{grid.family.name}: {factors or 'the defaults'} = {points}{training}"]
    if isinstance(space, BlockSpace) and space.is_drawn_from:
        # How many each removes would take a list of the settings.
        return "\n".join([*lines, *(f"  exclude {rule.text!r}" for rule in grid.exclusions)])
    for removed in removed_points(grid):
        columns = [column for dimension in grid.dimensions for column in dimension.choices[0]]
        example = removed.example or {}
        shown = ", ".join(f"{column}={example[column]}" for column in columns if column in example)
        such_as = f" (such as {shown})" if shown else ""
        lines.append(f"  exclude {removed.rule!r} removes {count_of(removed.number)}{such_as}")
    return "\n".join(lines)


def lacking_points(space: DesignSpace, buildable: int) -> str:
    """Return a clause that tells how many points cannot be built, though nothing excludes them.

    Args:
        space: of any family.
        buildable: points of its grid that can be built.

    Returns:
        An empty text where there are none.
    """
    grid = space.grid
    is_listed = not (isinstance(space, BlockSpace) and space.is_drawn_from)
    removed = sum(each.number for each in removed_points(grid)) if is_listed else 0
    lacking = grid.size - buildable - removed
    excluded = "" if is_listed or not grid.exclusions else "are excluded or "
    points = f"{count_of(lacking)} point" + ("s" if lacking > 1 else "")
    return f"{points} {excluded}cannot be built" if lacking else ""


def _factors(family: Family, dimensions: Sequence[Dimension]) -> list[str]:
    """Return each dimension with its size; those of an axis in a row as a power."""
    axes = family.column_axes

    def kind(dimension: Dimension) -> tuple[str, int]:
        axis = axes.get(dimension.name)
        is_one_of_many = axis is not None and axis.per is not None
        name = axis.name if axis is not None and is_one_of_many else dimension.name
        return name, len(dimension.choices)

    groups = [(name, size, list(each)) for (name, size), each in groupby(dimensions, kind)]
    return [
        f"{each[0].name} {size}" if len(each) == 1 else f"{name} {size}^{len(each)}"
        for name, size, each in groups
    ]


def count_of(number: int) -> str:
    """Return a number of points or networks; a very large one in six digits."""
    return f"{number:,}" if number < 10**12 else f"{number:.6g}"


def range_of(number: NetworkCount) -> str:
    """Return how many networks there are, or between which numbers, where these read apart."""
    least, most = count_of(number.least), count_of(number.most)
    if number.is_exact:
        return most
    return f"about {most}" if least == most else f"between {least} and {most}"
