"""Pages of blocks whose input has a name and a dtype: networks on the ids of tokens."""

import pytest
import torch

import dse
from dse.costs.cost_conditions import Conditions
from dse.counting import Input, build_without_weights, costs_under, real_tensor
from dse.errors import DseError
from dse.space import (
    BlockTable,
    build_network,
    check_family,
    cost_of,
    network_inputs,
    read_family,
    read_grid,
    space_of,
)

PAGE = {
    "axes": {"sequence": 12, "vocabulary": 50, "width": 8},
    "input": {"tokens": {"shape": ["sequence"], "dtype": "int64", "below": "vocabulary"}},
    "blocks": [
        {
            "block": "torch.nn.Embedding",
            "num_embeddings": "vocabulary",
            "embedding_dim": "width",
        },
        {"block": "linear", "features": "2 * width"},
    ],
}


def page(**given):
    tokens = {**PAGE["input"]["tokens"], **given}
    return {**PAGE, "input": {"tokens": {k: v for k, v in tokens.items() if v is not None}}}


def read(content=PAGE):
    return read_family("page", content, "page.yaml")


@pytest.mark.parametrize(
    "conditions",
    [
        Conditions(),
        Conditions(batch=3, precision="mixed", optimizer="adamw"),
        Conditions(batch=2, dtype="bfloat16"),
        Conditions(dtype="int8"),
    ],
)
def test_its_blocks_cost_what_the_whole_network_does(conditions):
    candidate = read().resolve({"sequence": 12})
    network = build_without_weights(lambda: build_network(candidate))
    given = Input((conditions.batch, 12), "int64")
    whole = costs_under(network, given, conditions)
    assert cost_of(candidate, BlockTable(conditions)) == whole
    assert whole.macs == conditions.batch * 12 * 8 * 16
    assert whole.params == 50 * 8 + 8 * 16 + 16


def test_ids_are_drawn_below_the_vocabulary():
    (given,), named = network_inputs(read().resolve({"vocabulary": 3, "sequence": 200}), 2)
    drawn = real_tensor(torch.device("cpu"))(given, torch.float32)
    assert (drawn.shape, drawn.dtype, named) == ((2, 200), torch.int64, {})
    assert drawn.unique().tolist() == [0, 1, 2]


def test_it_trains():
    network = dse.build(PAGE, sequence=4, seed=0)
    before = network[0].weight.detach().clone()
    network(torch.tensor([[1, 2, 3, 4]])).sum().backward()
    torch.optim.SGD(network.parameters(), 0.1).step()
    assert (network[0].weight != before).any(1).nonzero().flatten().tolist() == [1, 2, 3, 4]


def test_the_key_is_that_of_the_dtype_too_but_not_of_the_name_or_of_what_is_drawn():
    keys = [
        read(each).resolve({}).key
        for each in (PAGE, page(below=None), page(dtype="int32", below=None))
    ]
    renamed = {**PAGE, "input": {"ids": PAGE["input"]["tokens"]}}
    assert read(renamed).resolve({}).key == keys[0] == keys[1] != keys[2]


def test_a_space_of_it_has_the_keys_and_costs_of_its_candidates():
    space = space_of(read_grid(read(), {"width": [8, 16], "sequence": [4, 8]}), BlockTable())
    points = list(space.points())
    assert len({point.candidate.key for point in points}) == 4
    for point in points:
        assert point.costs == cost_of(point.candidate)


def test_it_is_checked_and_runs_on_data():
    family = read()
    checks = check_family(family, read_grid(family, {"width": [8, 16]}))
    assert checks.output_shapes == ((1, 12, 16),)


def test_a_named_input_without_a_dtype_is_that_of_a_list():
    listed = {
        "axes": {"width": 8},
        "input": [3, 8, 8],
        "blocks": [{"block": "conv_norm_act", "channels": "width"}, {"block": "classifier"}],
    }
    named = {**listed, "input": {"image": {"shape": [3, 8, 8]}}}
    assert read(named).resolve({}).key == read(listed).resolve({}).key
    assert cost_of(read(named).resolve({})) == cost_of(read(listed).resolve({}))


MISTAKES = {
    "dtype": (page(dtype="int46"), "page.yaml: input.tokens.dtype: unknown dtype 'int46'"),
    "key": (page(bellow=3), "input.tokens.bellow: unknown key 'bellow'"),
    "values": (page(values=1), "input.tokens.values: unknown key 'values'"),
    "numbers": (page(dtype="float32"), "input.tokens.below: is of inputs of whole numbers"),
    "names": (page(below="vocabluary"), "input.tokens.below: unknown name 'vocabluary'"),
    "two": (
        {**PAGE, "input": {"tokens": ["sequence"], "image": [3]}},
        "page.yaml: input: a network of blocks has one input, not tokens, image",
    ),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_on_the_page(what):
    content, told = MISTAKES[what]
    with pytest.raises(DseError) as caught:
        read(content).resolve({})
    assert told in str(caught.value)
