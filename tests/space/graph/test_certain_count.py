"""Bounds on how many networks are within a budget hold for certain, and are close."""

from itertools import pairwise

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dse.cost_formulas import needs_training, shown_terms
from dse.costs.cost_list import summed_costs
from dse.space import BlockTable, read_budget, read_grid, space_of
from dse.space.answers.estimating import estimated
from dse.space.graph import certain_count
from tests.space.graph.test_networks import listed
from tests.space.shipped import CHAINS, family, small_space

BOUNDED = (
    *summed_costs(),
    *("peak_activations", "peak_memory", "train_memory"),
    *("macs - 20 * params", "memory_read + memory_written", "3 * params + peak_memory"),
    *("train_memory + 2 * weight_memory", "train_memory - weight_memory"),
)


def values_of(name, cost):
    """A cost of the listed networks of a small space, and which of them have it."""
    networks, _ = listed(name)
    known = networks.can_train if needs_training(cost) else networks.is_valid
    return sum(weight * networks.costs[base] for base, weight in shown_terms(cost).items()), known


@pytest.mark.parametrize("name", CHAINS)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_the_number_lies_between(name, data):
    """However few clusters there are: with one, all that leads to a node runs together."""
    within, bounds = True, {}
    for cost in data.draw(st.lists(st.sampled_from(BOUNDED), min_size=1, max_size=3, unique=True)):
        values, known = values_of(name, cost)
        some = st.sampled_from([*values[known].tolist(), 0])
        low, high = sorted(data.draw(st.tuples(some, some)))
        bounds[cost] = data.draw(st.sampled_from([[None, high], [low, high], [low, None]]))
        within &= known
        within &= (values >= low) | (bounds[cost][0] is None)
        within &= (values <= high) | (bounds[cost][1] is None)
    budget = read_budget(bounds)
    graph = small_space(name).graph_of(budget.costs)
    count = certain_count(graph, budget, data.draw(st.sampled_from([1, 3, 10, 100, 100_000])))
    assert count.least <= within.sum() <= count.most


@pytest.mark.parametrize("name", CHAINS)
def test_nothing_runs_together_where_there_is_room(name):
    """Every network is counted, once, where a graph follows what is bounded."""
    for cost in (*summed_costs(), "saved_memory", "peak_memory", "train_memory"):
        values, known = values_of(name, cost)
        if not known.any():
            continue
        high = int(numpy.median(values[known]))
        budget = read_budget({cost: high})
        count = certain_count(small_space(name).graph_of([cost]), budget, 1_000_000)
        expected = (known & (values <= high)).sum()
        assert (count.least, count.most) == (expected, expected), cost


@pytest.mark.parametrize("name", ["nas_bench_macro", "ofa_mobilenet_v3", "nats_size"])
def test_nothing_is_counted_between_two_values_that_are_there(name):
    """A cluster may lie around both bounds: what is beyond the one or the other is added up."""
    values, known = values_of(name, "macs")
    there = numpy.unique(values[known])
    gaps = [(low, high) for low, high in pairwise(there.tolist()) if high - low > 1]
    graph = small_space(name).graph
    for low, high in gaps[:: max(1, len(gaps) // 100)]:
        for clusters in (1, 4):
            budget = read_budget({"macs": [low + 1, high - 1]})
            assert certain_count(graph, budget, clusters).least == 0


def once_for_all():
    content = {"depth": [2, 3, 4], "kernel": [3, 5, 7], "expansion": [3, 4, 6]}
    grid = read_grid(family("ofa_mobilenet_v3"), {**content, "resolution": [128, 160]})
    return space_of(grid, BlockTable())


def test_bounds_are_close_in_a_space_of_10_to_the_19():
    """A budget that few meet, of whom an estimate tells where they are likely to be."""
    space = once_for_all()
    for bounds, furthest in (
        ({"macs": 120_000_000}, 1.003),
        ({"macs": 120_000_000, "peak_memory": 26_000_000}, 1.7),
        ({"macs": 120_000_000, "params": 5_000_000}, 1.2),
        ({"train_memory": 100_000_000}, 1.4),
    ):
        budget = read_budget(bounds)
        graph = space.graph_of(budget.costs)
        ranges = space.ways(budget).number()
        few, many = (certain_count(graph, budget, number) for number in (2_000, 10_000))
        likely = estimated(space, budget, 0).likely
        assert ranges.least < few.least < many.least <= likely.most
        assert likely.least <= many.most < few.most < ranges.most
        assert many.most <= furthest * many.least, bounds
