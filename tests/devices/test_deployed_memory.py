"""Memory under a runtime: published heads to the byte, folding by hand, and each planner."""

import csv

import pytest
import torch
from torch import nn
from torch.nn import functional

import dse
from dse.devices import RUNTIMES, deployed_memory
from dse.errors import DseError

TINYENGINE_README = {
    ("mobilenet_v2", 144): 295,
}
"""KiB of SRAM that TinyEngine's README has measured of its release, of networks of width 0.35."""


def published(reference_data, what):
    with (reference_data / "published" / "mcu_memory.csv").open() as file:
        return [row for row in csv.DictReader(file) if row["what"] == what]


def network(row):
    name, _, value = row["settings"].partition("=")
    resolution = int(row["resolution"])
    model = dse.build(row["family"], {name: float(value), "resolution": resolution})
    return model, (1, 3, resolution, resolution)


def test_the_arena_is_the_published_head_to_the_byte(reference_data):
    rows = published(reference_data, "arena")
    assert len(rows) == 3
    for row in rows:
        assert deployed_memory(*network(row), "tflm").arena == int(row["bytes"])


def test_tinyengine_takes_what_its_release_takes(reference_data):
    (row,) = published(reference_data, "sram")
    found = deployed_memory(*network(row), "tinyengine")
    # Expanded 72×72×48 in place beside its input; two bytes a position of the padded channel; the
    # stem's weights in 16 bits.
    assert found.arena == 72 * 72 * (48 + 8) + 2 * 74 * 74 + 2 * 16 * 3 * 9
    # Two columns of its 8 channels are all that the expansion itself has.
    assert found.sram == 72 * 72 * (48 + 8) + 2 * 2 * 8
    assert found.arena // 1024 == TINYENGINE_README[row["family"], int(row["resolution"])]
    # An earlier TinyEngine was measured for the first of these figures.
    assert 0 < int(row["bytes"]) - found.arena < 0.02 * int(row["bytes"])


def kinds(model, shape, runtime="tflm"):
    return [each.kind for each in deployed_memory(model, shape, runtime).graph.operators]


def conv(*args, act=None, **kwargs):
    layers = [nn.Conv2d(*args, bias=False, **kwargs), nn.BatchNorm2d(args[1])]
    return nn.Sequential(*layers, *([act] if act else []))


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        (nn.ReLU(), ["conv"]),
        (nn.ReLU(inplace=True), ["conv"]),
        (nn.ReLU6(), ["conv"]),
        (nn.Hardtanh(), ["conv"]),
        (nn.Hardtanh(0, 4), ["conv", "hardtanh"]),
        (nn.Hardswish(), ["conv", "hardswish"]),
        (nn.SiLU(), ["conv", "sigmoid", "mul"]),
    ],
)
def test_a_norm_and_what_the_runtime_fuses_are_part_of_the_convolution(activation, expected):
    assert kinds(conv(4, 8, 1, act=activation), (1, 4, 8, 8)) == expected


def test_what_something_else_reads_is_not_folded():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(4, 4, 1)

        def forward(self, x):
            made = self.conv(x)
            return made + functional.relu(made)

    assert kinds(Twice(), (1, 4, 8, 8)) == ["conv", "relu", "add"]


def test_a_norm_in_front_is_a_product_and_a_sum():
    model = nn.Sequential(nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 8, 1))
    found = deployed_memory(model, (1, 4, 8, 8))
    assert [each.kind for each in found.graph.operators] == ["mul", "add", "conv"]
    assert found.sram == 8 * 8 * (4 + 8)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(("size", "pads"), [(8, True), (9, False)])
@pytest.mark.parametrize(
    "layer", [nn.Conv2d(3, 8, 3, 2, 1), nn.MaxPool2d(3, 2, 1)], ids=["conv", "pool"]
)
def test_padding_that_is_not_same_is_an_operator(layer, size, pads, runtime):
    found = deployed_memory(layer, (1, 3, size, size), runtime)
    padded = [found.graph.shapes[op.makes[0]] for op in found.graph.operators if op.kind == "pad"]
    expected = [(1, 3, 10, 10)] if pads and runtime == "tflm" else []
    assert padded == expected


def test_a_pooling_that_rounds_up_is_same():
    pool = nn.MaxPool2d(3, 2, ceil_mode=True)
    assert kinds(pool, (1, 3, 22, 22)) == ["max_pool"]
    assert kinds(pool, (1, 3, 24, 24)) == ["max_pool"]
    assert kinds(nn.MaxPool2d(2, 3, ceil_mode=True), (1, 3, 9, 9)) == ["max_pool"]


def test_views_are_free_and_a_flattened_map_is_transposed():
    class Pooled(nn.Module):
        def forward(self, x):
            return functional.adaptive_avg_pool2d(x, 1).flatten(1).unsqueeze(1)

    assert kinds(Pooled(), (1, 4, 6, 6)) == ["mean"]
    assert kinds(nn.Sequential(nn.Flatten(), nn.Linear(16, 2)), (1, 4, 2, 2)) == [
        "transpose",
        "fully_connected",
    ]


def test_sizes_are_aligned_to_16_bytes():
    found = deployed_memory(nn.Conv2d(3, 5, 1), (1, 3, 3, 3))
    assert (found.sram, found.arena) == (32 + 48, 32 + 48)
    assert deployed_memory(nn.Conv2d(3, 5, 1), (1, 3, 3, 3), "tinyengine").sram == 27 + 45 + 12


def test_a_depthwise_convolution_overwrites_what_nothing_else_reads():
    depthwise = nn.Conv2d(8, 8, 3, padding=1, groups=8)
    buffers = 2 * 10 * 10
    found = deployed_memory(depthwise, (1, 8, 8, 8), "tinyengine")
    assert found.arena == 8 * 8 * 8 + buffers

    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.depthwise = depthwise

        def forward(self, x):
            return x + self.depthwise(x)

    found = deployed_memory(Residual(), (1, 8, 8, 8), "tinyengine")
    # The sum has no buffers of its own, but in the arena they are set aside all along.
    assert (found.sram, found.arena) == (3 * 8**3, 3 * 8**3 + buffers)


def test_the_planner_can_hand_out_more_than_is_alive():
    network = dse.build("mobilenet_v2", width=0.5, resolution=97, expansion=3)
    found = deployed_memory(network, (1, 3, 97, 97))
    # The head that TFLite-Micro has for it, converted by litert-torch 0.10.
    assert (found.sram, found.arena) == (76_848, 82_640)


@pytest.mark.parametrize(("dtype", "item"), [("int8", 1), ("float16", 2), ("float32", 4)])
def test_flash_has_weights_at_their_dtype(dtype, item):
    small, large = (
        deployed_memory(nn.Conv2d(channels, 8, 1), (1, channels, 2, 2), dtype=dtype).flash
        for channels in (4, 12)
    )
    assert large - small == 8 * 8 * item


def test_a_channel_has_a_scale_of_its_own():
    one, two = (deployed_memory(nn.Conv2d(4, c, 1), (1, 4, 2, 2)).flash for c in (1, 2))
    # Weights, a bias of 32 bits, and for both a scale of 32 bits and a zero point of 64.
    assert two - one == 4 + 4 + 2 * (4 + 8)


FILES = {
    ("mobilenet_v2", 0.35, 96): 1_942_176,
    ("squeezenet", 0.25, 96): 281_248,
    ("mnasnet", 0.35, 96): 2_057_944,
    ("resnet", 1.0, 64): 26_255_456,
}
"""Bytes of the `.tflite` that litert-torch 0.10 writes in int8, by family, width and resolution."""


@pytest.mark.parametrize("family", FILES)
def test_flash_is_within_a_twentieth_of_the_file(family):
    name, width, resolution = family
    model = dse.build(name, width=width, resolution=resolution)
    found = deployed_memory(model, (1, 3, resolution, resolution)).flash
    assert abs(found - FILES[family]) * 20 <= FILES[family]


def test_what_is_compiled_has_no_graph():
    layer = nn.Conv2d(4, 8, 3)
    # Weights, biases of 32 bits and a scale of 32 bits a channel.
    assert deployed_memory(layer, (1, 4, 5, 5), "tinyengine").flash == 8 * (4 * 9 + 4 + 4)
    assert deployed_memory(layer, (1, 4, 5, 5), "tinyengine", "float32").flash == 4 * 8 * (36 + 1)


def test_swish_is_two_operators_of_one_layout():
    model = conv(3, 4, 3, padding=1, act=nn.SiLU())
    model.append(nn.Conv2d(4, 4, 1))
    assert kinds(model, (1, 3, 8, 8)) == ["conv", "sigmoid", "mul", "conv"]


def test_a_shared_weight_is_stored_once():
    layer = nn.Conv2d(4, 4, 1)
    once = deployed_memory(layer, (1, 4, 2, 2)).graph
    twice = deployed_memory(nn.Sequential(layer, layer), (1, 4, 2, 2)).graph
    assert [len(each.weights) for each in once.operators] == [2]
    assert [len(each.weights) for each in twice.operators] == [2, 0]


def test_a_model_is_left_as_it_was():
    model = conv(4, 8, 3)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    deployed_memory(model, (1, 4, 8, 8))
    assert model.training
    assert all(torch.equal(before[name], each) for name, each in model.state_dict().items())


@pytest.mark.parametrize("family", ["swin", "vit", "convnext", "maxvit", "densenet", "alexnet"])
def test_any_family_has_an_arena_of_at_least_what_is_alive(family):
    for runtime in RUNTIMES:
        found = deployed_memory(dse.build(family), (1, 3, 224, 224), runtime)
        assert 0 < 224 * 224 * 3 < found.sram <= found.arena


def test_unknown_words_are_told():
    with pytest.raises(DseError, match="runtime: unknown 'tinyengin'; did you mean 'tinyengine'"):
        deployed_memory(nn.ReLU(), (1, 2), "tinyengin")
    with pytest.raises(DseError, match="dtype: unknown 'int7'; did you mean 'int8'"):
        deployed_memory(nn.ReLU(), (1, 2), dtype="int7")


def test_a_callable_has_what_its_whole_network_has():
    space = dse.design_space(
        "torchvision_model", {"name": ["mobilenet_v2"], "resolution": 96}, cost={"runtime": "tflm"}
    )
    (point,) = space.design.points()
    network = dse.build("torchvision_model", name="mobilenet_v2", resolution=96)
    found = deployed_memory(network, (1, 3, 96, 96), "tflm", "float32")
    assert (point.costs["sram"], point.costs["flash"]) == (found.sram, found.flash)
