"""Oracle: torchstat's MemRead and MemWrite, whose convention is tested against torchstat itself."""

import pytest
import torch
from torch import nn
from torchvision.models import alexnet, resnet18, vgg11

import dse
from dse.counting import trace
from dse.counting.conventions import read_convention


@pytest.mark.parametrize("build", [alexnet, vgg11, resnet18])
def test_layers_move_what_torchstat_says(build):
    model = build()
    shape = (1, 3, 224, 224)
    layers = {layer.name: layer for layer in dse.count(model, shape).layers}
    reading = read_convention(trace(model, shape, functions=True), "torchstat")
    compared = set()
    for row in reading.rows:
        layer = layers[row.values["module name"]]
        read, written = row.values["MemRead(B)"], row.values["MemWrite(B)"]
        if layer.type == "BatchNorm2d":
            read += 2 * 4 * layer.output_shape[1]  # torchstat leaves the running statistics out.
        if layer.type in ("Conv2d", "ReLU", "MaxPool2d", "Linear", "BatchNorm2d"):
            # A module that is called more than once counts its last call in torchstat.
            calls = sum(1 for call in trace(model, shape).calls if call.name == layer.name)
            if calls == 1:
                assert (layer.costs.memory_read, layer.costs.memory_written) == (read, written)
                compared.add(layer.type)
    assert {"Conv2d", "ReLU", "MaxPool2d", "Linear"} - {"ReLU"} <= compared


class Moves(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


@pytest.mark.parametrize(
    ("function", "read", "written"),
    [
        (lambda x: x.view(8, 2).t()[:3], 0, 0),
        (lambda x: x + 1, 64, 64),
        (lambda x: x + x, 64, 64),
        (lambda x: x.add_(x[0]), 64 + 16, 64),
        (lambda x: x[:1].expand(5, 4) * 1, 16, 80),
        (lambda x: torch.cat([x, x[:2]]), 64 + 32, 96),
        (lambda x: x[torch.tensor([0, 3, 3], device=x.device)], None, 48),
        (lambda x: torch.empty_like(x).fill_(1), 0, 64),
        (lambda x: torch.zeros(2, 3, device=x.device), 0, 24),
        (lambda x: x.clone().copy_(x[0]), 64 + 16, 64 + 64),
        (lambda x: (x.clone() * x, x * x), 64 + 2 * 64 + 64, 3 * 64),
        (lambda x: (x * x, x.clone() * x), 64 + 64 + 2 * 64, 3 * 64),
        (lambda x: (torch.cat([x, x]), torch.cat([x, x[1:]])), 64 + 64 + 48, 128 + 112),
    ],
)
def test_an_operator_reads_its_operands_and_writes_its_results(function, read, written):
    counted = dse.count(Moves(function), (4, 4))
    assert counted.memory_written == written
    # An index is read besides the rows that it points at, and made before.
    assert counted.memory_read == (read if read is not None else 48 + 3 * 8)


def test_arithmetic_intensity_is_macs_per_byte():
    counted = dse.count(nn.Linear(100, 10, bias=False), (1, 100))
    assert counted.arithmetic_intensity == 1000 / (4 * (100 + 1000 + 10))
