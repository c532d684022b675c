"""Closed forms of blocks are what traces of them count: the trace is the oracle."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import Costs
from dse.space import BlockTable, read_budget
from dse.space.blocks import BLOCKS, CLOSED_COSTS, CLOSED_FORMS, closed_form
from dse.space.candidate import ResolvedBlock
from dse.space.costing import Invalid, Screen, screening
from dse.space.pages import LineRuns
from tests.space.shipped import FAMILIES, family, random_settings

SETTINGS = {
    "classifier": st.fixed_dictionaries({"classes": st.integers(1, 20)}),
    "conv_norm_act": st.fixed_dictionaries(
        {"channels": st.integers(1, 6).map(lambda n: 4 * n)},
        optional={
            "kernel": st.sampled_from([1, 3, 5]),
            "stride": st.sampled_from([1, 2, 3]),
            "groups": st.sampled_from([1, 2, 4]),
        },
    ),
    "regnet_residual": st.fixed_dictionaries(
        {"channels": st.integers(1, 4).map(lambda n: 16 * n)},
        optional={
            "stride": st.sampled_from([1, 2]),
            "group_width": st.sampled_from([1, 4, 8, 16]),
            "bottleneck": st.sampled_from([0.5, 1.0, 2.0]),
            "squeeze_excite": st.sampled_from([0.0, 0.25, 0.5]),
        },
    ),
}
"""Of each block that has a closed form, settings at which it has one."""
SIZES = st.tuples(st.sampled_from([8, 16, 32]), st.integers(1, 9), st.integers(1, 9))


def traced(name, chosen, shape, batch):
    block = ResolvedBlock(name, tuple(sorted(chosen.items())))
    table = BlockTable(Conditions(batch=batch))
    return block, table.block_costs(block, table.network_input(shape))


@pytest.mark.parametrize("name", sorted(CLOSED_FORMS))
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_a_closed_form_is_what_a_trace_counts(name, data):
    chosen, shape, batch = data.draw(SETTINGS[name]), data.draw(SIZES), data.draw(st.integers(1, 3))
    block, costs = traced(name, chosen, shape, batch)
    told = closed_form(block, (batch, *shape))
    if isinstance(costs, Invalid):
        assert told is None
        return
    assert told is not None
    assert {cost: costs.additive[cost] for cost in CLOSED_COSTS} == told.sums
    assert tuple(costs.output.shape) == told.leaving


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("conv_norm_act", {"channels": 8, "norm": "none"}),
        ("conv_norm_act", {"channels": 8, "padding": 0}),
        ("conv_norm_act", {"channels": 9, "groups": 2}),
        ("classifier", {"hidden": 8}),
        ("classifier", {"pool": 2}),
        ("regnet_residual", {"channels": 16, "group_width": 32}),
        ("linear", {"features": 4}),
    ],
)
def test_other_settings_and_blocks_have_none(name, chosen):
    assert name in BLOCKS
    assert closed_form(ResolvedBlock(name, tuple(sorted(chosen.items()))), (1, 8, 4, 4)) is None


BLOCK_FAMILIES = [name for name in FAMILIES if not family(name).is_callable]


@pytest.mark.parametrize("name", BLOCK_FAMILIES)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_runs_are_the_blocks_of_the_resolved_network(name, data):
    page = family(name)
    for chosen in (page.defaults, data.draw(random_settings(name))):
        shape, runs = LineRuns(page).of(chosen)
        candidate = page.resolve(chosen)
        listed = [block for block, number in runs for _ in range(number)]
        assert (shape, tuple(listed)) == (candidate.input_shape, candidate.blocks)


def screened(budget, page, chosen):
    return Screen(read_budget(budget), 1).screened(*LineRuns(page).of(chosen))


def test_a_screen_tells_a_network_before_it_is_traced(monkeypatch):
    # Another test may have said what an operator costs.
    monkeypatch.setattr(screening, "has_own_rules", lambda: False)
    page = family("regnet")
    costs = BlockTable().cost(page.resolve({}))
    assert isinstance(costs, Costs)
    inside = {"macs": costs.macs, "flops": [2 * costs.macs, 2 * costs.macs], "params": ["1M", None]}
    told = screened(inside, page, page.defaults)
    assert told.sums == {cost: costs[cost] for cost in CLOSED_COSTS}
    for beyond in (
        {"macs": costs.macs - 1},
        {"params": [costs.params + 1, None]},
        {"where": f"macs + params < {costs.macs + costs.params}"},
    ):
        assert screened(beyond, page, page.defaults).is_beyond
    small = page.settings_of({"resolution": 16})
    assert screened({}, page, small).is_beyond is isinstance(
        BlockTable().cost(page.resolve(small)), Invalid
    )
    # What is no sum that closed forms tell is left to traces.
    assert not screened({"peak_memory": 1}, page, page.defaults).is_beyond
    assert Screen(read_budget({"macs": 1}), 1).tells_all
    assert not Screen(read_budget({"macs": 1, "peak_memory": 1}), 1).tells_all
    monkeypatch.setattr(screening, "has_own_rules", lambda: True)
    assert not screened({"macs": costs.macs - 1}, page, page.defaults).is_beyond


def test_where_none_has_a_closed_form_nothing_is_told():
    page = family("mobilenet_v2")
    told = screened({"macs": "1K"}, page, page.defaults)
    assert (told.is_beyond, told.sums) == (False, None)
