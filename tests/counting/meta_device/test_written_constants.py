"""A constant on the CPU that activations are written to holds what it would hold on data."""

import numpy
import pytest
import torch
from torch import nn

import dse
from dse.counting import NeedsData, trace
from dse.errors import RanOnData


def places():
    return torch.tensor([0, 2])


def mask():
    return torch.tensor([True, False, True])


WRITES = {
    "a copy": lambda o, x: o.copy_(x),
    "a part": lambda o, x: o.__setitem__(slice(2), x[:2]),
    "through what it views": lambda o, x: o.view(1, 3)[0, 1:].copy_(x[:2]),
    "its data": lambda o, x: o.data.copy_(x),
    "a sum": lambda o, x: o.add_(x),
    "a sum with a number": lambda o, x: o.add_(x[0]),
    "several at once": lambda o, x: torch._foreach_add_([o], [x]),
    "a number": lambda o, x: o.fill_(x[0]),
    "at places": lambda o, x: o.__setitem__(places(), x[:2]),
    "under a mask": lambda o, x: o.__setitem__(mask(), x[:2]),
    "under a mask of activations": lambda o, x: o.masked_fill_(x != 0, 2),
    "scattered": lambda o, x: o.scatter_(0, places(), x),
    "scattered and added": lambda o, x: o.scatter_add_(0, places(), x),
    "by an index": lambda o, x: o.index_copy_(0, places(), x[:2]),
    "added by an index": lambda o, x: o.index_add_(0, places(), x[:2]),
    "a function's place": lambda o, x: torch.abs(x, out=o),
    "a product": lambda o, x: o[None].addmm_(x[None], torch.ones(3, 3)),
}

CONSTANTS = {
    "zeros": lambda: torch.zeros(3),
    "numbers": lambda: torch.tensor([0.0, 0.0, 0.0]),
    "an array": lambda: torch.from_numpy(numpy.zeros(3, "float32")),
}


class Writes(nn.Module):
    """Runs its layer once more where what was written to a constant is not zero."""

    def __init__(self, make, write, layer, looks=True):
        super().__init__()
        self.layer = layer
        self.make, self.write, self.looks = make, write, looks

    def forward(self, x):
        y = self.layer(x)
        constant = self.make()
        self.write(constant, y[0])
        if not self.looks or constant.abs().sum() > 0:
            y = y + self.layer(x)
        return y * constant


@pytest.mark.parametrize("make", CONSTANTS.values(), ids=CONSTANTS)
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_is_asked_of_it_is_asked_on_data(make, write):
    model = Writes(make, write, nn.Linear(8, 3))
    with pytest.warns(RanOnData):
        counted = dse.count(model, (2, 8))
    assert counted.macs == dse.count(model, (2, 8), real=True).macs
    assert counted.macs >= 2 * 2 * 8 * 3
    with pytest.raises(NeedsData, match="real=True"):
        dse.count(model, (2, 8), real=False)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_is_known_is_written_without_data(write):
    model = Writes(CONSTANTS["zeros"], write, nn.ReLU())
    counted = trace(model, torch.ones(2, 3))
    assert not counted.is_real
    assert len(counted.calls) == 3


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_it_takes_no_memory_twice(write):
    model = Writes(CONSTANTS["zeros"], write, nn.Linear(8, 3), looks=False)
    predicted, real = trace(model, (2, 8)), trace(model, (2, 8), real=True)
    assert not predicted.is_real
    assert predicted.peak_activation_bytes == real.peak_activation_bytes
