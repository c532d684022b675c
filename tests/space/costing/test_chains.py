"""Models that run parts one after the other cost what these cost; others are traced whole."""

import functools
import warnings

import pytest
import torch
from torch import nn
from torchvision import models

from dse.costs.cost_conditions import Conditions
from dse.counting import build_without_weights, costs_under
from dse.space import BlockTable
from dse.space.costing.tracing.chains import holds_one_tensor, parts_of

CHAINS = (
    *("alexnet", "convnext_tiny", "efficientnet_b0", "efficientnet_v2_s", "mnasnet0_5"),
    *("mobilenet_v2", "mobilenet_v3_small", "regnet_y_400mf", "resnet18", "resnet50"),
    *("shufflenet_v2_x0_5", "squeezenet1_1", "swin_t", "swin_v2_t", "vgg11_bn", "wide_resnet50_2"),
)
NO_CHAINS = ("densenet121", "googlenet", "inception_v3", "maxvit_t", "vit_b_16")
CONDITIONS = (
    Conditions(batch=2),
    Conditions(precision="mixed", optimizer="adamw", kernels="cuda"),
    Conditions(dtype="int8"),
)


def built(name, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return build_without_weights(lambda: models.get_model(name, weights=None, **options))


@pytest.mark.parametrize("name", CHAINS)
def test_the_sum_over_parts_is_the_trace_of_the_whole(name):
    model = built(name)
    parts = parts_of(model)
    assert parts is not None
    conditions = CONDITIONS[len(name) % 3]
    costs = BlockTable(conditions).cost_parts(parts, (3, 96, 96))
    assert costs == costs_under(model, (conditions.batch, 3, 96, 96), conditions)


@pytest.mark.parametrize("name", NO_CHAINS)
def test_what_is_no_chain_is_not_taken_apart(name):
    assert parts_of(built(name)) is None


def test_parts_are_traced_once_across_networks():
    table = BlockTable()
    table.cost_parts(parts_of(built("resnet50")), (3, 224, 224))
    known = len(table)
    table.cost_parts(parts_of(built("resnet50", num_classes=10)), (3, 224, 224))
    assert len(table) == known + 1, "the last layer alone is another one"
    table.cost_parts(parts_of(built("resnet101")), (3, 224, 224))
    # Its third stage has more blocks, all of which are known: only the sequence is new.
    assert len(table) == known + 2


class Keeps(nn.Module):
    """Holds what it was given by its first layer until the end."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3)

    def forward(self, x):
        features = self.first(x)
        out = self.second(features)
        return torch.flatten(out, 1)


class Hands(nn.Module):
    """Holds what it hands on to a method of its own."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3)

    def head(self, x):
        x = self.second(x)
        return torch.flatten(x, 1)

    def forward(self, x):
        x = self.first(x)
        x = self.head(x)
        return x  # noqa: RET504


class Tied(nn.Module):
    """Two layers with one weight."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 3, 3), nn.Conv2d(3, 3, 3)
        self.second.weight = self.first.weight

    def forward(self, x):
        x = self.first(x)
        return self.second(x)


class Closes(nn.Module):
    """Has a setting that does not say what it is."""

    def __init__(self, factor):
        super().__init__()
        self.first, self.scale = nn.Conv2d(3, 8, 3), Scale(lambda x: x * factor)

    def forward(self, x):
        x = self.first(x)
        return self.scale(x)


class Scale(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def hooked():
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())
    model[0].register_forward_hook(lambda *_: None)
    return model


UNEXACT = {
    "keeps a variable": Keeps,
    "hands on": Hands,
    "tied": Tied,
    "a closure": functools.partial(Closes, 2),
    "a hook": hooked,
}


@pytest.mark.parametrize("name", UNEXACT)
def test_what_would_not_add_up_exactly_is_not_taken_apart(name):
    assert parts_of(UNEXACT[name]()) is None


def test_a_tensor_that_a_variable_keeps_is_seen():
    assert not holds_one_tensor(Keeps())
    assert not holds_one_tensor(Hands())
    assert holds_one_tensor(Tied())


def test_settings_tell_parts_apart():
    def blocks(*layers):
        return [part.block for part in parts_of(nn.Sequential(*layers))]

    assert blocks(nn.Conv2d(3, 8, 3)) == blocks(nn.Conv2d(3, 8, 3))
    others = (
        nn.Conv2d(3, 8, 3, padding=1),
        nn.Conv2d(3, 8, 3, bias=False),
        nn.Conv2d(3, 8, 3).double(),
        nn.Conv2d(3, 8, 3).requires_grad_(False),
        nn.Conv2d(3, 8, 3).eval(),
        nn.Conv3d(3, 8, 3),
    )
    found = {blocks(layer)[0] for layer in others} | {blocks(nn.Conv2d(3, 8, 3))[0]}
    assert len(found) == 1 + len(others)
