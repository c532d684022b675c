"""Goals that are sums of costs are worked out; on small spaces that is checked point by point."""

import json
import re

import pytest

from dse.cost_formulas import formula_value
from dse.costs import Costs
from dse.search.exact import best_of_costs
from dse.space import read_budget
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
    found = best_of_costs(space, budget, weights, maximize)
    values = []
    for settings in space.grid:
        costs = space.point(settings).costs
        if isinstance(costs, Costs) and budget.admits(costs):
            values.append(sum(w * formula_value(costs, cost) for cost, w in weights.items()))
    assert found is not None
    assert found.is_optimal
    assert found.value == pytest.approx(max(values) if maximize else min(values), rel=1e-12)


def test_the_largest_network_of_nas_bench_macro_within_a_budget(tmp_path, reference_data):
    """Oracle: the parameters that the benchmark's own table gives."""
    lines = (reference_data / "nas-bench-macro" / "nas_bench_macro.csv").read_text().splitlines()
    header = lines[0].split(",")
    rows = [dict(zip(header, line.split(","), strict=True)) for line in lines[1:]]
    largest = max(int(row["params"]) for row in rows if int(row["flops"]) <= 40_000_000)
    words = (*MACRO, "objective=params", "budget.macs=40M", "trials=30")
    printed = dse(tmp_path, "search", *words).stdout
    assert "1 evaluated" in printed
    assert "best by params (maximize), which is optimal: proven over the whole space:" in printed
    (row,) = query(tmp_path)
    assert row["params"] == largest
    assert row["macs"] <= 40_000_000


def test_the_best_of_a_space_that_cannot_be_listed(tmp_path):
    words = (*OFA, "objective=cost", "objective.cost=activations", "budget.params=4M")
    printed = dse(tmp_path, "search", *words).stdout
    assert "which is optimal" in printed
    assert re.search(r"between \d+(\.\d+e\+\d+)? and ", printed.replace(",", ""))
    (row,) = query(tmp_path)
    assert row["params"] <= 4_000_000
    # No draw from inside the budget has more.
    dse(tmp_path, "sweep", *OFA, "sample=500", "budget.params=4M")
    assert max(each["activations"] for each in query(tmp_path)) == row["activations"]


def test_a_search_over_draws_of_a_space_that_cannot_be_listed(tmp_path):
    words = (*OFA, "objective=params", "exact=false", "budget.macs=150M", "trials=8")
    printed = dse(tmp_path, "search", *words).stdout
    assert "the search is over 20,000 of them, drawn uniformly" in printed
    rows = query(tmp_path)
    assert len(rows) == 8
    assert all(row["macs"] <= 150e6 for row in rows)
    best = json.loads(dse(tmp_path, "space", *OFA, "budget.macs=150M", "format=json").stdout)
    assert best["feasible"]["least"] > 10**15
