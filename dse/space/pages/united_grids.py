"""Several grids of a family as one: their points together, each once."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dse.errors import DseError
from dse.language import Value
from dse.space.pages.coded_columns import Settings
from dse.space.pages.grid import Dimension, Grid
from dse.space.pages.ranges import MOST_VALUES


def united(grids: Sequence[Grid], where: str) -> tuple[tuple[Dimension, ...], tuple[Settings, ...]]:
    """Return the points of grids as dimensions and the settings over the columns beside these.

    What every grid has with the same values, and none excludes by, stays a dimension of its own;
    the points over the others are listed, each once.

    Args:
        grids: of one family.
        where: the union stands, for messages.

    Raises:
        DseError: for more points than are listed, or none.
    """
    read = {name for grid in grids for rule in grid.exclusions for name in rule.names}
    alike = tuple(
        dimension
        for dimension in grids[0].dimensions
        if all(dimension in grid.dimensions for grid in grids)
        and read.isdisjoint(column for choice in dimension.choices for column in choice)
    )
    others = [
        [index for index, dimension in enumerate(grid.dimensions) if dimension not in alike]
        for grid in grids
    ]
    both = list(zip(grids, others, strict=True))
    size = sum(math.prod(grid.sizes[index] for index in rest) for grid, rest in both)
    if size > MOST_VALUES:
        raise DseError(
            f"{where}: the grids have {size:,} points over the axes that they do not share, more "
            f"than the {MOST_VALUES:,} that are listed; give these axes fewer values"
        )
    varied = {
        column
        for grid, rest in both
        for index in rest
        for choice in grid.dimensions[index].choices
        for column in choice
    }
    columns = [column for column in grids[0].family.defaults if column in varied]
    found: dict[tuple[Value, ...], None] = {}
    for grid, rest in both:
        for settings in grid.combinations(rest):
            if grid.excluded_by(settings) is None:
                found.setdefault(tuple(settings[column] for column in columns))
    if not found:
        raise DseError(f"{where}: the exclusions of its grids leave no point")
    return alike, tuple(dict(zip(columns, values, strict=True)) for values in found)
