"""Blocks under `torch.utils.checkpoint`: the sum over them is a trace of the whole network."""

import random

import pytest
from torch import nn
from torch.utils.checkpoint import checkpoint
from torchvision.models import resnet18

import dse
from dse.costs.cost_conditions import Conditions
from dse.counting import build_without_weights
from dse.errors import DseError
from dse.space.costing import BlockTable, build_network, cost_of, network_inputs

TOKENS = {"sequence": 16, "vocabulary": 64, "hidden": 64, "heads": 4, "ffn": 96}
FAMILIES = {
    "mobilenet_v2": {"resolution": [32, 64], "width": [0.25, 0.5]},
    "resnet": {"resolution": [32, 64]},
    "vit": {"resolution": [32, 64], "hidden": [48, 96], "heads": [3], "depth": [1, 2]},
    "nas_bench_201": {"depth": 1},
    "darts": {"depth": 1, "width": 4},
    "t5": {
        "sequence": 12,
        "target": 7,
        "vocabulary": 40,
        "layers": [1, 2],
        "decoder_layers": 2,
        "hidden": 32,
        "heads": 4,
        "head_dim": 8,
        "ffn": 48,
        "gated": [True, False],
    },
    "gpt2": {**TOKENS, "positions": 32, "layers": [1, 2], "tied": [True, False]},
    "llama": {**TOKENS, "kv_heads": [2, 4], "layers": [1, 2], "tied": [True, False]},
}
SETTINGS = [
    {"optimizer": "adamw"},
    {"precision": "mixed", "kernels": "cuda"},
    {"kernels": "math", "optimizer": "sgd"},
]


class Checkpointed(nn.Module):
    """As a user would write it."""

    def __init__(self, block):
        super().__init__()
        self.block = block

    def forward(self, tensor):
        return checkpoint(self.block, tensor, use_reentrant=False)


def drawn(family, generator):
    page = dse.design_space(family).design.grid.family
    chosen = {}
    for axis, values in FAMILIES[family].items():
        if axis in page.defaults:
            chosen[axis] = generator.choice(values) if isinstance(values, list) else values
    return page.resolve({**page.defaults, **chosen})


@pytest.mark.parametrize("conditions", SETTINGS, ids=str)
@pytest.mark.parametrize("family", FAMILIES)
def test_blocks_add_up_to_the_whole(family, conditions):
    generator = random.Random(str(conditions))
    candidate = drawn(family, generator)
    table = BlockTable(Conditions(batch=2, checkpointing="block", **conditions))
    found = cost_of(candidate, table)
    network = build_without_weights(lambda: build_network(candidate))
    inputs, _ = network_inputs(candidate, 2)
    whole = dse.count(
        nn.Sequential(*map(Checkpointed, network)), inputs, dtype="float32", **conditions
    )
    assert found.train_memory == whole.train_memory
    assert found.saved_memory == whole.saved_memory
    assert (
        dse.count(
            network, inputs, dtype="float32", checkpointing="block", **conditions
        ).train_memory
        == whole.train_memory
    )
    assert (
        found.saved_memory
        < cost_of(candidate, BlockTable(Conditions(batch=2, **conditions))).saved_memory
    )


def test_without_data_as_with_data():
    """The step on meta tensors is the step on real ones, recomputation and all."""
    candidate = drawn("gpt2", random.Random(0))
    network = nn.Sequential(*map(Checkpointed, build_network(candidate)))
    inputs, _ = network_inputs(candidate, 2)
    meta, real = (dse.count(network, inputs, real=real) for real in (False, True))
    assert meta.train_memory == real.train_memory
    assert meta.saved_memory == real.saved_memory


def test_a_space_is_that_of_its_networks():
    grid = {**{k: v for k, v in TOKENS.items() if k != "ffn"}, "positions": 32, "layers": [1, 3]}
    space = dse.design_space("gpt2", grid, {"checkpointing": "block"})
    family = space.design.grid.family
    alone = [
        cost_of(family.resolve(each), BlockTable(space.conditions)) for each in space.design.grid
    ]
    least, greatest = space.extremes("train_memory")
    values = [each.train_memory for each in alone]
    assert (least.value, greatest.value) == (min(values), max(values))


def test_what_has_no_blocks_is_told():
    counted = dse.count(resnet18(), (2, 3, 64, 64), checkpointing="block")
    with pytest.raises(DseError, match="of networks of blocks in a row, and ResNet is none"):
        assert counted.train_memory
    named = dse.design_space("torchvision_model", cost={"checkpointing": "block"})
    (settings, *_) = named.design.grid
    assert "this family is a callable" in named.design.point(settings).costs.reason
