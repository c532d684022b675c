"""Costs that blocks are given: block sums, tables and graph agree, also where blocks have none."""

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dse.cost_formulas import cost_value
from dse.costs.cost_conditions import Conditions
from dse.costs.cost_declarations import give_cost, unregister_cost
from dse.costs.cost_list import COSTS, LARGEST_NUMBER, Costs, base_terms
from dse.errors import DseError
from dse.search.exact_answers.exact import best_of_costs
from dse.space import (
    BlockTable,
    Budget,
    CostGoal,
    block_uses,
    draw,
    exact_front,
    histogram,
    networks_with,
    networks_without,
    overview,
    read_budget,
    space_of,
)
from dse.space.graph import extreme
from dse.space.tables import scan
from tests.space.shipped import CHAINS, small_space


@dataclass(frozen=True)
class Numbers:
    """A number of each block by a hash of what it is; some have none."""

    seed: int
    share: float = 1.0
    names: tuple[str, ...] = ("latency",)
    identity: str = ""
    figures: str = ""

    @property
    def tables(self):
        return {}

    def of_model(self, model, inputs, kwargs):
        return {}

    def of(self, block, input, costs):
        text = repr((self.seed, block, input)).encode()
        drawn = int.from_bytes(blake2b(text, digest_size=8).digest())
        number, place = drawn % 10**6, drawn // 10**6 % 1000
        return dict.fromkeys(self.names, number) if place < 1000 * self.share else {}

    def of_kernels(self, kernels):
        return {}


@cache
def numbered(name, numbers):
    # Integers cannot be trained, which saves the traces of training steps.
    return space_of(small_space(name).grid, BlockTable(Conditions(dtype="int8"), numbers))


def summed(space, settings):
    """The same by going through the blocks of one network by hand; None where one has none."""
    candidate = space.grid.family.resolve(settings)
    found = [
        space.blocks.numbers.of(block, spec, None).get("latency")
        for block, spec, _ in space.blocks.chain(candidate)
    ]
    return None if None in found else sum(found)


def by_network(space):
    """The latency of each distinct network that can be built, by its key."""
    points = [space.point(settings) for settings in space.grid]
    built = [point for point in points if isinstance(point.costs, Costs)]
    return {point.key: summed(space, point.settings) for point in built}


@pytest.mark.parametrize("name", CHAINS)
@settings(max_examples=2, deadline=None)
@given(st.integers(0, 99), st.sampled_from([1.0, 0.97]))
def test_blocks_tables_and_graph_agree(name, seed, share):
    space = numbered(name, Numbers(seed, share))
    choices = space.tables.space.choices_of(numpy.arange(space.grid.size))
    columns = space.tables.costs(choices, ["latency", "params"])
    known, listed, networks = columns.bears(["latency"]), [*space.grid], {}
    for row, each in enumerate(choices.tolist()):
        point = space.point(space.grid.settings(each))
        if isinstance(point.costs, Costs):
            expected = summed(space, point.settings)
            networks |= {point.key: expected} if point.settings in listed else {}
            assert point.costs["latency"] == expected
            assert bool(known[row]) == (expected is not None)
            assert expected is None or columns.costs["latency"][row] == expected
    expected = [value for value in networks.values() if value is not None]
    graph = space.graph_of(["latency"])
    assert graph.count() == len(expected)
    for direction, of in (("min", min), ("max", max)):
        found = extreme(graph, "latency", direction)
        assert (found.value if found else None) == of(expected, default=None)


@pytest.mark.parametrize("share", [1.0, 0.9])
def test_budgets_goals_and_draws_keep_to_what_has_a_number(share):
    space = numbered("nas_bench_macro", Numbers(10, share))
    latencies = {k: v for k, v in by_network(space).items() if v is not None}
    bound = sorted(latencies.values())[len(latencies) // 2]
    budget = read_budget({"latency": [bound // 2, bound]})
    within = {key for key, value in latencies.items() if bound // 2 <= value <= bound}
    assert overview(space, budget).feasible.most == len(within)
    drawn = draw(space, budget, len(within), seed=0).choices.tolist()
    assert {space.point(space.grid.settings(each)).key for each in drawn} == within
    scanned = numpy.concatenate([each.choices for each in scan(space.tables, budget)])
    keys = {space.point(space.grid.settings(each)).key for each in scanned.tolist()}
    assert keys == within
    for maximize, of in ((False, min), (True, max)):
        (best,) = best_of_costs(space, budget, {"latency": 1.0}, maximize)
        assert (best.value, best.is_optimal) == (of(latencies[key] for key in within), True)
    bars = histogram(space.graph_of(["latency"]), "latency", 3)
    assert sum(bar.least for bar in bars) <= len(latencies) <= sum(bar.most for bar in bars)


CONDITIONS = (
    "latency > 40 or params > 1.8M",
    "latency is null",
    "latency is null and macs > 60M or latency <= 30",
    "not latency > 40 and params < 2M",
    "params < 2M and (latency != 12 or macs < 50M)",
)


@pytest.mark.parametrize("where", CONDITIONS)
@pytest.mark.parametrize("content", [{}, {"latency": [1, 60]}, {"params": "1.9M"}], ids=str)
def test_a_condition_may_hold_of_what_has_no_number(where, content):
    """As of what the store is asked for: only what a bound is on has to be there."""
    space = numbered("nas_bench_macro", Numbers(10, 0.9))
    budget = read_budget({**content, "where": where})
    points = {point.key: point.costs for point in map(space.point, space.grid)}
    met = {key: costs for key, costs in points.items() if is_admitted(budget, costs)}
    scanned = [each.choices for each in scan(space.tables, budget)]
    keys = {space.point(space.grid.settings(row)).key for some in scanned for row in some.tolist()}
    assert keys == met.keys()
    number = overview(space, budget).feasible
    assert (number.least, number.most) == (len(met), len(met))
    if met:
        drawn = draw(space, budget, len(met), seed=0).choices.tolist()
        assert {space.point(space.grid.settings(row)).key for row in drawn} == met.keys()
        (best,) = best_of_costs(space, budget, {"macs": 1.0}, maximize=True)
        assert best.value == max(costs["macs"] for costs in met.values())


def is_admitted(budget, costs):
    return isinstance(costs, Costs) and budget.admits(costs)


def test_a_formula_with_it_is_a_cost_as_any_other():
    space = numbered("nas_bench_macro", Numbers(10, 0.9))
    points = [space.point(settings) for settings in space.grid]
    both = [
        (point.costs["latency"] + 2 * point.costs["params"])
        for point in points
        if isinstance(point.costs, Costs) and point.costs["latency"] is not None
    ]
    (best,) = best_of_costs(space, Budget(), {"latency + 2 * params": 1.0}, maximize=True)
    assert best.value == max(both)
    budget = read_budget({"where": f"latency + 2 * params <= {min(both)}"})
    assert overview(space, budget).feasible.most >= 1


def test_how_many_networks_each_block_is_in():
    space = numbered("mobilenet_v3", Numbers(0))
    graph, candidates = space.graph, {}
    for settings_ in space.grid:
        point = space.point(settings_)
        if isinstance(point.costs, Costs):
            candidates[point.key] = {(b, s) for b, s, _ in space.blocks.chain(point.candidate)}
    uses = block_uses(graph)
    assert {(use.block, use.input) for use in uses} == set().union(*candidates.values())
    for use in uses:
        having = sum((use.block, use.input) in blocks for blocks in candidates.values())
        assert networks_with(graph, use) == having
    some = uses[3:6]
    left = [c for c in candidates.values() if not any((u.block, u.input) in c for u in some)]
    assert networks_without(graph, some) == len(left)


def test_a_score_of_the_users_own_is_a_cost_by_its_name():
    give_cost("sensitivity", meaning="What a layer loses at four bits.")
    try:
        space = numbered("mlp", Numbers(3, names=("sensitivity",)))
        points = [space.point(settings) for settings in space.grid]
        values = [point.costs["sensitivity"] for point in points]
        (best,) = best_of_costs(space, Budget(), {"sensitivity": 1.0}, False)
        assert best.value == min(values)
        assert points[0].costs.as_dict()["sensitivity"] == values[0]
        assert points[0].costs["latency"] is None
    finally:
        unregister_cost("sensitivity")


@pytest.mark.parametrize(
    ("name", "unit", "message"),
    [
        ("macs", "count", "cost 'macs': the name is taken"),
        ("two words", "count", "cost 'two words': a name is of letters, digits and underscores"),
        ("score", "hours", "cost 'score': unknown unit 'hours'"),
        ("latency", "bytes", "cost 'latency': it is in time, not in bytes"),
    ],
)
def test_declarations_that_are_none(name, unit, message):
    with pytest.raises(DseError, match=message):
        give_cost(name, unit=unit)
    assert name in ("macs", "latency") or name not in COSTS


def test_sums_over_the_longest_network_stay_whole_numbers():
    assert LARGEST_NUMBER * 2**17 < 2**63


OF_ALL = Numbers(5, 1.0, ("latency", "sram", "flash"))
ORDERED = sorted(
    name
    for name, cost in COSTS.items()
    if {COSTS[base].composes for base in base_terms(name)} <= {"sum", "peak"}
    and (not cost.is_given or name in OF_ALL.names)
)
"""The costs that are sums and peaks over blocks, whoever gives them."""


@cache
def costs_of_all(name, numbers):
    """The costs of each distinct network that can be built, by its key."""
    space = numbered(name, numbers)
    points = [space.point(settings_) for settings_ in space.grid]
    return {p.key: p.costs for p in points if isinstance(p.costs, Costs)}


@pytest.mark.parametrize("formula", ["{}", "{} + params", "2 * {} - macs", "{} + sram"])
@pytest.mark.parametrize("name", ORDERED)
def test_ends_fronts_and_budgets_of_every_cost_are_those_of_all_networks(name, formula):
    space = numbered("mobilenet_v3", OF_ALL)
    cost = formula.format(name)
    costs = costs_of_all("mobilenet_v3", OF_ALL)
    values = {key: cost_value(each, cost) for key, each in costs.items()}
    for direction, of in (("min", min), ("max", max)):
        assert extreme(space.graph, cost, direction).value == of(values.values())
    pairs = {(values[key], each.params) for key, each in costs.items()}
    for is_large in (False, True):
        sign = -1 if is_large else 1
        best = {
            (a, b)
            for a, b in pairs
            if not any(sign * c <= sign * a and d >= b and (c, d) != (a, b) for c, d in pairs)
        }
        goals = [CostGoal(cost, is_large), CostGoal("params", True)]
        assert set(map(tuple, exact_front(space.graph, goals, Budget()).values.tolist())) == best
    middle = sorted(values.values())[len(values) // 2]
    budget = read_budget({"where": f"{cost} <= {middle}"})
    within = sum(value <= middle for value in values.values())
    assert overview(space, budget).feasible.most == within
