"""The law that carries everything: cost by sum over blocks == cost of the network traced whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import Costs
from dse.counting import build_without_weights, costs_under
from dse.space import BlockTable, Invalid, build_network, read_family
from tests.space.shipped import CHAINS, family, inputs_of, random_settings

TABLES = {
    conditions: BlockTable(conditions)
    for conditions in (
        Conditions(),
        Conditions(batch=3, optimizer="adamw"),
        Conditions(batch=2, dtype="bfloat16", optimizer="sgd", kernels="flash"),
        Conditions(batch=2, precision="mixed", kernels="cuda"),
        Conditions(dtype="int8"),
    )
}


@pytest.mark.parametrize("name", CHAINS)
@settings(max_examples=2, deadline=None)
@given(data=st.data(), conditions=st.sampled_from(list(TABLES)))
def test_costs_composed_of_blocks_equal_the_whole_trace(name, data, conditions):
    candidate = family(name).resolve(data.draw(random_settings(name)))
    table = TABLES[conditions]
    network = build_without_weights(lambda: build_network(candidate, table))
    whole = costs_under(network, inputs_of(candidate, conditions.batch), conditions)
    assert table.cost(candidate) == whole


@settings(max_examples=6, deadline=None)
@given(
    width=st.floats(0.1, 2.5),
    depth=st.floats(0.1, 2.5),
    resolution=st.integers(32, 300),
    expansion=st.integers(1, 8),
)
def test_it_holds_off_the_grid_too(width, depth, resolution, expansion):
    page = family("mobilenet_v2")
    chosen = {"width": width, "depth": depth, "resolution": resolution, "expansion": expansion}
    candidate = page.resolve(page.settings_of(chosen))
    table = TABLES[Conditions()]
    network = build_network(candidate, table)
    whole = costs_under(network, (1, 3, resolution, resolution), Conditions())
    assert table.cost(candidate) == whole


def test_each_distinct_block_is_traced_once():
    page, table = family("resnet"), BlockTable()
    deep = page.variant("resnet152")
    table.cost(deep.resolve(deep.defaults))
    distinct = len(table)
    # stem, pool, head, and in each of four stages a first block and the ones after it
    assert distinct == 3 + 4 * 2
    table.cost(deep.resolve(deep.settings_of({"depth": 2})))
    assert len(table) == distinct


VIEWS = {
    "axes": {"resolution": 16, "repeats": 2},
    "input": [3, "resolution", "resolution"],
    "blocks": [
        {"block": "max_pool", "kernel": 1, "stride": 1},
        {"block": "conv_norm_act", "channels": 8, "repeat": "repeats"},
        {"block": "max_pool", "kernel": 3, "stride": 2},
        {"block": "classifier", "classes": 4},
    ],
}


@pytest.mark.parametrize("repeats", [0, 1, 3])
def test_a_line_may_repeat_its_block_any_number_of_times(repeats):
    page = read_family("views", VIEWS, "views.yaml")
    candidate = page.resolve({"resolution": 16, "repeats": repeats})
    assert len(candidate.blocks) == 3 + repeats
    whole = costs_under(build_network(candidate), (1, 3, 16, 16), Conditions())
    assert BlockTable().cost(candidate) == whole


@pytest.mark.parametrize(
    ("name", "chosen", "reason"),
    [
        ("resnet", {"block": "basic", "groups": 2}, "BasicBlock only supports groups=1"),
        ("resnet", {"resolution": 16}, "stride 2 on a map of only 1×1: the resolution is too"),
        ("vit", {"resolution": 230}, "an image of 230×230 does not divide into patches of 16"),
        ("vit", {"width": 100}, "100 features do not divide among 12 heads"),
        ("swin", {"width": 100}, "100 features do not divide into heads of 32"),
        ("maxvit", {"resolution": 200}, "a map of 50×50 does not divide into windows of 7"),
        ("mnasnet", {"kernel_2": 7}, "kernel_size should be 3 or 5 instead of 7"),
        ("mobilenet_v3", {"activation_1": "gelu"}, "takes relu or hardswish, not 'gelu'"),
        ("vgg", {"norm": "bach"}, "unknown norm 'bach'; did you mean 'batch'?"),
        ("squeezenet", {"squeeze": 0.001}, "no channels are left for a part of fire"),
    ],
)
def test_a_candidate_that_cannot_be_built_says_why(name, chosen, reason):
    page = family(name)
    costs = BlockTable().cost(page.resolve(page.settings_of(chosen)))
    assert isinstance(costs, Invalid)
    assert reason in costs.reason


def test_groups_that_do_not_divide_are_invalid():
    page = family("resnet")
    candidate = page.resolve(page.settings_of({"groups": 3, "group_width": 4, "width": 0.3}))
    network_costs = BlockTable().cost(candidate)
    assert isinstance(network_costs, Costs), "24 planes in 3 groups of 4: 3 groups divide"
    grouped = {
        **VIEWS,
        "axes": {"resolution": 16},
        "blocks": [{"block": "conv_norm_act", "channels": 9, "groups": 2}, *VIEWS["blocks"][2:]],
    }
    page = read_family("grouped", grouped, "grouped.yaml")
    costs = BlockTable().cost(page.resolve(page.defaults))
    assert isinstance(costs, Invalid)
    assert "block 1 (conv_norm_act): in_channels must be divisible by groups" in costs.reason
