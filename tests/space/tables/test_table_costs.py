"""Costs by tables == costs by blocks == costs of the built network traced whole, every one."""

from functools import cache

import numpy
import pytest

from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import COST_NAMES, Costs
from dse.counting import build_without_weights, costs_under
from dse.space import BlockTable, Invalid, build_network, read_grid, space_of
from dse.space.tables import CostTables, EntangledError, compile_space
from tests.space.shipped import CHAINS, family, inputs_of, small_space

CONDITIONS = (
    Conditions(batch=3, precision="mixed", optimizer="adamw", kernels="cuda"),
    Conditions(batch=2, dtype="bfloat16", optimizer="sgd"),
    Conditions(dtype="int8"),
)
OTHERS = ("mobilenet_v3", "nas_bench_macro", "shufflenet_v2", "mlp", "vit", "resnet")
"""Families of every kind of step: residual, identity, permuted views, no view at all."""


@cache
def under(name, conditions):
    return space_of(small_space(name).grid, BlockTable(conditions))


def check(space, points):
    """Compare the columns of points with what each point costs by its blocks."""
    tables = space.tables
    choices = tables.space.choices_of(points)
    columns = tables.costs(choices)
    for row, choice in enumerate(choices.tolist()):
        costs = space.point(space.grid.settings(choice)).costs
        assert columns.is_valid[row] == isinstance(costs, Costs)
        if isinstance(costs, Costs):
            assert columns.can_train[row] == (costs.train_memory is not None)
            for name, expected in costs.as_dict().items():
                assert expected is None or columns.costs[name][row] == expected, name


@pytest.mark.parametrize("name", CHAINS)
def test_columns_equal_the_sum_over_blocks(name):
    space = small_space(name)
    check(space, numpy.arange(space.grid.size))


@pytest.mark.parametrize("conditions", CONDITIONS, ids=str)
@pytest.mark.parametrize("name", OTHERS)
def test_they_do_under_other_conditions(name, conditions):
    space = under(name, conditions)
    check(space, numpy.arange(0, space.grid.size, 3))


@pytest.mark.parametrize("name", CHAINS)
def test_columns_equal_the_trace_of_the_built_network(name):
    space = small_space(name)
    random = numpy.random.default_rng(len(name))
    choices = space.tables.space.choices_of(random.integers(0, space.grid.size, 2))
    columns = space.tables.costs(choices)
    for row, choice in enumerate(choices.tolist()):
        candidate = space.grid.family.resolve(space.grid.settings(choice))
        if not columns.is_valid[row]:
            assert isinstance(space.blocks.cost(candidate), Invalid)
            continue
        network = build_without_weights(lambda c=candidate: build_network(c, space.blocks))
        whole = costs_under(network, inputs_of(candidate, 1), Conditions())
        for name in COST_NAMES:
            expected = getattr(whole, name)
            assert expected is None or columns.costs[name][row] == expected


def test_a_subset_of_costs_is_the_same():
    space = small_space("mobilenet_v3")
    choices = space.tables.space.choices_of(numpy.arange(space.grid.size))
    every = space.tables.costs(choices)
    for name in COST_NAMES:
        assert (space.tables.costs(choices, [name]).costs[name] == every.costs[name]).all()


def test_each_distinct_block_is_traced_once_for_all_candidates():
    grid = read_grid(family("nas_bench_macro"), {"op": ["identity", "mb3_k3", "mb6_k5"]})
    blocks = BlockTable()
    assert grid.size == 3**8
    compile_space(grid, blocks)
    assert len(blocks) == 18


def test_a_slot_that_depends_on_too_much_is_told():
    many = {"from": 1, "to": 200, "step": 1}
    content = {"w0": {"from": 8, "to": 800, "step": 8}, "wa": many, "depth": {**many, "to": 128}}
    grid = read_grid(family("regnet"), content)
    with pytest.raises(
        EntangledError, match="2,560,000 combinations of w0, wa, depth make blocks each"
    ):
        CostTables(compile_space(grid, BlockTable()))
