"""A compiled model costs what it is without a compiler, and stays as it is."""

import copy

import pytest
import torch
from torch import nn

import dse


def network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10)
    )


def compiled_in_place(model):
    model.compile()
    return model


WAYS = {
    "wrapped": torch.compile,
    "in place": compiled_in_place,
    "as a part": lambda model: nn.Sequential(torch.compile(model)),
    "twice": lambda model: torch.compile(nn.Sequential(torch.compile(model))),
}
COSTS = (
    *("params", "macs", "activations", "activation_memory", "peak_memory", "weight_memory"),
    *("weights_read", "memory_read", "memory_written", "saved_memory", "train_memory"),
)


@pytest.mark.parametrize("real", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_it_costs_what_it_is_made_from(way, real):
    plain = dse.count(network(), (2, 3, 8, 8), real=real)
    counted = dse.count(WAYS[way](network()), (2, 3, 8, 8), real=real)
    assert {name: getattr(counted, name) for name in COSTS} == {
        name: getattr(plain, name) for name in COSTS
    }
    costs = [layer.costs.macs for layer in plain.layers if layer.costs.macs]
    assert [layer.costs.macs for layer in counted.layers if layer.costs.macs] == costs


@pytest.mark.parametrize("real", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_it_is_left_as_it_was(way, real):
    model = network()
    before = copy.deepcopy(model.state_dict())
    counted = dse.count(WAYS[way](model), (2, 3, 8, 8), real=real)
    assert counted.train_memory > 0
    assert counted.backward_macs > 0
    assert all(torch.equal(each, before[name]) for name, each in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
