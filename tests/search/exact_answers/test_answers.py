"""Searches whose answers are worked out: the best, diverse ones, fronts and steps, in the store."""

import numpy
import pytest

import dse
from dse.dominance import non_dominated
from dse.errors import DseError
from dse.project.requests.budget_steps import read_steps
from dse.project.requests.named_goals import goals_in_short

GRID = {"op": ["identity", "mb3_k3", "mb6_k5"]}


@pytest.fixture
def project(tmp_path):
    return dse.open(tmp_path / "dse.db")


@pytest.fixture(scope="module")
def space():
    return dse.design_space("nas_bench_macro", GRID)


@pytest.fixture(scope="module")
def networks(space):
    """Every distinct network, with its costs."""
    return space.sample(space.networks)


def test_the_best_are_stored_and_found_again(project, space, networks):
    within = networks.filter(networks["macs"] <= 40_000_000)
    expected = within["params"].sort(descending=True)[:7].to_list()
    for _ in range(2):
        study = project.search(space, maximize="params", budget="macs <= 40M", best=7)
        assert study.best["params"].to_list() == expected
        assert study.trials["outcome"].to_list() == ["done"] * 7
    stored = project.query("params > 0", sort="-params")
    assert stored["params"].to_list() == expected
    # More answers are another study, in which those from before are known.
    more = project.search(space, maximize="params", budget="macs <= 40M", best=9)
    assert more.id != study.id
    assert len(more.best) == 9
    assert more.trials["outcome"].to_list().count("known") == 7


def test_the_front_is_that_of_all_networks_and_needs_no_trials(project, space, networks):
    study = project.search(
        space, minimize=["macs", "peak_activations"], maximize="params", trials=3
    )
    names = ["macs", "peak_activations", "params"]
    peak = (networks["peak_memory"] - networks["weight_memory"]).to_numpy()
    less = [networks["macs"].to_numpy(), peak, -networks["params"].to_numpy()]
    kept = non_dominated(less)
    expected = {tuple(abs(column[i]) for column in less) for i in kept.tolist()}
    assert set(study.front.select(names).rows()) == expected
    assert len(study.front) == len(study.trials) == len(expected) > 30
    again = project.search(space, minimize=["macs", "peak_activations"], maximize="params")
    assert (again.id, len(again.front)) == (study.id, len(expected))
    joined = project.join(study.id)
    assert joined.front.rows() == study.front.rows()
    drawn = project.search(
        space, minimize=["macs", "peak_activations"], maximize="params", trials=3, exact=False
    )
    assert drawn.id != study.id
    assert drawn.result.solved is None


def test_each_of_the_diverse_differs_from_all_others(project, space):
    study = project.search(space, minimize="macs", budget="params >= 2M", best=4, diverse=3)
    settings = study.best.select([name for name in study.best.columns if name[:2] == "op"]).rows()
    for place, one in enumerate(settings):
        for other in settings[:place]:
            assert sum(a != b for a, b in zip(one, other, strict=True)) >= 3
    macs = study.best["macs"].to_list()
    assert len(macs) == 4
    assert macs == sorted(macs)


def test_the_best_within_each_of_evenly_spaced_bounds(project, space, networks):
    study = project.search(space, maximize="params", steps={"macs": ["5M", "60M", 12]})
    table = study.steps
    assert table["max(macs)"].to_list() == [n * 1_000_000 for n in range(5, 61, 5)]
    for bound, found, params in table.select("max(macs)", "found", "params").rows():
        within = networks.filter(networks["macs"] <= bound)
        assert (found, params) == (("proven" if len(within) else "none"), within["params"].max())
    assert table["found"][0] == "none"
    assert len(study.trials) == len(set(table["params"].drop_nulls()))


def test_a_formula_that_is_no_sum_is_gone_through_for_each_bound(project, space, networks):
    study = project.search(space, maximize="macs / params", steps={"params": ["1M", "3M", 3]})
    ratio = networks["macs"] / networks["params"]
    best = [
        ratio.filter(networks["params"] <= high).max() for high in (10**6, 2 * 10**6, 3 * 10**6)
    ]
    assert study.steps["macs / params"].to_list() == pytest.approx(best)


def test_bounds_are_whole_evenly_spaced_and_reach_both_ends():
    bounds = read_steps({"macs": [1, 11, 4]})
    assert [str(bound) for bound in bounds] == ["macs <= 1", "macs <= 4", "macs <= 7", "macs <= 11"]
    assert len(read_steps({"macs": [1, 3, 9]})) == 3
    assert read_steps({}) == read_steps({"macs": None}) == ()
    assert read_steps({"peak_memory": ["1MiB", "2MiB", 2]})[1].high == 2 * 2**20


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ({"mcas": [1, 2, 3]}, "steps: unknown cost 'mcas'; did you mean 'macs'"),
        ({"macs": [1, 2]}, r"steps.macs: expected \[first, last, number\]"),
        ({"macs": "1M"}, r"steps.macs: expected \[first, last, number\]"),
        ({"macs": [2, 1, 3]}, "steps.macs: the first bound, 2, is not below the last, 1"),
        ({"macs": [1, 2, 1]}, "steps.macs: 1 is no number of bounds from 2"),
        ({"macs": [1, 2, True]}, "steps.macs: True is no number of bounds"),
        ({"macs": ["1KiB", 2, 3]}, "steps.macs: unknown unit 'KiB'"),
        ({"macs": [1, 2, 3], "params": [1, 2, 3]}, "steps: of one cost at a time, and there are"),
    ],
)
def test_steps_that_do_not_hold(steps, message):
    with pytest.raises(DseError, match=message):
        read_steps(steps)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"minimize": "macs", "objective": "params"}, "minimize: is an objective itself"),
        ({"minimize": "macs", "maximize": ["macs"]}, "maximize: macs is named twice"),
        ({"minimize": "mcas"}, "minimize 'mcas', column 1: unknown cost 'mcas'"),
        ({"minimize": []}, "minimize: expected a cost, or several"),
        ({"maximize": [3]}, "maximize: expected a cost, or several"),
        ({"minimize": "macs", "diverse": 9}, "diverse: 9 is more than the 8 choices"),
        ({"minimize": "macs", "diverse": 0}, "diverse: 0 is not positive"),
        ({"minimize": ["macs", "params"], "diverse": 2}, "diverse: goes with one goal"),
        ({"objective": "naswot", "diverse": 2}, "diverse: only a goal over costs"),
        ({"minimize": "macs", "exact": False, "diverse": 2}, "diverse: only a goal over costs"),
        ({"objective": "naswot", "steps": {"macs": [1, 2, 3]}}, "steps: only a goal over costs"),
        (
            {"minimize": ["macs", "params"], "steps": {"macs": ["1M", "9M", 3]}},
            "steps: goes with one goal, and there are 2",
        ),
        ({"minimize": "macs", "steps": {"macs": [1, 2, 3]}}, "no candidate meets macs <= 2"),
        (
            {"minimize": "params", "budget": "macs >= 9M", "steps": {"macs": [1, 2, 3]}},
            "steps.macs: nothing meets both",
        ),
    ],
)
def test_what_no_search_answers_is_refused_before_anything_is_stored(
    tmp_path, space, asked, message
):
    with pytest.raises(DseError, match=message):
        dse.open(tmp_path / "dse.db").search(space, **asked)
    assert not (tmp_path / "dse.db").exists()


def test_a_front_that_takes_too_many_ways_says_what_to_do(project, space, monkeypatch):
    monkeypatch.setenv("DSE_LIMIT_FRONT_WAYS", "2")
    with pytest.raises(DseError, match=r"DSE_LIMIT_FRONT_WAYS.*exact=false"):
        project.search(space, minimize="macs", maximize="params")


def test_goals_in_short_are_pages():
    assert goals_in_short(None, None) is None
    one = goals_in_short("macs / params", None)
    assert (one.name, one.content["direction"]) == ("cost", "minimize")
    assert one.content["name"] == one.content["cost"] == "macs / params"
    several = goals_in_short(["macs"], "params")
    assert several.name == "several"
    directions = {name: goal["direction"] for name, goal in several.content["goals"].items()}
    assert directions == {"macs": "minimize", "params": "maximize"}


def test_the_networks_of_a_front_are_told_in_the_order_of_the_first_goal(project, space):
    front = project.search(space, maximize="params", minimize="macs").front
    values = front["macs"].to_numpy()
    assert (numpy.diff(values) > 0).all()
