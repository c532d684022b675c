"""The exact front of several costs, against that of every network."""

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dse.cost_formulas import shown_terms
from dse.dominance import non_dominated
from dse.errors import DseError
from dse.space import CostGoal, exact_front, has_exact_front, read_budget
from tests.space.graph.test_networks import listed
from tests.space.graph.test_optimum import SOME, budgets
from tests.space.shipped import small_space

GOALS = (
    (CostGoal("macs", False), CostGoal("params", True)),
    (CostGoal("params", True), CostGoal("peak_activations", False)),
    (CostGoal("peak_memory", True), CostGoal("memory_read", False)),
    (CostGoal("macs", False), CostGoal("activations", True), CostGoal("peak_activations", True)),
    (CostGoal("peak_memory", False), CostGoal("params", True), CostGoal("macs", True)),
    (CostGoal("macs - 20 * params", True), CostGoal("2 * peak_activations - params", False)),
    (CostGoal("flops", False), CostGoal("weight_memory", False)),
)


def front_of_all(networks, goals, admitted):
    """The distinct values of the networks that no other dominates, in order."""
    columns = []
    for goal in goals:
        terms = shown_terms(goal.cost).items()
        total = sum(weight * networks.costs[base] for base, weight in terms)
        columns.append((-total if goal.is_large else total)[admitted])
    kept = non_dominated(columns)
    less = numpy.unique(numpy.stack([column[kept] for column in columns], axis=1), axis=0)
    return numpy.where([goal.is_large for goal in goals], -less, less)


def values_at(space, paths, goals):
    costs = space.tables.costs(space.graph.choices_at(paths)).costs
    totals = [
        sum(weight * costs[base] for base, weight in shown_terms(goal.cost).items())
        for goal in goals
    ]
    return numpy.stack(totals, axis=1)


@pytest.mark.parametrize("name", SOME)
def test_it_is_the_front_of_all_networks(name):
    space, (networks, _) = small_space(name), listed(name)
    for content in budgets(networks):
        budget = read_budget(content)
        admitted = networks.admitted(budget)
        for goals in GOALS:
            found = exact_front(space.graph, goals, budget)
            assert found.values.tolist() == front_of_all(networks, goals, admitted).tolist()
            if admitted.any():
                assert (values_at(space, found.paths, goals) == found.values).all()


COSTS = ("macs", "params", "activations", "peak_activations", "peak_memory", "memory_written")


@settings(max_examples=60, deadline=None)
@given(
    costs=st.lists(st.sampled_from(COSTS), min_size=2, max_size=4, unique=True),
    large=st.lists(st.booleans(), min_size=4, max_size=4),
    bounded=st.sampled_from(COSTS),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_it_is_the_front_whatever_the_goals_and_the_budget(costs, large, bounded, shares):
    space, (networks, _) = small_space("mobilenet_v3"), listed("mobilenet_v3")
    goals = [CostGoal(cost, is_large) for cost, is_large in zip(costs, large, strict=False)]
    total = sum(w * networks.costs[base] for base, w in shown_terms(bounded).items())
    budget = read_budget({bounded: [int(numpy.quantile(total, s)) for s in sorted(shares)]})
    admitted = networks.admitted(budget)
    found = exact_front(space.graph, goals, budget)
    assert found.values.tolist() == front_of_all(networks, goals, admitted).tolist()


def test_what_no_way_tells_is_refused():
    graph, budget = small_space("mlp").graph, read_budget({})
    macs = CostGoal("macs", False)
    assert has_exact_front(graph, [macs, CostGoal("peak_memory", True)], budget)
    for cost in ("train_memory", "saved_memory", "macs / params"):
        assert not has_exact_front(graph, [macs, CostGoal(cost, False)], budget)
    partial = read_budget({"train_memory": "1MiB"})
    assert not has_exact_front(graph, [macs, CostGoal("params", True)], partial)


def test_too_many_ways_are_told(monkeypatch):
    monkeypatch.setenv("DSE_LIMIT_FRONT_WAYS", "3")
    with pytest.raises(
        DseError, match=r"front has over 3 \(DSE_LIMIT_FRONT_WAYS\) ways to compare"
    ):
        exact_front(small_space("mobilenet_v3").graph, GOALS[0], read_budget({}))
