"""Spaces whose settings are only drawn: a supernet has room for what a search draws of them."""

import pytest
import torch

import dse
from dse.space import Budget, draw_settings, read_budget, read_grid, space_of
from dse.supernet import check_branches, plan_supernet, unshared_axes
from tests.space.shipped import family

STAGES = {
    "depth": {"from": 8, "to": 12, "step": 1},
    "w0": {"from": 8, "to": 32, "step": 8},
    "wa": {"from": 8, "to": 40, "step": 1},
    "wm": {"from": 2.0, "to": 3.0, "step": 0.01},
    "group_width": 8,
    "resolution": 32,
    "rounding": "pycls",
}
OPERATIONS = ["skip_connect", "max_pool_3x3", "avg_pool_3x3"] + [
    f"{kind}_conv_{kernel}x{kernel}" for kind in ("sep", "dil") for kernel in (3, 5)
]
SPACES = {"regnet": STAGES, "darts": {"op": OPERATIONS, "width": [4, 8], "depth": 1}}


def space(name, **more):
    return space_of(read_grid(family(name), {**SPACES[name], **more}))


@pytest.mark.parametrize("name", SPACES)
def test_there_is_room_for_what_a_search_draws(name):
    design = space(name)
    assert design.is_drawn_from
    planned = plan_supernet(design, Budget(), 6, 0)
    drawn = draw_settings(design, Budget(), 6, 0).space
    assert {point.key for point in planned.candidates.points} == {
        design.resolved(settings).key for settings in drawn.grid
    }
    shared = planned.supernet({}, {}, {}, 0).shared
    for settings in drawn.grid:
        candidate = design.resolved(settings)
        images = torch.randn(2, *candidate.input_shape)
        network = shared.network(candidate)
        network.module.eval()
        assert torch.equal(network(images), network.standing_alone()(images))


def test_candidates_are_within_the_budget(monkeypatch):
    budget = read_budget({"macs": "12M"})
    points = plan_supernet(space("regnet"), budget, 6, 0).candidates.points
    assert len(points) == 6
    assert all(point.costs.macs <= 12_000_000 for point in points)
    assert [point.costs.macs for point in points] == sorted(
        (point.costs.macs for point in points), reverse=True
    )
    monkeypatch.setenv("DSE_LIMIT_TRIED_SETTINGS", "100")
    with pytest.raises(dse.DseError, match="only 0 of 1 candidates were found in 100 settings"):
        plan_supernet(space("regnet"), read_budget({"macs": "1"}), 6, 0)


def test_an_axis_of_many_values_is_explained_by_some_and_refused_where_it_is_not_shared():
    planned = plan_supernet(space("regnet", group_width=[8, 16]), Budget(), 6, 0)
    rows = {each.axis: each for each in planned.explained()}
    assert (rows["wa"].values, rows["wm"].values) == (33, 101)
    assert "first layers" in rows["depth"].shared
    axes = unshared_axes(rows.values(), planned.plan)
    assert "only mean something together" in axes["group_width"]
    with pytest.raises(dse.DseError, match="cannot be shared"):
        check_branches(axes, (), planned.space.grid.family)
    check_branches(axes, tuple(axes), planned.space.grid.family)


def test_what_other_draws_bring_is_refused():
    planned = plan_supernet(space("darts"), Budget(), 1, 0)
    shared = planned.supernet({}, {}, {}, 0).shared
    other = plan_supernet(space("darts"), Budget(), 1, 1).candidates.largest
    with pytest.raises(dse.DseError, match="its candidates were drawn with another budget or seed"):
        shared.network(other.candidate)
