"""The best networks that differ in so many choices, against trying every one."""

from dataclasses import replace

import numpy
import pytest

from dse.space import read_budget
from dse.space.graph import best_apart
from dse.space.tables.identities import Keys
from tests.space.graph.test_networks import listed
from tests.space.graph.test_optimum import SOME
from tests.space.shipped import small_space

GOALS = ({"params": 1}, {"macs": -1, "activations": 0.5})


def every_network(space, budget):
    """The choices of all networks within a budget, and their costs."""
    choices = space.graph.choices_at(space.ways(read_budget({})).all())
    columns = space.tables.costs(choices)
    admitted = columns.admitted(budget)
    return choices[admitted], columns.of(admitted)


@pytest.mark.parametrize("apart", [1, 2, 3])
@pytest.mark.parametrize("name", SOME)
def test_each_is_the_best_of_those_that_differ_from_all_before(name, apart):
    space, (networks, _) = small_space(name), listed(name)
    for content in ({}, {"macs": int(numpy.quantile(networks.costs["macs"], 0.7))}):
        budget = read_budget(content)
        choices, columns = every_network(space, budget)
        for goal in GOALS:
            values = sum(weight * columns.costs[cost] for cost, weight in goal.items())
            found = best_apart(space.graph, goal, budget, 4, apart)
            is_left = numpy.ones(len(choices), dtype=bool)
            for each in found:
                assert each.is_optimal
                assert each.value == values[is_left].max()
                chosen = space.graph.choices_at(each.path[None])[0]
                (place,) = numpy.flatnonzero((choices == chosen).all(axis=1))
                assert is_left[place]
                is_left &= (choices != chosen).sum(axis=1) >= apart
            assert len(found) == 4 or not is_left.any()


def test_networks_that_several_choices_build_are_told_once():
    """Oracle: identities commute, so that of the 32 points of the grid some are one network."""
    space = small_space("nas_bench_macro")
    found = best_apart(space.graph, {"params": -1}, read_budget({}), 8, 1)
    choices = space.graph.choices_at(numpy.stack([each.path for each in padded(found)]))
    keys = Keys(space.tables.space.page).of(choices, numpy.zeros(len(choices), dtype=bool))
    assert len(set(keys.tolist())) == 8
    assert space.graph.count() < space.grid.size


def padded(found):
    """Return networks with paths of one length; −1 behind the end."""
    most = max(len(each.path) for each in found)
    ends = [(0, most - len(each.path)) for each in found]
    return [
        replace(each, path=numpy.pad(each.path, end, constant_values=-1))
        for each, end in zip(found, ends, strict=True)
    ]
