"""A model costs the same whatever it returns its tensors in."""

from collections import OrderedDict, UserDict, deque, namedtuple
from dataclasses import dataclass
from types import MappingProxyType, SimpleNamespace

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Normal

import dse
from dse.errors import DseError
from tests.counting.models import Calls


@dataclass
class Output:
    logits: Tensor
    name: str = "logits"


@dataclass(slots=True)
class Slotted:
    logits: Tensor
    name: str = "logits"


class Plain:
    """An object that nobody knows, with a tensor in a list of its own."""

    def __init__(self, logits):
        self.parts = [SimpleNamespace(logits=logits)]
        self.owner = self


class OneSlot:
    __slots__ = "logits"

    def __init__(self, logits):
        self.logits = logits


class Cache:
    """An object that cannot be iterated over as it is."""

    def __init__(self, logits):
        self.layers = [SimpleNamespace(logits=logits)]

    def __iter__(self):
        for layer in self.layers:
            yield layer.keys


Pair = namedtuple("Pair", "logits name")

RETURNED = {
    "list": lambda x: [x],
    "dict": lambda x: {"logits": x},
    "named tuple": lambda x: Pair(x, "logits"),
    "ordered dict": lambda x: OrderedDict(logits=x),
    "dict of a user": lambda x: UserDict(logits=x),
    "proxy": lambda x: MappingProxyType({"logits": x}),
    "deque": lambda x: deque([x]),
    "set": lambda x: {x},
    "dataclass": Output,
    "dataclass of slots": Slotted,
    "namespace": lambda x: SimpleNamespace(logits=x),
    "object": Plain,
    "object of slots": OneSlot,
    "object that raises where it is iterated over": Cache,
    "object that raises within another": lambda x: {"cache": Cache(x)},
    "generator": lambda x: (each for each in [x]),
}


@pytest.mark.parametrize("real", [False, True])
@pytest.mark.parametrize("name", RETURNED)
def test_it_costs_what_it_does_where_it_returns_a_tensor(name, real):
    def counted(returned):
        inner = Calls(lambda parts, x: returned(parts[0](x)), nn.Linear(8, 4))
        return dse.count(Calls(lambda parts, x: parts[0](x), inner), (2, 8), real=real)

    plain, found = counted(lambda x: x), counted(RETURNED[name])
    assert found.costs == plain.costs
    assert (found.train_memory, found.saved_memory) == (plain.train_memory, plain.saved_memory)
    assert found.backward_macs == plain.backward_macs == 2 * 8 * 4
    assert "TensorSpec(shape=(2, 4)" in str(found.trace.outputs)


def test_a_distribution_is_trained():
    model = Calls(lambda parts, x: Normal(parts[0](x), 1.0, validate_args=False), nn.Linear(8, 4))
    assert dse.count(model, (2, 8), real=True).train_memory > 0


NO_TENSORS = [8, 8.5, "8", None, (), [], (1.0, 8), (1, "8"), {"input": 8}, torch.float32]


@pytest.mark.parametrize("given", NO_TENSORS, ids=repr)
def test_what_is_no_shape_is_told_with_what_one_is(given):
    with pytest.raises(DseError, match=r"fails on input .*no tensor was given: a shape is a tuple"):
        dse.count(nn.Linear(8, 4), given)


def test_a_number_is_passed_to_a_forward_that_takes_one():
    positions = Calls(lambda parts, length: parts[0](torch.arange(length)), nn.Embedding(9, 4))
    assert dse.count(positions, 5).trace.outputs.shape == (5, 4)
    scaled = Calls(lambda parts, x, times: parts[0](x) * times, nn.Linear(8, 4))
    assert dse.count(scaled, [(2, 8), 3]).macs == 2 * 8 * 4
