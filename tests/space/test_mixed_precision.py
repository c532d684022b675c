"""Networks whose blocks have dtypes of their own.

Oracles: the bits of the dtypes, a trace of the whole network with part dtypes, and PyTorch itself
where it runs a network in several dtypes.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from dse.costs.cost_conditions import DTYPES, Conditions
from dse.costs.cost_list import COSTS, Costs
from dse.counting import Input, build_without_weights, costs_under, count
from dse.errors import DseError
from dse.space import BlockTable, build_network, part_dtypes, read_family, read_grid, space_of
from tests.space.shipped import CHAINS, family, inputs_of, small_space

BITS = {"float32": 32, "float64": 64, "bfloat16": 16, "float16": 16, "int8": 8, "int4": 4}
PAGE = {
    "axes": {"size": 16, "dtype": {"per": "layer", "default": "auto"}, "head": "auto"},
    "input": [3, "size", "size"],
    "blocks": [
        {"block": "conv_norm_act", "channels": 5, "dtype": "int8"},
        {"block": "inverted_residual", "channels": 7, "repeat": 3, "stride": 2, "dtype": "dtype"},
        {"block": "torch.nn.Dropout"},
        {"block": "classifier", "classes": 3, "dtype": "head"},
    ],
}


def family_of(page=PAGE):
    return read_family("mixed", page, "mixed")


def candidate_of(**chosen):
    return family_of().resolve(chosen)


chosen = st.fixed_dictionaries(
    {
        **{f"dtype{layer}": st.sampled_from(["auto", *DTYPES]) for layer in (1, 2, 3)},
        "head": st.sampled_from(["auto", *DTYPES]),
    }
)


@settings(max_examples=10, deadline=None)
@given(chosen, st.sampled_from(DTYPES))
def test_blocks_sum_to_the_whole(chosen, dtype):
    require_sum(candidate_of(**chosen), Conditions(dtype=dtype, batch=2))


IN_FLOAT32 = ("llama", "moe", "t5")
"""Families whose layers make angles, scores or the roots of norms in float32, to be cast to what
they run in: a whole network, which runs in one dtype, casts nothing, so that it moves other bytes.
"""


@pytest.mark.parametrize("name", CHAINS)
def test_blocks_of_every_family_do(name):
    """Each distinct block has a dtype of its own, or that of the conditions."""
    candidate = family(name).resolve(next(iter(small_space(name).grid)))
    drawn = random.Random(name)
    own = {block: drawn.choice([None, *DTYPES]) for block in candidate.blocks}
    blocks = tuple(
        replace(block, settings=tuple(sorted({**dict(block.settings), "dtype": dtype}.items())))
        if (dtype := own[block]) is not None
        else block
        for block in candidate.blocks
    )
    moves = ("memory_read", "memory_written") if name in IN_FLOAT32 else ()
    require_sum(replace(candidate, blocks=blocks), Conditions(dtype=drawn.choice(DTYPES)), moves)


def require_sum(candidate, conditions, but=()):
    network = build_without_weights(lambda: build_network(candidate))
    shape = inputs_of(candidate, conditions.batch)
    whole = costs_under(network, shape, conditions, part_dtypes=part_dtypes(candidate))
    found = BlockTable(conditions).cost(candidate)
    assert replace(found, **{name: whole[name] for name in but}) == whole


@pytest.mark.parametrize("dtype", DTYPES)
def test_bytes_are_bits_by_eight_rounded_up(dtype):
    model = nn.Sequential(nn.Linear(5, 7, bias=False), nn.Linear(7, 3, bias=False))
    found = count(model, (1, 5), part_dtypes={"0": dtype}).costs
    bits = BITS[dtype]
    made = -(-7 * bits // 8)
    assert found.weight_memory == -(-35 * bits // 8) + 21 * 4
    assert found.activation_memory == made + 3 * 4
    assert found.memory_written == made + 3 * 4
    assert found.memory_read == 5 * 4 + -(-35 * bits // 8) + made + 21 * 4
    assert found.peak_activations == 5 * 4 + made + 3 * 4
    assert found.train_memory is None


def test_a_network_that_pytorch_runs_in_two_dtypes():
    """Oracle: a trace in PyTorch's own dtypes; the layer between them makes the half ones."""

    class Half(nn.Module):
        def forward(self, images):
            return images.half()

    class Copy(nn.Module):
        def forward(self, images):
            return images.clone()

    theirs = count(nn.Sequential(nn.Conv2d(3, 4, 3), Half(), nn.Conv2d(4, 5, 3).half()), SHAPE)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), Copy(), nn.Conv2d(4, 5, 3))
    ours = count(model, SHAPE, part_dtypes={"1": "float16", "2": "float16"})
    assert ours.costs == theirs.costs
    assert [layer.costs for layer in ours.layers] == [layer.costs for layer in theirs.layers]


SHAPE = (1, 3, 8, 8)


def test_a_block_of_the_conditions_dtype_costs_what_it_does_without():
    auto = candidate_of(dtype1="auto", dtype2="auto", dtype3="auto")
    named = candidate_of(dtype1="int8", dtype2="int8", dtype3="int8", head="int8")
    table = BlockTable(Conditions(dtype="int8"))
    assert table.cost(auto) == table.cost(named)
    assert auto.key != named.key


def test_auto_is_the_network_without():
    bare = {
        **PAGE,
        "axes": {"size": 16},
        "blocks": [
            {k: v for k, v in each.items() if k != "dtype" or v == "int8"}
            for each in PAGE["blocks"]
        ],
    }
    assert family_of(bare).resolve({}).key == candidate_of().key


def test_the_least_bytes_under_a_loss_a_block_are_worked_out():
    """Tables, graph and sums agree over a space of mixed precision."""
    grid = read_grid(family_of(), {"dtype": ["auto", "int4"], "head": ["int8", "int4"]})
    space = space_of(grid, BlockTable(Conditions(dtype="int8")))
    for each in grid:
        point = space.point(each)
        assert isinstance(point.costs, Costs)
        columns = space.tables.costs(
            space.tables.space.choices_of([list(grid).index(each)]), tuple(COSTS)
        ).costs
        assert columns["weight_memory"][0] == point.costs.weight_memory
        assert columns["peak_activations"][0] == point.costs.peak_activations


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"dtype": "int5"}, "blocks[0].dtype: unknown dtype 'int5'; did you mean 'int8'"),
        ({"dtype": 8}, "unknown dtype 8"),
    ],
)
def test_an_unknown_dtype_is_told_by_its_place(line, told):
    blocks = [{"block": "conv_norm_act", "channels": 5, **line}, *PAGE["blocks"][1:]]
    with pytest.raises(DseError) as refused:
        family_of({**PAGE, "blocks": blocks}).resolve({})
    assert told in str(refused.value)


def test_a_part_that_there_is_not_is_told():
    with pytest.raises(DseError, match="part_dtypes: no module 'conv'"):
        count(nn.Sequential(nn.Conv2d(3, 4, 3)), (1, 3, 8, 8), part_dtypes={"conv": "int8"})


def test_an_input_is_counted_as_it_was_handed_on():
    made = count(nn.Conv2d(3, 4, 1, bias=False), Input((1, 3, 4, 4), counted_as=torch.int8)).costs
    assert made.memory_read == 48 + 12 * 4
    assert made.peak_activations == 48 + 64 * 4
