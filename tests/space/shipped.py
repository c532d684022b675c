"""The shipped families with their default grids, for tests that enumerate them."""

from functools import cache

import yaml
from hypothesis import strategies as st

from dse.configs.config_places import config_directory
from dse.space import BlockTable, Grid, load_family, network_inputs, read_grid, space_of
from dse.space.pages.grid import Dimension
from tests.conftest import PAGES

FAMILIES = sorted(PAGES)


@cache
def family(name):
    return load_family(PAGES[name])


@cache
def default_grid(name) -> Grid:
    page = config_directory() / "grid" / f"{name}.yaml"
    return read_grid(family(name), yaml.safe_load(page.read_text()))


CHAINS = [name for name in FAMILIES if not family(name).is_callable]
"""The families that are made of blocks."""


def inputs_of(candidate, batch):
    """The input of a candidate's network of blocks, as `costs_under` takes it."""
    (given,), _ = network_inputs(candidate, batch)
    return given


def random_settings(name):
    """Settings at random choices of a family's default grid."""
    grid = default_grid(name)
    indices = [st.integers(0, len(dimension.choices) - 1) for dimension in grid.dimensions]
    return st.tuples(*indices).map(grid.settings)


@cache
def small_space(name):
    """A space of the ends of each dimension of a family's default grid, but for the largest ones.

    It is small enough to go through point by point.
    """
    grid = default_grid(name)
    dimensions, size, largest = [], 1, LARGEST.get(name, 32)
    for dimension in grid.dimensions:
        ends = (dimension.choices[0], dimension.choices[-1])
        kept = ends if size * 2 <= largest and len(dimension.choices) > 1 else ends[:1]
        size *= len(kept)
        dimensions.append(Dimension(dimension.name, kept))
    return space_of(Grid(grid.family, tuple(dimensions), grid.exclusions), BlockTable())


LARGEST = {"densenet": 8}
"""Points of a small space, where 32 have many more blocks: each of its layers has another input."""
