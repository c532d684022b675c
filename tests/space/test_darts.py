"""DARTS: published numbers, and a plain module written by hand."""

import random

import pytest
import torch
from torch import nn

from dse.costs.cost_list import Costs
from dse.space import CELL, BlockTable, build_network, cost_of
from tests.space.shipped import default_grid, family

PARAMS = {"darts_v1": 3_169_414, "darts_v2": 3_349_342}
"""As the authors' code prints them, without the auxiliary classifier, in millions with six places
(github.com/quark0/darts)."""


@pytest.mark.parametrize("variant", family("darts").variants)
def test_the_parameters_are_the_published_ones(variant):
    page = family("darts").variant(variant)
    found = cost_of(page.resolve(page.settings_of({})))
    assert isinstance(found, Costs)
    assert found.params == PARAMS[variant]
    # "3.3M" parameters and 528M multiply-adds are what later papers print of DARTS (second order).
    assert variant != "darts_v2" or round(found.macs / 1e6) == 528


def relu_conv_norm(before, channels):
    conv = nn.Conv2d(before, channels, 1, bias=False)
    return nn.Sequential(nn.ReLU(), conv, nn.BatchNorm2d(channels))


class Halves(nn.Module):
    def __init__(self, before, channels):
        super().__init__()
        self.a = nn.Conv2d(before, channels // 2, 1, 2, bias=False)
        self.b = nn.Conv2d(before, channels // 2, 1, 2, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        x = x.relu()
        return self.norm(torch.cat([self.a(x), self.b(x[:, :, 1:, 1:])], 1))


def separable(channels, kernel, stride, dilation=1):
    around = dilation * (kernel // 2)
    return [
        nn.ReLU(),
        nn.Conv2d(
            channels, channels, kernel, stride, around, dilation, groups=channels, bias=False
        ),
        nn.Conv2d(channels, channels, 1, bias=False),
        nn.BatchNorm2d(channels),
    ]


def operation(name, channels, stride):
    match name:
        case "max_pool_3x3":
            return nn.MaxPool2d(3, stride, 1)
        case "avg_pool_3x3":
            return nn.AvgPool2d(3, stride, 1, count_include_pad=False)
        case "skip_connect":
            return nn.Identity() if stride == 1 else Halves(channels, channels)
    kind, _, size = name.rpartition("_")
    kernel = int(size[0])
    if kind == "dil_conv":
        return nn.Sequential(*separable(channels, kernel, stride, 2))
    return nn.Sequential(*separable(channels, kernel, stride), *separable(channels, kernel, 1))


class HandWrittenCell(nn.Module):
    def __init__(self, edges, sizes, channels, reduces, behind_reduction):
        super().__init__()
        fit = Halves if behind_reduction else relu_conv_norm
        self.first = fit(sizes[0], channels)
        self.second = relu_conv_norm(sizes[1], channels)
        self.sources = [source for _, source in edges]
        self.operations = nn.ModuleList(
            operation(name, channels, 2 if reduces and source < 2 else 1) for name, source in edges
        )

    def forward(self, before, last):
        states = [self.first(before), self.second(last)]
        for node in range(4):
            pair = zip(self.operations, self.sources, strict=True)
            a, b = [f(states[source]) for f, source in [*pair][2 * node : 2 * node + 2]]
            states.append(a + b)
        return torch.cat(states[2:], 1)


class HandWritten(nn.Module):
    def __init__(self, normal, reduction, width, depth):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 3 * width, 3, padding=1, bias=False), nn.BatchNorm2d(3 * width)
        )
        sizes, behind, cells = (3 * width, 3 * width), False, []
        for layer in range(3 * depth + 2):
            reduces = layer in (depth, 2 * depth + 1)
            width *= 2 if reduces else 1
            edges = reduction if reduces else normal
            cells.append(HandWrittenCell(edges, sizes, width, reduces, behind))
            sizes, behind = (sizes[1], 4 * width), reduces
        self.cells = nn.ModuleList(cells)
        self.head = nn.Linear(4 * width, 10)

    def forward(self, images):
        before = last = self.stem(images)
        for cell in self.cells:
            before, last = last, cell(before, last)
        return self.head(last.mean((2, 3)))


def fill(weight):
    """Give equal weights to all of one shape: the two networks have them in another order."""
    seed = sum(size * 1000**place for place, size in enumerate(weight.shape))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        weight.copy_(torch.randn(weight.shape, generator=generator) * weight[0].numel() ** -0.5)


def test_no_cell_is_traced_whole():
    """Operations and joins are: 1.1e18 settings need no more than the first few networks."""
    grid, table, draw = default_grid("darts"), BlockTable(), random.Random(0)
    numbers = []
    for _ in range(30):
        choices = [draw.randrange(size) for size in grid.sizes]
        candidate = family("darts").resolve({**grid.settings(choices), "width": 4, "depth": 1})
        assert isinstance(table.cost(candidate), Costs)
        numbers.append(len(table.traced_blocks()) + len(table.cells.operations))
    traced = [*table.traced_blocks(), *table.traced_steps()]
    assert CELL.name not in {key.block.block for key, _ in traced}
    assert numbers[9] == numbers[-1]


def edges_of(settings, prefix):
    places = [f"{node}_{edge}" for node in range(2, 6) for edge in (1, 2)]
    return [(settings[f"{prefix}op_{at}"], settings[f"{prefix}source_{at}"]) for at in places]


@pytest.mark.parametrize("seed", range(3))
def test_a_random_network_is_the_one_written_by_hand(seed):
    grid = default_grid("darts")
    generator = torch.Generator().manual_seed(seed)
    choices = [int(torch.randint(size, (1,), generator=generator)) for size in grid.sizes]
    chosen = {**grid.settings(choices), "width": 4, "depth": 2}
    candidate = family("darts").resolve(chosen)
    normal, reduction = edges_of(chosen, ""), edges_of(chosen, "reduction_")
    network, plain = build_network(candidate), HandWritten(normal, reduction, 4, 2)
    found = cost_of(candidate)
    assert isinstance(found, Costs)
    assert found.params == sum(each.numel() for each in plain.parameters())
    for each in (*network.parameters(), *plain.parameters()):
        fill(each)
    images = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(network.eval()(images), plain.eval()(images))
