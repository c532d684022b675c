import pytest
import torch
from torch import nn
from torchvision.models import resnet18, vit_b_16

import dse
from dse.costs.cost_list import COST_NAMES, TRAINING_COSTS
from dse.counting import time_layers
from dse.counting.folding import collapse, fold
from dse.counting.profiling import timing


@pytest.mark.parametrize("depth", [0, 1, 2, 5])
@pytest.mark.parametrize("build", [resnet18, vit_b_16])
def test_folding_keeps_the_totals(build, depth):
    counted = dse.count(build(), (1, 3, 224, 224))
    folded = fold(counted.trace, counted.layers, depth)
    for name in sorted({*COST_NAMES} - TRAINING_COSTS):
        values = [getattr(layer.costs, name) for layer in folded]
        assert (max(values) if name == "peak_memory" else sum(values)) == getattr(counted, name)


def test_a_folded_layer_is_the_module_that_holds_it():
    counted = dse.count(resnet18(), (1, 3, 224, 224))
    folded = {layer.name: layer for layer in fold(counted.trace, counted.layers, 1)}
    assert list(folded) == [
        "conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool", "fc",
    ]  # fmt: skip
    assert folded["layer4"].type == "Sequential"
    assert folded["layer4"].output_shape == (1, 512, 7, 7)
    (whole,) = fold(counted.trace, counted.layers, 0)
    assert (whole.name, whole.type, whole.output_shape) == ("", "ResNet", (1, 1000))


def test_repeated_blocks_are_shown_once():
    counted = dse.count(vit_b_16(), (1, 3, 224, 224))
    collapsed = collapse(counted.layers)
    assert len(counted.layers) > 100 > 20 > len(collapsed)
    assert "encoder.layers.encoder_layer_[0-11].mlp.0" in {layer.name for layer in collapsed}
    assert sum(layer.costs.macs for layer in collapsed) == counted.macs


def test_blocks_that_differ_stay_apart():
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 8), nn.Linear(8, 8))
    names = [layer.name for layer in collapse(dse.count(model, (1, 4)).layers)]
    assert names == ["[0-1]", "2", "3"]


class Slow(nn.Module):
    """Lets a clock go on by some seconds."""

    def __init__(self, clock, seconds):
        super().__init__()
        self.clock = clock
        self.seconds = seconds

    def forward(self, x):
        self.clock.now += self.seconds
        return x


class Clock:
    now = 0.0

    def __deepcopy__(self, memo):
        return self

    def perf_counter(self):
        return self.now


def test_times_are_of_each_module_without_its_submodules(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timing, "time", clock)
    model = nn.Sequential(Slow(clock, 2.0), nn.Sequential(Slow(clock, 0.5)), nn.Identity())
    model.append(model[0])
    seconds = time_layers(model, (1, 4), repeats=3, warmup=1)
    assert seconds == {"": 0.0, "0": 4.0, "1": 0.0, "1.0": 0.5, "2": 0.0}
    assert "forward" not in vars(model[0])


def test_timing_leaves_statistics_and_mode_alone():
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4)).train()
    before = model[1].running_mean.clone()
    time_layers(model, (2, 4), repeats=1, warmup=0)
    assert model.training
    assert torch.equal(model[1].running_mean, before)
