"""How many cells a grid has."""

from __future__ import annotations

import math

from dse.space.pages.family import Family
from dse.space.pages.grid import Grid
from dse.space.pages.page_cells import edges_with


def most_cell_settings(grid: Grid) -> int:
    """Return how many settings the cell with most has over a grid; 1 for a family without cells."""
    return max((_settings(grid, cell) for cell in grid.family.cells), default=1)


def _settings(grid: Grid, cell: str) -> int:
    held = grid.dimensions_of(_columns(grid.family, cell))
    return math.prod(grid.sizes[dimension] for dimension in held)


def _columns(family: Family, cell: str) -> frozenset[str]:
    axes = [name for name, axis in family.axes.items() if axis.per == "edge"]
    return frozenset(f"{axis}_{edge}" for axis in axes for edge in edges_with(axis, family, cell))
