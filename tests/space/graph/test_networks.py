"""The graph of a space's networks against going through all of its points."""

from functools import cache

import numpy
import pytest

from dse.cost_formulas import needs_training, shown_terms
from dse.costs.cost_list import COST_NAMES, TRAINING_COSTS, summed_costs
from dse.space import BlockTable, feasible_number, read_budget, read_grid, space_of
from dse.space.graph import checked_afterwards
from dse.space.graph.cost_histogram import histogram
from dse.space.graph.extremes import extreme
from dse.space.tables.identities import Keys
from tests.space.shipped import CHAINS, family, small_space

FORMULAS = (
    "memory_read + memory_written",
    "peak_memory - weight_memory",
    "macs - 20 * params",
    "3 * params + peak_memory",
    "weight_memory - peak_memory",
    "activations - peak_activations",
    "train_memory - weight_memory",
)
"""Weighted sums of costs, some of which no graph can follow."""
SUMS = (*summed_costs(), "flops")


@cache
def listed(name):
    """The costs of the distinct networks of a small space, and its points that can be built."""
    return enumerated(small_space(name))


def enumerated(space):
    compiled = space.tables.space
    choices = compiled.choices_of(numpy.arange(space.grid.size))
    columns = space.tables.costs(choices)
    built = columns.is_valid & compiled.is_kept(choices)
    keys = Keys(space.tables.space.page).of(choices[built], numpy.zeros(built.sum(), dtype=bool))
    firsts = numpy.flatnonzero(built)[numpy.unique(keys, return_index=True)[1]]
    is_first = numpy.zeros(len(choices), dtype=bool)
    is_first[firsts] = True
    return columns.of(is_first), int(built.sum())


@pytest.mark.parametrize("name", CHAINS)
def test_the_number_of_networks(name):
    networks, points = listed(name)
    assert small_space(name).graph.count() == len(networks.is_valid)
    assert small_space(name).graph.choices.count() == points


def test_the_published_number_of_distinct_networks_of_nas_bench_macro():
    """Oracle: 3,969 networks were trained for the 6,561 architectures of the benchmark."""
    content = {"op": ["identity", "mb3_k3", "mb6_k5"]}
    space = space_of(read_grid(family("nas_bench_macro"), content), BlockTable())
    assert space.graph.choices.count() == 6561
    assert space.graph.count() == 3969


def test_the_size_of_once_for_all():
    """Oracle: arXiv:1908.09791, ((3·3)² + (3·3)³ + (3·3)⁴)⁵ ≈ 2·10¹⁹ at each resolution."""
    content = {"depth": [2, 3, 4], "kernel": [3, 5, 7], "expansion": [3, 4, 6]}
    grid = read_grid(family("ofa_mobilenet_v3"), {**content, "resolution": [128]})
    space = space_of(grid, BlockTable())
    assert space.graph.count() == ((3 * 3) ** 2 + (3 * 3) ** 3 + (3 * 3) ** 4) ** 5
    least, greatest = (extreme(space.graph, "macs", end) for end in ("min", "max"))
    for end, per_stage, kernel, expansion in ((least, 2, 3, 3), (greatest, 4, 7, 6)):
        chosen = {"resolution": 128, "depth": per_stage, "kernel": kernel, "expansion": expansion}
        candidate = grid.family.resolve(grid.family.settings_of(chosen))
        assert end.value == space.blocks.cost(candidate).macs


@pytest.mark.parametrize("name", CHAINS)
def test_the_ends_of_every_cost_and_who_has_them(name):
    space, (networks, _) = small_space(name), listed(name)
    for cost in COST_NAMES:
        known = networks.can_train if cost in TRAINING_COSTS else networks.is_valid
        values = networks.costs[cost][known]
        for direction, expected in (("min", values.min()), ("max", values.max())):
            found = extreme(space.graph, cost, direction)
            assert found is not None
            assert (found.value, found.is_proven) == (expected, True), cost
            choices = space.graph.choices_at(found.path[None])
            assert space.tables.costs(choices).costs[cost] == [expected]


@pytest.mark.parametrize("name", CHAINS)
def test_the_ends_of_weighted_sums_and_how_many_are_within(name):
    space, (networks, _) = small_space(name), listed(name)
    for formula in FORMULAS:
        known = networks.can_train if needs_training(formula) else networks.is_valid
        terms = shown_terms(formula)
        total = sum(weight * networks.costs[name] for name, weight in terms.items())[known]
        for direction, expected in (("min", total.min()), ("max", total.max())):
            found = extreme(space.graph, formula, direction)
            assert (found.value, found.is_proven) == (expected, True), formula
        low, high = (int(numpy.quantile(total, q)) for q in (0.2, 0.7))
        for bounds in ([low, high], [low, None], high):
            budget = read_budget({formula: bounds})
            ends = bounds if isinstance(bounds, list) else [None, bounds]
            within = (total >= (low if ends[0] is not None else total.min())) & (
                total <= (high if ends[1] is not None else total.max())
            )
            assert feasible_number(space, budget).least == within.sum(), (formula, bounds)
            number = space.ways(budget).number()
            assert number.least <= within.sum() <= number.most


def test_what_no_graph_follows_is_told():
    followed = [f for f in FORMULAS if not checked_afterwards(read_budget({f: 5}))]
    assert followed == [*FORMULAS[:3], "3 * params + peak_memory", "weight_memory - peak_memory"]
    content = {"where": "macs <= 5 and (params < 3 or macs / params > 2)"}
    assert checked_afterwards(read_budget(content)) == ("params < 3 or macs / params > 2",)


ALTERNATIVES = {
    "macs < 3 or params < 5": "(macs < 3 or params < 5)",
    "macs < 3\nOR params < 5": "(macs < 3 or params < 5)",
    "macs < 3 and params < 5 or macs / params < 2": (
        "((macs < 3 and params < 5) or macs / params < 2)"
    ),
    "not (macs < 3 or params < 5)": "not (macs < 3 or params < 5)",
    "params != 3": "params != 3",
}


@pytest.mark.parametrize("text", ALTERNATIVES)
@pytest.mark.parametrize("other", ["macs / params", "train_memory"])
def test_what_is_joined_by_and_says_where_an_or_ends(text, other):
    budget = read_budget({other: [1, 9], "where": text})
    told = " and ".join(checked_afterwards(budget))
    assert ALTERNATIVES[text] in told
    assert read_budget({"where": told}) == budget


@pytest.mark.parametrize("name", CHAINS)
def test_how_many_networks_are_within_a_budget(name):
    space, (networks, _) = small_space(name), listed(name)
    for cost in COST_NAMES:
        low, high = (int(numpy.quantile(networks.costs[cost], q)) for q in (0.2, 0.7))
        params = int(numpy.quantile(networks.costs["params"], 0.8))
        for content in ({cost: [low, high]}, {cost: high, "params": params}):
            budget = read_budget(content)
            expected = int(networks.admitted(budget).sum())
            number = space.ways(budget).number()
            assert number.least <= expected <= number.most
            found = space.ways(budget).all() if number.most else numpy.empty((0, 1))
            assert len(numpy.unique(found, axis=0)) == len(found) == number.most
            if number.most:
                admitted = space.tables.costs(space.graph.choices_at(found)).admitted(budget)
                assert int(admitted.sum()) == expected


@pytest.mark.parametrize("bars", [1, 7])
@pytest.mark.parametrize("name", ["nas_bench_macro", "mobilenet_v3", "vit"])
def test_histograms_hold_what_they_promise(name, bars):
    networks, _ = listed(name)
    for cost in SUMS:
        found = histogram(small_space(name).graph, cost, bars)
        for bar in found:
            values = networks.costs[cost]
            inside = (bar.low <= values) & (
                (values < bar.high) | (bar is found[-1]) & (values == bar.high)
            )
            assert bar.least <= inside.sum() <= bar.most
        assert sum(bar.most for bar in found) >= len(networks.is_valid)
