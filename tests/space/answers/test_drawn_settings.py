"""Spaces of generated stages are drawn from without being listed, uniformly over what fits."""

from collections import Counter

import pytest
import yaml
from scipy.stats import chisquare

import dse
from dse.configs.config_places import config_directory
from dse.costs.cost_list import Costs
from dse.errors import DseError
from dse.space import BlockTable, draw_settings, read_budget, read_grid, space_of
from dse.space.pages import LineRuns
from tests.space.shipped import family

SMALL = {
    "depth": [2, 3, 4, 5],
    "w0": [8, 16, 24],
    "wa": [8.0, 12.0, 16.0],
    "wm": [2.0, 2.5],
    "group_width": [4, 8],
    "resolution": 32,
    "rounding": "pycls",
}
BUDGET = read_budget({"macs": ["1M", "3M"]})
PUBLISHED = yaml.safe_load((config_directory() / "grid" / "regnet_published.yaml").read_text())


@pytest.fixture(scope="module")
def space():
    return space_of(read_grid(family("regnet"), SMALL), BlockTable())


@pytest.fixture(scope="module")
def fitting(space):
    """The key of the network of all settings that fit, by the settings."""
    points = [space.point(settings) for settings in space.grid]
    return {
        tuple(point.settings.values()): point.key
        for point in points
        if isinstance(point.costs, Costs) and BUDGET.admits(point.costs)
    }


def test_settings_are_drawn_uniformly_from_all_that_fit(space, fitting):
    assert 20 < len(fitting) < 120
    firsts = Counter()
    for seed in range(12 * len(fitting)):
        drawn = draw_settings(space, BUDGET, 1, seed, is_traced=False)
        (settings,) = drawn.space.grid
        firsts[tuple(settings.values())] += 1
    assert firsts.keys() <= fitting.keys()
    assert chisquare([firsts[each] for each in fitting]).pvalue > 1e-4


def test_each_network_is_drawn_once_and_all_are_found(space, fitting, monkeypatch):
    monkeypatch.setenv("DSE_LIMIT_TRIED_SETTINGS", "4000")
    networks = {*fitting.values()}
    told = []
    most = len(networks) + 1
    drawn = draw_settings(space, BUDGET, most, 0, lambda *told_of: told.append(told_of))
    keys = [family("regnet").resolve(settings).key for settings in drawn.space.grid]
    assert sorted(keys) == sorted(networks)
    assert drawn.tried == 4000
    share = len(fitting) / space.grid.size
    assert abs(drawn.rate - share) < 5 * (share / drawn.tried) ** 0.5
    assert told[0] == (0, most)
    assert told[-1] == (len(networks), most)


def test_the_costs_of_what_is_drawn_are_those_of_its_networks(space):
    drawn = draw_settings(space, BUDGET, 6, 3)
    costs = drawn.space.tables.costs(drawn.choices).costs
    for row, settings in enumerate(drawn.space.grid):
        whole = BlockTable().cost(family("regnet").resolve(settings))
        assert isinstance(whole, Costs)
        assert {name: int(costs[name][row]) for name in costs} == whole.as_dict()
        assert drawn.sums[row]["macs"] == whole.macs


def test_a_seed_draws_the_same_and_exclusions_hold(space):
    def settings(seed, **content):
        grid = read_grid(family("regnet"), {**SMALL, **content})
        drawn = draw_settings(space_of(grid, space.blocks), BUDGET, 8, seed, is_traced=False)
        return [tuple(each.items()) for each in drawn.space.grid]

    assert settings(1) == settings(1) != settings(2)
    kept = settings(1, exclude="w0 = 16 or depth > 4")
    assert all(dict(each)["w0"] != 16 and dict(each)["depth"] <= 4 for each in kept)


def test_the_published_ranges_give_networks_of_every_regime():
    """The regimes of pycls' study, each within 1 %; the ranges are those of its sampler."""
    published = dse.design_space("regnet", "regnet_published")
    assert published.size == 17 * 32 * 2481 * 1001 * 16 > 1_090_528_512
    with pytest.raises(DseError, match="draw from them, as in sample=500"):
        published.overview()
    asked = ("macs", "params")
    for regime, number in ((380e6, 5), (1.6e9, 3), (16e9, 3)):
        low, high = int(regime * 0.95), int(regime * 1.05)
        budget = {"macs": [low, high]}
        drawn = published.sample(number, budget, seed=7, costs=asked)
        assert drawn.shape[0] == drawn["key"].n_unique() == number
        assert all(low <= macs <= high for macs in drawn["macs"])
        page = family("regnet")
        row = drawn.row(0, named=True)
        costs = BlockTable().cost(page.resolve({name: row[name] for name in page.defaults}))
        assert isinstance(costs, Costs)
        assert [costs[name] for name in asked] == [row[name] for name in asked]


def test_a_mistake_in_a_draw(monkeypatch):
    monkeypatch.setenv("DSE_LIMIT_TRIED_SETTINGS", "500")
    published = dse.design_space("regnet", "regnet_published")
    with pytest.raises(DseError, match="only 0 of 2 candidates were found in 500 settings"):
        published.sample(2, "macs < 1M")
    with pytest.raises(DseError, match="costs: unknown cost 'mac'; did you mean 'macs'"):
        published.sample(2, "macs < 1M", costs=["mac"])
    with pytest.raises(DseError, match="stratify: the range of macs is unknown"):
        published.sample(2, "macs < 1M", stratify="macs")


def test_cells_of_too_many_settings_are_drawn():
    """Of DARTS' 10¹⁸ settings: drawn ones are those of the page, and within the budget."""
    content = yaml.safe_load((config_directory() / "grid" / "darts.yaml").read_text())
    page = family("darts")
    darts = space_of(read_grid(page, {**content, "width": 4, "depth": 1}), BlockTable())
    assert darts.is_drawn_from
    budget = read_budget({"macs": {"max": "3M"}})
    drawn = draw_settings(darts, budget, 3, 0)
    assert 3 <= drawn.tried < 40
    runs = LineRuns(page)
    for settings in drawn.space.grid:
        costs = darts.cost(page.resolve(settings))
        assert costs.macs <= 3_000_000
        _, given = runs.of(settings)
        listed = [block for block, number in given for _ in range(number)]
        assert tuple(listed) == page.resolve(settings).blocks
    with pytest.raises(DseError, match="draw from them, as in sample=500"):
        _ = darts.tables
