"""Numbers that are names: what a page and a grid say of the order of an axis."""

import pytest

from dse.errors import DseError
from dse.project import read_sampler
from dse.search.pools.candidate_pool import feasible_pool, is_ordered
from dse.space import BlockTable, read_budget, read_family, read_grid, space_of

PAGE = {
    "input": [3, 8, 8],
    "axes": {
        "width": {"default": 8, "ordered": False},
        "kernel": 3,
        "norm": "batch",
    },
    "blocks": [
        {"block": "conv_norm_act", "channels": "width", "kernel": "kernel", "norm": "norm"},
        {"block": "classifier", "classes": 10},
    ],
}


@pytest.fixture(scope="module")
def page():
    return read_family("page", PAGE, "page")


def dimensions(page, content):
    return {each.name: is_ordered(each) for each in read_grid(page, content).dimensions}


def test_numbers_are_ordered_unless_page_or_grid_say_that_they_are_names(page):
    assert dimensions(page, {"width": [8, 16], "kernel": [1, 3]}) == {
        "width": False,
        "kernel": True,
    }
    names = {"values": [1, 3], "ordered": False}
    assert dimensions(page, {"kernel": names}) == {"kernel": False}
    assert dimensions(page, {"width": {"values": [8, 16], "ordered": True}}) == {"width": True}
    few = {"from": 1, "to": 5, "step": 2, "ordered": False}
    (dimension,) = read_grid(page, {"kernel": few}).dimensions
    assert [choice["kernel"] for choice in dimension.choices] == [1, 3, 5]
    assert dimension.ordered == {"kernel": False}
    (zipped,) = read_grid(page, {"zip": {"width": [8, 16], "kernel": [1, 3]}}).dimensions
    assert zipped.ordered == {"width": False}


def test_a_sampler_is_told_what_was_said_and_nothing_else(page):
    grid = read_grid(page, {"width": [8, 16], "kernel": [1, 3]})
    pool = feasible_pool(space_of(grid, BlockTable()), read_budget({}))
    assert pool.ordered == {"width": False}
    evolution = {"_target_": "dse.search.samplers.EvolutionSampler"}
    assert read_sampler(evolution, [])(pool, 0).ordered == [False, True]
    more = {**evolution, "ordered": {"kernel": False}}
    assert read_sampler(more, [])(pool, 0).ordered == [False, False]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"kernel": {"values": [1], "orderd": False}}, "unknown key 'orderd' beside 'values'; did"),
        ({"kernel": {"vales": [1]}}, "unknown key 'vales'; did you mean 'values'"),
        ({"kernel": {"values": [1], "ordered": 0}}, "kernel.ordered: 0 is neither true nor false"),
        ({"norm": {"values": ["batch"], "ordered": True}}, "only numbers stand in an order"),
        ({"kernel": {"ordered": False}}, "a range has 'from', 'to'"),
    ],
)
def test_what_does_not_hold_in_a_grid_is_refused(page, content, message):
    with pytest.raises(DseError, match=message):
        read_grid(page, content)


@pytest.mark.parametrize(
    ("axis", "message"),
    [
        ({"default": 8, "orderd": False}, "unknown key 'orderd'; did you mean 'ordered'"),
        ({"default": 8, "ordered": "no"}, "'no' is neither true nor false"),
        ({"default": "a", "ordered": True}, "only numbers stand in an order, and width is a text"),
    ],
)
def test_what_does_not_hold_on_a_page_is_refused(axis, message):
    with pytest.raises(DseError, match=message):
        read_family("page", {**PAGE, "axes": {**PAGE["axes"], "width": axis}}, "page")
