"""The best networks by a sum of costs, against trying every one."""

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dse.cost_formulas import shown_terms
from dse.errors import DseError
from dse.space import read_budget
from dse.space.graph.exact_optimum import best_networks, optimum
from tests.space.graph.test_networks import listed
from tests.space.shipped import CHAINS, small_space

GOALS = (
    {"macs - 20 * params": 1},
    {"params": 1},
    {"activations": 1, "params": -3},
    {"memory_read": -1},
    {"flops": 0.5, "weight_memory": -0.25},
)


def budgets(networks):
    def at(cost, share):
        return int(numpy.quantile(networks.costs[cost], share))

    yield {}
    yield {"macs": at("macs", 0.5)}
    yield {"macs": at("macs", 0.7), "peak_memory": at("peak_memory", 0.6)}
    both = networks.costs["memory_read"] + networks.costs["memory_written"]
    rest = networks.costs["macs"] - 20 * networks.costs["params"]
    yield {"memory_read + memory_written": int(numpy.quantile(both, 0.6))}
    yield {"macs - 20 * params": [int(numpy.quantile(rest, 0.2)), int(numpy.quantile(rest, 0.8))]}
    yield {"macs": [at("macs", 0.3), at("macs", 0.8)], "params": {"min": at("params", 0.2)}}


def values_of(networks, goal):
    return sum(
        weight * times * networks.costs[base]
        for cost, weight in goal.items()
        for base, times in shown_terms(cost).items()
    )


@pytest.mark.parametrize("name", CHAINS)
def test_no_network_is_better(name):
    space, (networks, _) = small_space(name), listed(name)
    for content in budgets(networks):
        budget = read_budget(content)
        admitted = networks.admitted(budget)
        for goal in GOALS:
            values = values_of(networks, goal)
            found = optimum(space.graph, goal, budget)
            assert (found is None) == (not admitted.any())
            if found is not None:
                assert found.is_optimal
                assert found.value == pytest.approx(values[admitted].max(), rel=1e-12)
                costs = space.tables.costs(space.graph.choices_at(found.path[None]))
                assert costs.admitted(budget).all()


SOME = ("anynet", "mlp", "mobilenet_v3", "nas_bench_macro", "ofa_mobilenet_v3", "resnet", "vit")


@pytest.mark.parametrize("number", [2, 7, 1000])
@pytest.mark.parametrize("name", SOME)
def test_the_best_networks_are_the_first_of_all_in_order(name, number):
    space, (networks, _) = small_space(name), listed(name)
    for content in budgets(networks):
        budget = read_budget(content)
        admitted = networks.admitted(budget)
        for goal in GOALS:
            found = best_networks(space.graph, goal, budget, number)
            ordered = numpy.sort(values_of(networks, goal)[admitted])[::-1][:number]
            assert [each.value for each in found] == pytest.approx(ordered.tolist(), rel=1e-12)
            assert all(each.is_optimal for each in found)
            assert len({tuple(each.path) for each in found}) == len(found)


WEIGHTS = st.integers(-3, 3)


@settings(max_examples=60, deadline=None)
@given(
    weights=st.tuples(WEIGHTS, WEIGHTS, WEIGHTS),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)),
    number=st.integers(1, 30),
)
def test_the_best_networks_of_any_goal_within_any_budget(weights, shares, number):
    space, (networks, _) = small_space("nas_bench_macro"), listed("nas_bench_macro")
    costs = ("macs", "params", "activations")
    goal = dict(zip(costs, weights, strict=True))
    ends = [int(numpy.quantile(networks.costs["params"], share)) for share in sorted(shares[:2])]
    peak = int(numpy.quantile(networks.costs["peak_memory"], shares[2]))
    budget = read_budget({"params": ends, "peak_memory": peak})
    values = values_of(networks, goal)[networks.admitted(budget)]
    found = best_networks(space.graph, goal, budget, number)
    assert [each.value for each in found] == numpy.sort(values)[::-1][:number].tolist()


def test_where_there_is_no_room_for_all_ways_what_is_told_is_a_bound(monkeypatch):
    """Oracle: the optimum that is found with room."""
    space, budget = small_space("mobilenet_v3"), read_budget({})
    goal = {"macs - 20 * params": 1}
    best = best_networks(space.graph, goal, budget, 4)
    monkeypatch.setenv("DSE_LIMIT_OPTIMUM_WAYS", "1")
    monkeypatch.setattr("dse.space.graph.exact_optimum._NARROW", 1)
    found = best_networks(space.graph, goal, budget, 4)
    assert all(one.value <= each.value <= one.bound for one, each in zip(found, best, strict=False))
    assert len(found) < 4 or not all(each.is_optimal for each in found)


def test_what_is_no_sum_over_blocks_is_refused():
    graph = small_space("mlp").graph
    with pytest.raises(DseError, match="peak_memory is no sum over blocks"):
        optimum(graph, {"peak_memory": 1}, read_budget({}))
    with pytest.raises(DseError, match="train_memory <= 1MiB is no bound on a sum"):
        optimum(graph, {"params": 1}, read_budget({"train_memory": "1MiB"}))
