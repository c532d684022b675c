"""A width that rounds to nothing is no network, on whatever way it is costed."""

import pytest
from torchvision.models._utils import _make_divisible

from dse.costs.cost_list import Costs
from dse.errors import DseError
from dse.language.rounding import round_to
from dse.search.pools.row_maker import RowMaker
from dse.space import BlockTable, Grid, read_grid, space_of
from tests.space.shipped import FAMILIES, family

OF_BLOCKS = [name for name in FAMILIES if not family(name).is_callable]


@pytest.mark.parametrize("divisor", [1, 2, 8, 16])
def test_a_positive_width_is_rounded_as_torchvision_does(divisor):
    for value in (1e-9, 0.1, 0.5, 1, 3.2, 7.9, 11, 12, 13, 100.4, 1000, 12345.6):
        assert round_to(value, divisor) == _make_divisible(value, divisor)


@pytest.mark.parametrize("value", [0, -0.0, -1, -1e300, float("nan"), float("inf"), float("-inf")])
def test_what_is_no_width_is_not_rounded_up(value):
    with pytest.raises(DseError, match="leaves no channels"):
        round_to(value, 8)


MEANT = {
    ("alexnet", "hidden"), ("vgg", "hidden"), ("mobilenet_v3", "hidden"),
    ("llama", "query_scale"), ("regnet", "wa"), ("efficientnet_compound", "phi"),
    ("efficientnet_compound", "alpha"), ("efficientnet_compound", "beta"),
    ("efficientnet_compound", "gamma"),
}  # fmt: skip
"""Axes of which 0 is a choice, that are exponents and their bases, or that the defaults lack."""
CHOSEN_BY_ZERO = (
    *("depth", "squeeze_excite", "dropout"),
    *("layers", "kv_heads", "head_dim", "window", "rope", "rope_context", "query_scale"),
    *("positions", "experts", "shared_ffn", "source", "reduction_source"),
)


@pytest.mark.parametrize("name", OF_BLOCKS)
def test_no_axis_below_zero_builds_a_network(name):
    page = family(name)
    space = space_of(Grid(page, ()), BlockTable())
    for axis in page.axes.values():
        if axis.type != "number" or (name, axis.name) in MEANT:
            continue
        for value in (-1, -0.5) if axis.name in CHOSEN_BY_ZERO else (-1, -0.5, 0):
            point = space.point(page.settings_of({axis.name: value}))
            assert not isinstance(point.costs, Costs), (axis.name, value)
            assert point.costs.reason


@pytest.mark.parametrize("name", ["mobilenet_v2", "vgg", "anynet"])
def test_tables_know_the_same_widths_as_networks(name):
    page = family(name)
    values = {"zip": {"width": [-8, -1, -0.5, 0, 0.1, 1, 8]}, "resolution": [64]}
    grid = read_grid(page, values)
    space = space_of(grid, BlockTable())
    choices = space.tables.space.choices_of(range(grid.size))
    columns = space.tables.costs(choices)
    keys = RowMaker(space.tables).keys(choices).tolist()
    found = [space.point(grid.settings(row)) for row in choices.tolist()]
    assert columns.is_valid.tolist() == [isinstance(point.costs, Costs) for point in found]
    assert keys == [point.key for point in found]
    assert 0 < sum(columns.is_valid) < grid.size
