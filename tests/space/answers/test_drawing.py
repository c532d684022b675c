"""Draws from inside a budget are uniform over the distinct networks there."""

import numpy
import pytest
from scipy.stats import chisquare

from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import Costs
from dse.errors import DseError
from dse.space import BlockTable, read_budget, read_grid, space_of
from dse.space.answers.drawing import draw, feasible_number
from dse.space.tables.identities import Keys
from tests.space.shipped import family

OPS = {"op": ["identity", "mb3_k3", "mb6_k5"]}
BUDGETS = (
    {"macs": ["50M", "60M"]},
    {"macs": ["45M", "55M"], "params": "2.5M"},
    {"macs": {"min": "60M"}, "peak_memory": "12MiB"},
    {"train_memory": ["20MiB", "30MiB"]},
)


@pytest.fixture(scope="module")
def space():
    return space_of(read_grid(family("nas_bench_macro"), OPS), BlockTable())


@pytest.fixture(scope="module")
def networks(space):
    """Every distinct network with its costs."""
    found = {}
    for settings in space.grid:
        point = space.point(settings)
        found.setdefault(point.key, point.costs)
    assert len(found) == 3969
    return found


def keys_of(space, choices):
    return Keys(space.tables.space.page).of(choices, numpy.zeros(len(choices), dtype=bool)).tolist()


@pytest.mark.parametrize("content", BUDGETS, ids=str)
@pytest.mark.parametrize("most", [0, 10**6], ids=["drawn", "listed"])
def test_uniform_by_chi_square_against_full_enumeration(
    space, networks, content, most, monkeypatch
):
    monkeypatch.setenv("DSE_LIMIT_LISTED_NETWORKS", str(most))
    budget = read_budget(content)
    inside = {key for key, costs in networks.items() if budget.admits(costs)}
    assert len(inside) > 100
    counts = dict.fromkeys(inside, 0)
    each = len(inside) // 2
    for seed in range(40):
        keys = keys_of(space, draw(space, budget, each, seed).choices)
        assert len(set(keys)) == each, "drawn without repeats"
        for key in keys:
            counts[key] += 1
    assert chisquare(list(counts.values())).pvalue > 1e-4


def test_the_same_seed_draws_the_same(space):
    budget = read_budget({"macs": "60M"})
    first, again, other = (draw(space, budget, 50, seed).choices for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_strata_have_equally_many(space):
    budget = read_budget({"macs": ["40M", "80M"]})
    drawn = draw(space, budget, 200, 0, stratify="macs", strata=4)
    macs = space.tables.costs(drawn.choices).costs["macs"]
    edges = 40_000_000 + (numpy.arange(5) * 40_000_001) // 4
    assert numpy.histogram(macs, bins=edges)[0].tolist() == [50, 50, 50, 50]
    assert drawn.feasible.is_exact


def test_strata_of_which_none_gives_a_candidate_are_told(space):
    """The last of them gives the only one, and there the budget admits none."""
    budget = read_budget({"macs": ["40M", "80M"], "where": "macs * macs < 3.6e15"})
    with pytest.raises(DseError, match=r"10 ranges of macs .* ask for 10 or more$"):
        draw(space, budget, 1, 0, stratify="macs", strata=10)
    assert len(draw(space, budget, 10, 0, stratify="macs", strata=10).choices) == 5


def test_how_many_there_are(space, networks):
    for content in ({}, *BUDGETS):
        budget = read_budget(content)
        number = feasible_number(space, budget)
        inside = sum(isinstance(c, Costs) and budget.admits(c) for c in networks.values())
        assert (number.least, number.most) == (inside, inside)


def test_a_grid_of_distinct_networks_is_counted_by_going_through_it(monkeypatch):
    content = {"op": ["mb3_k3", "mb6_k5"]}
    macro = space_of(read_grid(family("nas_bench_macro"), content), BlockTable())
    budget = read_budget({"train_memory": "30MiB"})
    expected = feasible_number(macro, budget)
    assert 0 < expected.most < 256
    monkeypatch.setenv("DSE_LIMIT_LISTED_NETWORKS", "0")
    assert feasible_number(macro, budget) == expected
    monkeypatch.setenv("DSE_LIMIT_COUNTED_POINTS", "0")
    bounds = feasible_number(macro, budget)
    assert bounds.least <= expected.least <= bounds.most


def test_a_sample_larger_than_what_there_is(space):
    with pytest.raises(DseError, match="5,000 candidates are asked for, and there are 3,969"):
        draw(space, read_budget({}), 5000, 0)
    with pytest.raises(DseError, match="10 candidates are asked for, and 0 meet macs <= 1M"):
        draw(space, read_budget({"macs": "1M"}), 10, 0)


def test_where_no_network_can_be_built_the_reason_is_told():
    words = read_grid(family("bert"), {"layers": [1, 2], "sequence": 8})
    decoding = space_of(words, BlockTable(Conditions(phase="decode", context=8)))
    with pytest.raises(DseError, match=r"no candidate of the grid can be built: .* is not causal"):
        draw(decoding, read_budget({}), 1, 0)
