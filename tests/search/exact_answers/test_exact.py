"""Goals that are sums of costs are worked out; on small spaces that is checked point by point."""

import itertools
import json
import re

import numpy
import pytest

from dse.cost_formulas import formula_value
from dse.costs.cost_list import Costs
from dse.search.exact_answers.exact import best_of_costs, front_of_costs
from dse.space import CostGoal, read_budget, space_of
from tests.cli.command import dse, query
from tests.space.shipped import small_space

MACRO = ("family=nas_bench_macro", "grid.op=[identity,mb3_k3,mb6_k5]")
OFA = ("family=ofa_mobilenet_v3", "grid.resolution=[128]")


@pytest.mark.parametrize("maximize", [True, False])
@pytest.mark.parametrize(
    ("weights", "content"),
    [
        ({"params": 1}, {"macs": "300M"}),
        ({"activations": 2, "macs": -0.001}, {}),
        ({"peak_memory": 1}, {"macs": "300M"}),
        ({"macs": 1}, {"train_memory": "90MiB"}),
        ({"macs": 1}, {"peak_activations": "6MB"}),
        ({"params": 1}, {"peak_activations": "6MB", "macs": "200M"}),
        ({"params": 1}, {"memory_read + memory_written": "40MB"}),
        ({"macs": 1, "params": -20}, {"macs - 20 * params": {"min": 0}}),
        ({"macs / params": 1}, {"where": "macs <= 200M or not params > 2M"}),
        ({"memory_read + memory_written": 1}, {"where": "macs / params >= 60"}),
    ],
)
def test_no_candidate_is_better(weights, content, maximize):
    space, budget = small_space("mobilenet_v2"), read_budget(content)
    found = best_of_costs(space, budget, weights, maximize, 4)
    values: dict[int, float] = {}
    for settings in space.grid:
        point = space.point(settings)
        if isinstance(point.costs, Costs) and budget.admits(point.costs):
            each = [w * formula_value(point.costs, cost) for cost, w in weights.items()]
            values[point.key] = sum(each)
    assert found is not None
    assert all(each.is_optimal for each in found)
    ordered = sorted(values.values(), reverse=maximize)[:4]
    assert [each.value for each in found] == pytest.approx(ordered, rel=1e-12)


def test_the_largest_network_of_nas_bench_macro_within_a_budget(tmp_path, reference_data):
    """Oracle: the parameters that the benchmark's own table gives."""
    lines = (reference_data / "nas-bench-macro" / "nas_bench_macro.csv").read_text().splitlines()
    header = lines[0].split(",")
    rows = [dict(zip(header, line.split(","), strict=True)) for line in lines[1:]]
    largest = max(int(row["params"]) for row in rows if int(row["flops"]) <= 40_000_000)
    words = (*MACRO, "objective=params", "budget.macs=40M", "trials=30", "best=1")
    printed = dse(tmp_path, "search", *words).stdout
    assert "1 evaluated" in printed
    assert "best by params (maximize), which is optimal: proven over the whole space:" in printed
    (row,) = query(tmp_path)
    assert row["params"] == largest
    assert row["macs"] <= 40_000_000


def test_the_best_of_a_space_that_cannot_be_listed(tmp_path):
    words = (*OFA, "maximize=activations", "best=1", "budget.params=4M")
    printed = dse(tmp_path, "search", *words).stdout
    assert "which is optimal" in printed
    assert re.search(r"between \d+(\.\d+e\+\d+)? and ", printed.replace(",", ""))
    (row,) = query(tmp_path)
    assert row["params"] <= 4_000_000
    # No draw from inside the budget has more.
    dse(tmp_path, "sweep", *OFA, "sample=500", "budget.params=4M")
    assert max(each["activations"] for each in query(tmp_path)) == row["activations"]


GOALS = (
    [CostGoal("macs", False), CostGoal("params", True)],
    [CostGoal("macs / params", True), CostGoal("peak_memory", False)],
    [CostGoal("train_memory", False), CostGoal("activations", True), CostGoal("macs", False)],
)


@pytest.mark.parametrize("content", [{}, {"macs": "200M"}, {"where": "macs / params >= 60"}])
@pytest.mark.parametrize("goals", GOALS)
def test_no_candidate_dominates_the_front(goals, content):
    space, budget = small_space("mobilenet_v2"), read_budget(content)
    points = set()
    for settings in space.grid:
        costs = space.point(settings).costs
        if isinstance(costs, Costs) and budget.admits(costs):
            signs = [-1 if goal.is_large else 1 for goal in goals]
            values = [formula_value(costs, goal.cost) for goal in goals]
            points.add(tuple(s * v for s, v in zip(signs, values, strict=True)))
    front = {
        one
        for one in points
        if not any(other != one and numpy.less_equal(other, one).all() for other in points)
    }
    choices = front_of_costs(space, budget, goals)
    found = [space.point(space.grid.settings(each)).costs for each in choices.tolist()]
    assert len(found) == len(front)
    assert {
        tuple((-1 if g.is_large else 1) * formula_value(costs, g.cost) for g in goals)
        for costs in found
    } == front


@pytest.mark.parametrize("apart", [1, 2])
@pytest.mark.parametrize("weights", [{"macs / params": 1}, {"macs": 1}])
def test_each_of_the_best_differs_from_all_others(weights, apart):
    space = small_space("mobilenet_v2")
    found = best_of_costs(space, read_budget({}), weights, True, 5, apart)
    assert len(found) == 5
    for one, other in itertools.combinations(found, 2):
        assert one.value >= other.value
        assert (one.choices != other.choices).sum() >= apart


def test_both_ways_to_the_best_say_the_same(monkeypatch):
    """The graph, and going through all points, where there is room for no graph."""
    told = []
    for nodes in ("200000", "1"):
        monkeypatch.setenv("DSE_LIMIT_GRAPH_NODES", nodes)
        space = space_of(small_space("mobilenet_v2").grid, small_space("mobilenet_v2").blocks)
        best = best_of_costs(space, read_budget({"macs": "300M"}), {"params": 1}, True, 6)
        front = front_of_costs(space, read_budget({"macs": "300M"}), GOALS[0])
        columns = space.tables.costs(front, ("macs", "params")).costs
        told.append(([each.value for each in best], [c.tolist() for c in columns.values()]))
    assert told[0] == told[1]


@pytest.mark.parametrize("maximize", [True, False])
@pytest.mark.parametrize(
    ("weights", "content"),
    [
        ({"peak_memory": 1}, {"macs": "300M"}),
        ({"peak_activations": 0.5}, {"params": {"min": "2M"}}),
        ({"peak_activations": 1, "params": -2}, {}),
    ],
)
def test_the_best_of_peaks_level_by_level(monkeypatch, weights, content, maximize):
    """Oracle: going through all points."""
    space, budget = small_space("mobilenet_v2"), read_budget(content)
    listed = best_of_costs(space, budget, weights, maximize, 7)
    monkeypatch.setenv("DSE_LIMIT_POOL_POINTS", "1")
    found = best_of_costs(space, budget, weights, maximize, 7)
    assert [each.value for each in found] == [each.value for each in listed]
    assert all(each.is_optimal for each in found)
    points = [space.point(space.grid.settings(each.choices)) for each in found]
    assert len({point.key for point in points}) == len(points) > 1
    assert [
        sum(weight * point.costs[cost] for cost, weight in weights.items()) for point in points
    ] == [each.value for each in found]


def test_a_search_over_draws_of_a_space_that_cannot_be_listed(tmp_path):
    words = (*OFA, "objective=params", "exact=false", "budget.macs=150M", "trials=8")
    printed = dse(tmp_path, "search", *words).stdout
    assert "20,000 of them were drawn uniformly to start from" in printed
    rows = query(tmp_path)
    assert len(rows) == 8
    assert all(row["macs"] <= 150e6 for row in rows)
    best = json.loads(dse(tmp_path, "space", *OFA, "budget.macs=150M", "format=json").stdout)
    assert best["feasible"]["least"] > 10**15
