"""How axes are shared is told, and what cannot be is refused before anything is trained."""

import pytest

import dse
from dse.space import read_family
from dse.supernet import check_branches, unshared_axes
from tests.supernet.small_supernets import TINY, page_plan, small_plan


def rows(planned):
    return {each.axis: each for each in planned.explained()}


def test_each_axis_has_its_rule():
    found = rows(page_plan(TINY, {"width": [4, 8], "kernel": [3, 5], "resolution": [8, 12]}))
    assert found["width"].shared == "leading channels of 7 tensors"
    assert found["kernel"].shared == "centre of kernels (1 tensors)"
    assert found["resolution"].shared == "the same weights"
    assert not any(each.unshared for each in found.values())


def test_depths_and_choices():
    found = rows(small_plan("vgg"))
    assert found["depth_1"].shared.startswith("first layers")
    found = rows(small_plan("fbnet"))
    assert "each choice by itself" in found["op_2_2"].shared


UNSHARED = [
    (TINY, {"groups": [1, 2, 4]}, "groups", "only mean something together"),
    (
        {
            "axes": {"resolution": 8},
            "input": [1, "resolution", "resolution"],
            "blocks": [{"block": "flatten"}, {"block": "linear", "features": 10}],
        },
        {"resolution": [8, 12]},
        "resolution",
        "reads each place of the map",
    ),
]


@pytest.mark.parametrize(("page", "grid", "axis", "reason"), UNSHARED)
def test_an_axis_that_cannot_be_shared_is_named_with_the_reason(page, grid, axis, reason):
    planned = page_plan(page, grid)
    axes = unshared_axes(planned.explained(), planned.plan)
    assert [*axes] == [axis]
    assert reason in axes[axis]
    family = planned.space.grid.family
    with pytest.raises(dse.DseError, match=rf"supernet: {axis} cannot be shared: .*{reason}"):
        check_branches(axes, (), family)
    check_branches(axes, (axis,), family)
    with pytest.raises(dse.DseError, match="there is no axis 'grups'"):
        check_branches(axes, ("grups",), family)


def test_branches_have_weights_of_their_own():
    page, grid, *_ = UNSHARED[1]
    planned = page_plan(page, grid)
    shared = planned.supernet(page, {}, {}, 0).shared
    first, last = (shared.network(each.candidate) for each in planned.candidates.points)
    storages = [{each.storage for each in network.tensors} for network in (first, last)]
    assert {name.rpartition("/")[2] for name in storages[0] & storages[1]} == {"bias"}


def test_a_page_says_otherwise():
    page = {**TINY, "share": {"kernel": "own"}}
    planned = page_plan(page, {"kernel": [3, 5]})
    axes = unshared_axes(planned.explained(), planned.plan)
    assert "the page says so" in axes["kernel"]
    kernel = next(n for n in planned.plan.storages() if "weight@" in n and "1.1.1" in n)
    assert "kernel=3" in kernel or "kernel=5" in kernel


@pytest.mark.parametrize(
    ("share", "message"),
    [
        ({"kernels": "centre"}, "unknown key 'kernels'; did you mean 'kernel'?"),
        ({"kernel": "center"}, "unknown 'center'; did you mean 'centre'?"),
        (["kernel"], "expected names with values"),
    ],
)
def test_a_mistake_under_share(share, message):
    with pytest.raises(dse.DseError) as caught:
        read_family("own", {**TINY, "share": share}, "own.yaml")
    assert "own.yaml: share" in str(caught.value)
    assert message in str(caught.value)
