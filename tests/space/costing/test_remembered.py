"""What a table of blocks traced, another one knows from texts."""

import json

import pytest

from dse.code.fingerprints import Code, code_of_costs
from dse.costs.cost_conditions import Conditions
from dse.space import BlockTable, space_of
from dse.space.costing.remembered import context_of, remember, traced
from tests.space.shipped import CHAINS, small_space

FAMILIES = ("mobilenet_v3", "swin", "mlp", "shufflenet_v2")


@pytest.mark.parametrize("name", FAMILIES)
def test_nothing_is_traced_again_and_every_cost_is_the_same(name):
    first = small_space(name)
    texts = traced(first.tables.space.blocks)
    table = BlockTable()
    remember(table, texts.values())
    assert len(table) == len(first.blocks)
    again = space_of(first.grid, table)
    for settings in first.grid:
        assert again.point(settings) == first.point(settings)
    assert traced(table) == {}


@pytest.mark.parametrize("name", CHAINS)
def test_what_was_traced_is_made_of_the_same_kinds_of_values_as_what_is_remembered(name):
    space = space_of(small_space(name).grid, BlockTable())
    space.point(next(iter(space.grid)))
    table = BlockTable()
    remember(table, traced(space.blocks).values())
    traced_blocks, traced_steps = space.blocks.traced_blocks(), space.blocks.traced_steps()
    assert traced_blocks
    assert sorted(map(str, table.known_blocks())) == sorted(map(str, traced_blocks))
    assert sorted(map(str, table.known_steps())) == sorted(map(str, traced_steps))


def test_texts_are_json_and_name_no_code():
    texts = traced(small_space("mlp").tables.space.blocks)
    for text in texts.values():
        kind, _, value = json.loads(text)
        assert kind in ("block", "step")
        assert isinstance(value, list | dict | str)


def test_other_conditions_are_another_context():
    several = (Conditions(), Conditions(batch=2), Conditions(optimizer="adamw"))
    contexts = {context_of(conditions, code_of_costs()) for conditions in several}
    assert len(contexts) == 3


def test_other_code_is_another_context():
    assert context_of(Conditions(), code_of_costs()) != context_of(Conditions(), Code("other"))
