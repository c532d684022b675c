"""A value of any kind in any place of a page or a grid is told in one line, or makes a network."""

import copy

import pytest

from dse.costs.cost_list import Costs
from dse.errors import DseError
from dse.space import BlockTable, read_family, read_grid, space_of
from tests.mutations import VALUES, outcome, paths
from tests.space.shipped import family

PAGE = {
    "axes": {
        "resolution": 8,
        "width": {"default": 8},
        "depth": {"default": [1, 1], "per": "stage"},
        "kernel": {"default": [1, [1, 3]], "per": "layer", "when": "width > 4"},
        "op": "plain",
    },
    "variants": {"wide": {"width": 16}},
    "input": [3, "resolution", "resolution"],
    "where": {"outer": "round_to(width * 2, 8)"},
    "choices": {"op": {"plain": {"block": "conv_norm_act", "channels": "outer"},
                       "none": {"block": "torch.nn.Identity"}}},
    "blocks": [
        {"block": "conv_norm_act", "channels": "width", "repeat": "depth", "kernel": "kernel"},
        {"block": "op", "repeat": "depth"},
        {"block": "torch.nn.Conv2d", "out_channels": 8, "kernel_size": 1},
        {"block": "classifier", "classes": 10, "dropout": 0.1},
    ],
}  # fmt: skip
CALLABLE = {
    "kind": "callable",
    "target": "torchvision.models.squeezenet1_1",
    "axes": {"num_classes": 10, "resolution": 32},
    "arguments": {"dropout": 0.5},
    "input": [3, "resolution", "resolution"],
}
GRID = {
    "width": [8, 16],
    "depth": {"from": 1, "to": 2, "step": 1},
    "zip": {"kernel_1_1": [1, 3], "kernel_2_1": [3, 1]},
    "exclude": ["width > 8 and depth_1 > 1"],
}


def changed(content, path, value):
    content = copy.deepcopy(content)
    parent = content
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    return content


def settled(page, grid=None):
    """Return the costs of the first point, or a text that tells why there are none."""

    def costs():
        family = read_family("page", page, "page.yaml")
        space = space_of(read_grid(family, grid), BlockTable())
        found = space.point(next(iter(space.grid), family.defaults)).costs
        return found if isinstance(found, Costs) else found.reason

    return outcome(costs)


def test_the_pages_are_right():
    assert isinstance(settled(PAGE, GRID), Costs)
    assert isinstance(settled(CALLABLE), Costs)


@pytest.mark.parametrize("path", [*paths(PAGE)], ids=str)
def test_odd_values_in_a_page_of_blocks(path):
    for value in VALUES[[*paths(PAGE)].index(path) % 3 :: 3]:
        assert isinstance(settled(changed(PAGE, path, value)), Costs | str)


@pytest.mark.parametrize("path", [p for p in paths(CALLABLE) if p != ("kind",)], ids=str)
def test_odd_values_in_a_page_of_a_callable(path):
    for value in VALUES[[*paths(CALLABLE)].index(path) % 3 :: 3]:
        assert isinstance(settled(changed(CALLABLE, path, value)), Costs | str)


@pytest.mark.parametrize("path", [*paths(GRID)], ids=str)
def test_odd_values_in_a_grid(path):
    for value in VALUES:
        assert isinstance(settled(PAGE, changed(GRID, path, value)), Costs | str)


@pytest.mark.parametrize("values", [[1, True], [True, 1], [0, 0.5, False], [1.0, True]])
@pytest.mark.parametrize("key", ["width", "zip", "training"])
def test_a_truth_value_beside_a_number_that_equals_it_is_refused(values, key):
    content = {
        "width": {"width": values},
        "zip": {"zip": {"width": values}},
        "training": {"warmup": {"of": "training", "values": values}},
    }
    with pytest.raises(DseError, match="is not a"):
        read_grid(family("mobilenet_v2"), content[key])
