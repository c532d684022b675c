"""Chains that hand on several tensors: what blocks take and keep, and what is said of mistakes."""

from dataclasses import replace

import pytest
import torch
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from dse.costs.cost_conditions import Conditions
from dse.counting import build_without_weights, costs_under
from dse.errors import DseError
from dse.search.pools.row_maker import RowMaker
from dse.space import (
    BlockTable,
    Invalid,
    build_network,
    cost_of,
    load_family,
    network_inputs,
    read_family,
    read_grid,
    space_of,
)
from dse.space.costing import remember, traced
from dse.space.pages import LineRuns
from dse.space.pages.problems import PageError

PAGE = """\
axes:
  width: 8
  depth: 2

input: [3, 16, 16]

cells:
  pair:
    inputs: 2
    nodes:
      - {0: act_conv_norm, 1: act_conv_norm}
      - {0: act_conv_norm, 2: skip, join: concatenate}

blocks:
  - {block: conv_norm_act, channels: width}
  - {block: act_conv_norm, channels: width, keeps: 0}
  - {block: pair, channels: width, takes: [0, 1], keeps: 1}
  - {block: act_conv_norm, channels: width, repeat: depth}
  - {block: pair, channels: width, takes: [1, 0], keeps: []}
  - {block: classifier, classes: 10}
"""


NODES = PAGE[PAGE.index("    inputs") : PAGE.index("\nblocks:")]


def network_of(family, **chosen):
    return build_network(family.resolve(family.settings_of(chosen))).eval()


def test_what_is_taken_and_kept(page):
    network = network_of(load_family(page()))
    images = torch.randn(2, 3, 16, 16)
    with torch.no_grad():
        first = network[0](images)
        second = network[1].block(first)
        pair = network[2].block(first, second)
        third = network[4].block(network[3].block(pair))
        assert torch.equal(network[5].block(third, second), network[:6](images))
    assert network[1].extra_repr() == "takes=(0,), keeps=(0,)"
    assert network[3].extra_repr() == "takes=(1,), keeps=(0,)"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("keeps: 0}", "keeps: x}", 16, "blocks[1].keeps: 'x' is no number of a tensor that enters"),
        ("keeps: 0}", "keeps: 4}", 16, "blocks[1].keeps: 4 is no number of a tensor that enters, "
         "0 to 3"),
        ("keeps: 0}", "keeps: [0, 0]}", 16, "blocks[1].keeps: a tensor is kept once"),
        ("takes: [0, 1]", "take: 1", 17, "blocks[2].take: a cell has no setting 'take'; did "
         "you mean 'takes'?"),
        ("inputs: 2", "inputs: 5", 9, "cells.pair.inputs: 5 tensors; 1 to 4 enter a cell"),
        ("inputs: 2", "inputs: [skip, skp]", 9, "cells.pair.inputs[1]: unknown block 'skp'; did "
         "you mean 'skip'?"),
        ("inputs: 2", "input: 2", 9, "cells.pair.input: unknown key 'input'; did you mean "
         "'inputs'?"),
        ("{0: act_conv_norm, 1: act_conv_norm}", "[{block: skip}]", 11, "cells.pair.nodes[0][0]: "
         "an edge of a list says which node it is 'from'"),
        ("{0: act_conv_norm, 1: act_conv_norm}", "[{from: widht, block: skip}]", 11,
         "cells.pair.nodes[0][0].from: unknown name 'widht' in 'widht'; did you mean 'width'?"),
        ("2: skip, join", "3: skip, join", 12, "cells.pair.nodes[1].3: node 3 has edges from nodes "
         "0 to 2"),
        ("2: skip, join", "2: {block: skip, takes: 0}, join", 12, "cells.pair.nodes[1].2.takes: an "
         "edge of a cell has no 'takes'"),
    ],
)  # fmt: skip
def test_a_mistake_names_file_line_and_key(page, old, new, line, message):
    path = page(old, new)
    with pytest.raises(PageError) as raised:
        load_family(path)
    assert f"{path}:{line}: {message}" in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("keeps: 0}", "keeps: 1}", "block 2 (act_conv_norm): keeps 1: one tensor enters at this "
         "place, counted from 0"),
        ("takes: [0, 1]", "takes: [0, 2]", "block 3 (cell): takes 2: 2 tensors enter at this "
         "place, counted from 0"),
        ("takes: [0, 1]", "takes: 1", "block 3 (cell): the cell takes 2 tensors, not 1"),
        ("repeat: depth}", "repeat: depth, takes: [0, 1]}", "block 4 (act_conv_norm): it takes one "
         "tensor, not 2"),
        ("keeps: []}", "keeps: 0}", "the network ends with 2 tensors; its last block keeps too "
         "many"),
        ("{block: act_conv_norm, channels: width, k", "{block: torch.nn.Identity, k",
         "block 2 (torch.nn.Identity): two of the tensors that it hands on share their storage"),
        (NODES, "    inputs: [cell_input, cell_input]\n    nodes: [{0: skip}]\n",
         "block 3 (cell): the cell hands on a tensor that enters, and makes nothing of the others"),
        ("0: act_conv_norm, 2: skip", "0: {block: act_conv_norm, stride: 2}, 2: skip",
         "block 3 (cell): "),
    ],
)  # fmt: skip
def test_what_cannot_be_built_says_why(page, old, new, reason):
    family = load_family(page(old, new))
    found = cost_of(family.resolve(family.settings_of({})))
    assert isinstance(found, Invalid)
    assert found.reason.startswith(reason)
    space = space_of(read_grid(family, {"width": [8, 16]}, "grid"))
    assert space.graph.count() == 0
    assert all(isinstance(point.costs, Invalid) for point in map(space.point, space.grid))


def test_a_block_with_a_route_does_something(page):
    """An identity that takes the first of two tensors and keeps the second turns them round."""
    old = "  - {block: act_conv_norm, channels: width, repeat: depth}"
    family = load_family(
        page(old, "  - {block: skip, channels: width, takes: 0, keeps: 1, repeat: depth}")
    )
    for depth in (1, 2):
        settings = family.settings_of({"depth": depth})
        candidate = family.resolve(settings)
        assert [block.block for block in candidate.blocks].count("skip") == depth
        _, runs = LineRuns(family).of(settings)
        listed = [block for block, number in runs for _ in range(number)]
        assert tuple(listed) == candidate.blocks
        space = space_of(read_grid(family, {"depth": [depth, depth + 1]}))
        assert space.point(settings).key == candidate.key == keys_of(space)[0]


def keys_of(space):
    return RowMaker(space.tables).keys(space.tables.space.choices_of(range(space.grid.size)))


@pytest.mark.parametrize("depth", [0, 1])
def test_the_source_of_an_edge_is_an_earlier_node(page, depth):
    family = load_family(
        page("{0: act_conv_norm, 1: act_conv_norm}", "[{from: depth, block: act_conv_norm}]")
    )
    assert network_of(family, depth=depth)
    with pytest.raises(DseError, match=r"nodes\[0\]\[0\].from: 2 is above 1"):
        family.resolve(family.settings_of({"depth": 2}))


@st.composite
def routes(draw):
    """Lines of a page that hand on one to four tensors, at random, and end with one."""
    lines = [{"block": "conv_norm_act", "channels": 8}]
    entering = 1
    for _ in range(draw(st.integers(1, 5))):
        takes = draw(st.integers(0, entering - 1))
        keeps = draw(st.lists(st.integers(0, entering - 1), unique=True, max_size=3))
        block = draw(st.sampled_from(["act_conv_norm", "padded_average_pool", "pair"]))
        taken = [takes, draw(st.integers(0, entering - 1))] if block == "pair" else takes
        lines.append({"block": block, "channels": 8, "takes": taken, "keeps": keeps})
        entering = len(keeps) + 1
    last = {"block": "classifier", "classes": 4, "takes": entering - 1, "keeps": []}
    return [*lines, last]


def everything_is_taken(lines):
    """Whether blocks behind take all that blocks make, so that all are trained."""
    entering, taken = [], set()
    for number, line in enumerate(lines):
        takes = line.get("takes", len(entering) - 1)
        taken |= {
            entering[place] for place in ([takes] if isinstance(takes, int) else takes) if entering
        }
        entering = [*(entering[place] for place in line.get("keeps", [])), number]
    return taken >= {*range(len(lines) - 1)}


CONDITIONS = st.builds(
    Conditions,
    batch=st.sampled_from([1, 3]),
    dtype=st.sampled_from(["float32", "bfloat16"]),
    optimizer=st.sampled_from(["sgd", "adamw"]),
)


@given(routes(), CONDITIONS)
@settings(max_examples=25, deadline=None)
def test_any_routes_cost_what_a_trace_of_the_whole_does(lines, conditions):
    content = {**yaml.safe_load(PAGE), "blocks": lines, "axes": {"width": 8}}
    if not any(line["block"] == "pair" for line in lines):
        del content["cells"]
    content["blocks"][0]["channels"] = "width"
    family = read_family("mine", content, "mine")
    candidate = family.resolve(family.settings_of({}))
    table = BlockTable(conditions)
    found = cost_of(candidate, table)
    network = build_without_weights(lambda: build_network(candidate, table))
    inputs, _ = network_inputs(candidate, conditions.batch)
    whole = costs_under(network, inputs, conditions)
    if not everything_is_taken(lines):
        whole = replace(whole, train_memory=None, saved_memory=None)
    assert found == whole
    known = BlockTable(conditions)
    remember(known, traced(table).values())
    assert cost_of(candidate, known) == found
    assert not known.traced_blocks()
    assert not known.traced_steps()


def test_blocks_of_the_users_own_may_take_several(tmp_path, monkeypatch):
    (tmp_path / "mine_blocks.py").write_text(
        "import torch\n"
        "class Product(torch.nn.Module):\n"
        "    def forward(self, a, b):\n"
        "        return a * b\n"
        "def product(input_shapes):\n"
        "    assert input_shapes[0] == input_shapes[1]\n"
        "    return Product()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    content = {
        "axes": {"width": 8},
        "input": [3, 8, 8],
        "blocks": [
            {"block": "conv_norm_act", "channels": "width"},
            {"block": "conv_norm_act", "channels": "width", "keeps": 0},
            {"block": "mine_blocks.product", "takes": [0, 1]},
            {"block": "classifier", "classes": 4},
        ],
    }
    family = read_family("mine", content, "mine", ("mine_blocks",))
    network = network_of(family)
    assert isinstance(network[2].block, nn.Module)
    assert network(torch.randn(1, 3, 8, 8)).shape == (1, 4)
