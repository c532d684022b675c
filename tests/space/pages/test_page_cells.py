"""Cells of a page: what they are made of, what is said of mistakes, and which are the same."""

import itertools

import pytest
import torch
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dse.costs.cost_conditions import Conditions
from dse.counting import build_without_weights, costs_under
from dse.errors import DseError
from dse.space import BlockTable, build_network, check_trusted, load_family, read_family, read_grid
from dse.space.candidate import Candidate, ResolvedBlock
from dse.space.pages.problems import PageError

PAGE = """\
axes:
  op: {per: edge, default: conv}
  kernel: {per: stage, default: [3, 5]}
  width: 8

variants:
  mixed: {op: [conv, pool, conv, none, skip]}

input: [3, 16, 16]

choices:
  op:
    none: {block: none}
    skip: {block: skip}
    conv: {block: act_conv_norm, kernel: kernel}
    pool: {block: padded_average_pool}

cells:
  cell:
    - {0: op}
    - {0: op, 1: op}
    - {1: op, 2: op}

blocks:
  - {block: conv_norm_act, channels: width}
  - {block: cell, channels: width, repeat: 2}
  - {block: cell, channels: 2 * width, stride: 2}
  - {block: classifier, classes: 10}
"""


COLUMNS = ("op_1_0", "op_2_0", "op_2_1", "op_3_1", "op_3_2")


def test_an_axis_of_edges_has_a_column_for_each_edge(page):
    family = load_family(page())
    assert family.columns("op") == COLUMNS
    assert family.columns_of("op_3") == ("op_3_1", "op_3_2")
    mixed = family.variant("mixed").defaults
    assert [mixed[name] for name in COLUMNS] == ["conv", "pool", "conv", "none", "skip"]
    assert read_grid(family, {"op": ["conv", "none"], "op_3_2": ["skip"]}).size == 2**4


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("    - {0: op}", "    - {0: op, 2: op}", 20, "cells.cell[0].2: node 1 has edges from node "
         "0"),
        ("{0: op, 1: op}", "{0: op, 2: op}", 21, "cells.cell[1].2: node 2 has edges from nodes 0 "
         "to 1"),
        ("{0: op, 1: op}", "{0: op, 1: opp}", 21, "cells.cell[1].1: unknown block 'opp'; did "
         "you mean 'op'?"),
        ("{0: op, 1: op}", "{0: op, 1: skipp}", 21, "did you mean 'skip'?"),
        ("{0: op, 1: op}", "{0: {block: max_pool, kernal: 3}}", 21, "cells.cell[1].0.kernal: block "
         "'max_pool' has no setting 'kernal'; did you mean 'kernel'?"),
        ("{0: op, 1: op}", "{0: {block: max_pool, kernel: kernl}}", 21, "cells.cell[1].0.kernel: "
         "unknown name 'kernl' in 'kernl'; did you mean 'kernel'?"),
        ("{0: op, 1: op}", "{0: {block: op, repeat: 2}}", 21, "an edge of a cell has no 'repeat'"),
        ("{0: op, 1: op}", "{join: concat, 0: op}", 21, "cells.cell[1].join: unknown 'concat'; did "
         "you mean 'concatenate'?"),
        ("{0: op, 1: op}", "{}", 21, "cells.cell[1]: node 2 has no edges"),
        ("  cell:\n", "  max_pool:\n", 19, "cells.max_pool: a cell needs a plain name that is no "
         "axis and no block"),
        ("block: cell, channels: width", "block: cel, channels: width", 26, "blocks[1].block: "
         "unknown block 'cel'; did you mean 'cell'?"),
        ("stride: 2}", "strid: 2}", 27, "blocks[2].strid: a cell has no setting 'strid'; did you "
         "mean 'stride'?"),
        ("{block: cell, channels: 2 * width, ", "{block: cell, ", 13,
         "choices.op.none: block 'none' needs channels"),
        ("channels: width}", "channels: op}", 25, "'op' has a value for each edge of a cell, and "
         "none here"),
        ("  width: 8", "  width: {default: 8, when: op == 'conv'}", 4, "axes.width.when: 'op' has "
         "a value for each edge of a cell, and none here"),
        ("[conv, pool, conv, none, skip]", "[conv]", 7, "variants.mixed.op: expected 5 values, one "
         "an edge"),
        ("default: conv", "default: [conv]", 2, "axes.op: 1 default for 5 edges"),
        ("per: edge", "per: edges", 2, "axes.op.per: unknown 'edges'; did you mean 'edge'?"),
        ("blocks:\n", "  other: [{0: skip}]\nblocks:\n", 24, "cells.other: nothing on the page "
         "uses it"),
        ("blocks:\n", "  other: [{0: op}]\nblocks:\n", 2, "axes.op: an axis 'per: edge' is of one "
         "cell, not of cell, other"),
        ("conv: {block: act_conv_norm", "conv: {dtype: int8, block: act_conv_norm", 15, "an edge "
         "of a cell has no 'dtype'"),
    ],
)  # fmt: skip
def test_a_mistake_names_file_line_and_key(page, old, new, line, message):
    path = page(old, new)
    with pytest.raises(DseError) as caught:
        load_family(path).resolve({})
    errors = caught.value.errors if isinstance(caught.value, PageError) else [str(caught.value)]
    assert any(e.startswith(f"{path}:{line}: ") and message in e for e in errors), errors


CONDITIONS = (
    Conditions(),
    Conditions(batch=2, optimizer="adamw"),
    Conditions(batch=2, precision="mixed"),
    Conditions(dtype="int8"),
)
TABLES = {conditions: BlockTable(conditions) for conditions in CONDITIONS}
FAMILY = read_family("mine", yaml.safe_load(PAGE), "mine.yaml")


@settings(max_examples=8, deadline=None)
@given(
    ops=st.tuples(*[st.sampled_from(["none", "skip", "conv", "pool"])] * 5),
    conditions=st.sampled_from(CONDITIONS),
)
@example(ops=("skip", "skip", "skip", "skip", "skip"), conditions=Conditions())
@example(ops=("skip", "conv", "skip", "skip", "pool"), conditions=Conditions(dtype="int8"))
@example(ops=("none", "none", "none", "none", "none"), conditions=Conditions())
def test_a_cell_costs_by_its_operations_what_a_trace_of_it_does(ops, conditions):
    candidate = FAMILY.resolve({**FAMILY.defaults, **dict(zip(COLUMNS, ops, strict=True))})
    network = build_without_weights(lambda: build_network(candidate))
    whole = costs_under(network, (conditions.batch, 3, 16, 16), conditions)
    assert TABLES[conditions].cost(candidate) == whole


def test_no_cell_is_traced_but_its_operations():
    table = BlockTable()
    for ops in itertools.product(["skip", "conv", "pool"], repeat=5):
        settings_of = {**FAMILY.defaults, **dict(zip(COLUMNS, ops, strict=True))}
        table.cost(FAMILY.resolve(settings_of))
    names = {key.block.block for key, _ in table.traced_blocks()}
    assert names == {
        *("conv_norm_act", "act_conv_norm", "padded_average_pool", "skip", "classifier")
    }
    assert len(table.traced_blocks()) < 20 < 3**5


def concatenating(**line):
    return read_family(
        "joined",
        {
            "axes": {"width": 8},
            "input": [3, 16, 16],
            "cells": {
                "cell": [
                    {"0": "act_conv_norm"},
                    {"0": "none", "1": {"block": "act_conv_norm", "kernel": 1}},
                    {"join": "concatenate", "1": "skip", "2": "skip"},
                ]
            },
            "blocks": [
                {"block": "cell", "channels": "width", "repeat": 2, **line},
                {"block": "classifier", "classes": 10},
            ],
        },
        "joined.yaml",
    )


@pytest.mark.parametrize("line", [{}, {"stride": 2}])
def test_a_node_may_concatenate(line):
    candidate = concatenating(**line).resolve({})
    network = build_network(candidate)
    images = torch.randn(2, 3, 16, 16)
    size = 8 if line else 16
    assert network[0](images).shape == (2, 16, size, size)
    first, second = network[0].operations
    made = first(images)
    assert torch.equal(network[0](images), torch.cat([made, second(made)], 1))
    for conditions in CONDITIONS:
        whole = costs_under(network, (conditions.batch, 3, 16, 16), conditions)
        assert BlockTable(conditions).cost(candidate) == whole


def test_a_cell_may_have_a_dtype_of_its_own():
    conditions = Conditions(dtype="float16")
    plain, eight = (
        BlockTable(conditions).cost(concatenating(**line).resolve({}))
        for line in ({}, {"dtype": "int8"})
    )
    assert eight.params == plain.params
    assert eight.weight_memory < plain.weight_memory


def test_a_cell_of_one_way_that_does_nothing_is_left_out():
    ways = dict(zip(COLUMNS, ["skip", "none", "skip", "none", "skip"], strict=True))
    candidate = FAMILY.resolve({**FAMILY.defaults, **ways})
    names = [block.block for block in candidate.blocks]
    # The second line changes the shape, so that its cell is the convolution of `skip`.
    assert names == ["conv_norm_act", "cell", "classifier"]


def test_values_of_several_shapes_are_not_added():
    page = {
        "axes": {"width": 8},
        "input": [3, 16, 16],
        "cells": {"cell": [{"0": "act_conv_norm"}, {"0": "max_pool", "1": "act_conv_norm"}]},
        "blocks": [{"block": "cell", "channels": "width"}],
    }
    found = BlockTable().cost(read_family("odd", page, "odd.yaml").resolve({}))
    assert found.reason == "block 1 (cell): values of different shapes are added"


def test_a_cell_from_elsewhere_may_not_hold_what_a_page_could_not_name():
    graph = '[["add",[[0,"os.system",[]]]]]'
    block = ResolvedBlock("cell", (("graph", graph),))
    with pytest.raises(DseError, match=r"'os\.system' is not within"):
        check_trusted(Candidate("mine", {}, (3, 16, 16), (block,)), ())
    with pytest.raises(DseError, match="unknown block 'cell'"):
        read_family(
            "mine",
            {"axes": {}, "input": [3], "blocks": [{"block": "cell", "graph": graph}]},
            "mine.yaml",
        )
