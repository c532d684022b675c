"""Rooflines: by hand for one layer, additive for all, and by operator in a trace."""

from fractions import Fraction

import pytest
import torch
from torch import nn

import dse
from dse.counting import KernelCall, trace
from dse.devices import Roofline, layer_times, read_device
from dse.errors import DseError
from dse.space import build_network
from tests.space.shipped import CHAINS, inputs_of, small_space

BOARD = {
    "peak": {"float32": "2G", "int8": "8G"},
    "bandwidth": "1GB",
    "kernel": "3us",
    "efficiency": 0.5,
}


def roofline(dtype="float32", **other):
    return Roofline(read_device("board", {**BOARD, **other}), dtype)


def test_a_linear_layer_by_hand():
    layer = nn.Linear(100, 40, bias=False)
    (found,) = layer_times(trace(layer, (1, 100)), roofline())
    operations = Fraction(2 * 100 * 40, 10**9)
    moved = Fraction(4 * (100 + 100 * 40 + 40), 5 * 10**8)
    assert moved > operations
    assert found.nanoseconds == round(moved * 10**9) + 3_000
    assert (found.name, found.kernels, found.bound) == ("", 1, "bytes")


def test_many_rows_wait_for_operations():
    layer = nn.Linear(400, 400, bias=False)
    (found,) = layer_times(trace(layer, (400, 400)), roofline(kernel="1ns", efficiency=1))
    assert found.bound == "operations"
    assert found.nanoseconds == 2 * 400**3 // 2 + 1


def test_a_view_takes_no_time():
    model = nn.Sequential(nn.Flatten(1), nn.ReLU())
    found = layer_times(trace(model, (2, 3, 4)), roofline())
    assert [(each.name, each.kernels) for each in found] == [("1", 1)]


def test_kernels_that_are_alike_take_as_long_as_each():
    line = roofline()
    one, two = KernelCall(10**6, 10**3), KernelCall(5, 10**6)
    apart = line.of_kernels([one])["latency"] + line.of_kernels([two])["latency"]
    assert line.of_kernels([one, two])["latency"] == apart
    assert line.of_kernels([KernelCall(10**6, 10**3, 7)]) == line.of_kernels([one] * 7)


@pytest.mark.parametrize("name", CHAINS)
def test_the_sum_over_blocks_is_that_of_the_whole_network(name):
    line = roofline(kernel=None)
    space = dse.design_space(name, device=BOARD, grid=_grid(name))
    settings = next(iter(space.design.grid))
    point = space.design.point(settings)
    network = dse.build(name, dict(point.settings)).eval()
    with torch.device("meta"):
        whole = trace(network, inputs_of(point.candidate, 1))
    layers = layer_times(whole, Roofline(space.device_page, "float32"))
    blocks = len(point.candidate.blocks)
    # Whole nanoseconds of each block, and of each layer.
    assert abs(point.costs["latency"] - sum(each.nanoseconds for each in layers)) <= blocks + len(
        layers
    )
    assert line.names == ("latency",)


def _grid(name):
    grid = small_space(name).grid
    first = {k: v for dimension in grid.dimensions for k, v in dimension.choices[0].items()}
    axes = grid.family.column_axes
    return {k: v for k, v in first.items() if k in axes and axes[k].per is None}


@pytest.mark.parametrize("dtype", ["int8", "float32"])
def test_a_count_takes_as_long_as_its_dtype_does_there(dtype):
    """Without saying it again, and as the latency of the network is in a space."""
    page = {**BOARD, "bandwidth": "1TB"}
    space = dse.design_space("mlp", {"resolution": 8}, {"dtype": dtype}, device=page)
    (point,) = space.design.points()
    network, inputs = build_network(point.candidate), inputs_of(point.candidate, 1)
    layers = dse.roofline(dse.count(network, inputs, dtype=dtype), page)
    line = roofline(dtype, bandwidth="1TB")
    assert layers == layer_times(trace(network, inputs, dtype=getattr(torch, dtype)), line)
    assert abs(sum(each.nanoseconds for each in layers) - point.costs["latency"]) <= len(layers)


@pytest.mark.parametrize("dtype", ["int8", "float32"])
def test_a_part_with_a_dtype_of_its_own_takes_as_long_as_that(dtype):
    """The other parts take what they do without it."""
    model = nn.Sequential(nn.Linear(400, 400, bias=False), nn.Linear(400, 400, bias=False))
    page = {**BOARD, "peak": {**BOARD["peak"], "int4": "16G"}, "efficiency": 1, "kernel": "1ns"}
    counted = dse.count(model, (400, 400), dtype=dtype, part_dtypes={"1": "int4"})
    speed = {"int8": 8, "float32": 2}[dtype]
    times = [each.nanoseconds for each in dse.roofline(counted, page)]
    assert times == [2 * 400**3 // speed + 1, 2 * 400**3 // 16 + 1]
    with pytest.raises(DseError, match="its page has no peak of int4"):
        dse.roofline(counted, {**page, "peak": BOARD["peak"]})


def test_a_callable_has_one_as_well():
    space = dse.design_space("torchvision_model", {"name": ["resnet18"]}, device=BOARD)
    (point,) = list(space.design.points())
    network = dse.build("torchvision_model", name="resnet18").eval()
    layers = layer_times(trace(network, inputs_of(point.candidate, 1)), roofline())
    difference = point.costs["latency"] - sum(each.nanoseconds for each in layers)
    assert abs(difference) <= len(layers) + 1


@pytest.mark.parametrize(
    ("page", "dtype", "message"),
    [
        ({"bandwidth": None}, "float32", "device board: no roofline, as its page has no peak"),
        ({}, "float16", "device board: its page has no peak of float16; did you mean 'float32'?"),
    ],
)
def test_pages_without_one(page, dtype, message):
    with pytest.raises(DseError, match=message):
        roofline(dtype, **page)


def test_latency_by_no_device_is_refused():
    with pytest.raises(DseError, match=r"cost\.latency=roofline: no device is named"):
        dse.design_space("mlp", cost={"latency": "roofline"})
