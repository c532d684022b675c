"""Walks through modules find what PyTorch's own find."""

import pytest
from torch import nn
from torchvision import models

from dse.counting.modules.module_walks import attribute_of, modules_within, tensors_held


class Tied(nn.Module):
    """Holds one layer twice, one weight in two, and a place that is empty."""

    scale = 2

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 2)
        self.again = self.first
        self.other = nn.Linear(2, 2, bias=False)
        self.other.weight = self.first.weight
        self.register_buffer("mask", None)
        self.none = None
        self.add_module("empty", None)

    @property
    def width(self):
        return 3


class Named(nn.Module):
    """Names its modules in a way of its own."""

    def __init__(self):
        super().__init__()
        self.inner = nn.ReLU()

    def named_modules(self, *arguments, **options):
        yield "own", self


MODELS = {
    "resnet18": lambda: models.resnet18(),
    "vit": lambda: models.vit_b_16(),
    "tied": Tied,
    "named": lambda: nn.Sequential(Named()),
}


@pytest.mark.parametrize("name", MODELS)
def test_what_is_found_is_what_pytorch_finds(name):
    model = MODELS[name]()
    modules = modules_within(model)
    assert modules == [*model.named_modules()]
    if name != "named":
        expected = [*model.parameters(), *model.buffers()]
        assert [*map(id, tensors_held(modules))] == [*map(id, expected)]


@pytest.mark.parametrize("name", ["scale", "width", "training", "none", "missing", "forward"])
def test_an_attribute_is_what_getattr_finds(name):
    model = Tied()
    assert attribute_of(model, name, "nothing") == getattr(model, name, "nothing")
