"""What layers output is counted however a model is wrapped, or it is said what cannot be."""

import warnings

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torchvision import models

import dse
from dse.errors import UnknownCostWarning
from tests.cli.command import dse as dse_command
from tests.counting.models import Calls


class Net(nn.Module):
    """Layers within a container and beside it, a constant, and an output of several parts."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3)
        self.rest = nn.Sequential(nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 3))
        self.head = nn.Linear(4, 6)
        self.shift = torch.ones(6)

    def forward(self, x, scale=None):
        x = self.rest(self.first(x)).mean((2, 3))
        x = self.head(x if scale is None else x * scale) + self.shift
        return {"whole": x, "parts": x.split(2, 1)}


SHAPE = (2, 3, 8, 8)
GIVEN = torch.zeros(SHAPE)


def exported(model):
    return torch.export.export(model, (GIVEN,)).module()


WITH_LAYERS = {
    "exported": exported,
    "within": lambda model: nn.Sequential(exported(model)),
    "unflattened": lambda model: torch.export.unflatten(torch.export.export(model, (GIVEN,))),
    "compiled": torch.compile,
    "data parallel": nn.DataParallel,
}


OUTPUT = 4 * 2 * (6 + 6)
"""Bytes of what the model outputs, which within another one is a layer around its layers."""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", WITH_LAYERS)
def test_a_wrapped_model_has_the_layers_of_what_it_wraps(name):
    plain, wrapped = dse.count(Net(), SHAPE), dse.count(WITH_LAYERS[name](Net()), SHAPE)
    around = OUTPUT if name in ("within", "data parallel") else 0
    assert wrapped.activation_memory - around == plain.activation_memory > 0
    for cost in ("params", "macs", "weight_memory", "activations", "backward_macs"):
        assert getattr(wrapped, cost) == getattr(plain, cost), cost
    macs = {row.name.removeprefix("0.").removeprefix("module."): row.costs.macs
            for row in wrapped.layers}  # fmt: skip
    assert {row.name: row.costs.macs for row in plain.layers if row.costs.macs}.items() <= (
        macs.items()
    )


def test_weights_that_nothing_takes_are_weights_of_an_exported_model_too():
    model = Net()
    model.untaken = nn.Linear(5, 5)
    assert dse.count(exported(model), SHAPE).params == dse.count(model, SHAPE).params


def test_an_exported_model_takes_and_returns_what_the_model_does():
    model, scale = Net().eval(), torch.ones(4)
    for arguments, named in (((GIVEN, scale), {}), ((GIVEN,), {"scale": scale})):
        wrapped = torch.export.export(model, arguments, named).module()
        inputs = {"x": SHAPE, "scale": (4,)}
        counted = dse.count(wrapped, inputs)
        assert counted.trace.outputs == dse.count(model, inputs).trace.outputs
        assert counted.trace.outputs.keys() == {"whole", "parts"}


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small", "squeezenet1_1", "swin_t"])
def test_an_exported_network_costs_what_the_network_does(name):
    model = models.get_model(name, weights=None).eval()
    shape = (2, 3, 64, 64)
    wrapped = torch.export.export(model, (torch.zeros(shape),)).module()
    plain, counted = dse.count(model, shape), dse.count(wrapped, shape)
    for cost in ("params", "macs", "activations", "weight_memory"):
        assert getattr(counted, cost) == getattr(plain, cost), cost
    # Of what returns its input as it is, an exported graph says nothing.
    idle = [r.costs.activation_memory for r in plain.layers if r.type == "StochasticDepth"]
    assert counted.activation_memory == plain.activation_memory - sum(idle)


UNSEEN = {
    "scripted": torch.jit.script,
    "traced": lambda model: torch.jit.trace(model, torch.zeros(2, 4)),
    "frozen": lambda model: torch.jit.freeze(torch.jit.script(model.eval())),
    "within": lambda model: Calls(lambda parts, x: parts[0](x), torch.jit.script(model)),
}


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("wrap", UNSEEN.values(), ids=UNSEEN)
def test_it_is_said_that_layers_of_torchscript_are_not_seen(wrap):
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    with pytest.warns(UnknownCostWarning, match=r"activation_memory is without .* TorchScript"):
        counted = dse.count(wrap(model), (2, 4))
    assert counted.activation_memory == 2 * 3 * 4
    assert counted.macs == 2 * (4 * 8 + 8 * 3)


NET = """
import torch
def scripted():
    return torch.jit.script(torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Linear(8, 3)))
"""


@pytest.mark.parametrize("format", ["table", "json"])
def test_it_is_said_on_the_command_line(tmp_path, format):
    (tmp_path / "net.py").write_text(NET)
    words = ("count", "net.py:scripted", "--input", "4", "--format", format)
    assert "activation_memory is without" in dse_command(tmp_path, *words).stderr


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_a_scripted_layer_is_one_like_any_other():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnknownCostWarning)
        counted = dse.count(torch.jit.script(nn.Linear(4, 8)), (2, 4))
    assert counted.activation_memory == dse.count(nn.Linear(4, 8), (2, 4)).activation_memory


class Tied(nn.Module):
    """A model that uses the weights of its layers, and calls none of them."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 8)

    def forward(self, x):
        return F.linear(x, self.layer.weight)


ALONE = {
    "attention": (nn.MultiheadAttention(8, 2), [(3, 2, 8)] * 3, 4 * (3 * 2 * 8 + 2 * 3 * 3)),
    "tied": (Tied(), (2, 4), 4 * 2 * 8),
    "linear": (nn.Linear(4, 8), (2, 4), 4 * 2 * 8),
    "lstm": (nn.LSTM(4, 8), (3, 2, 4), 4 * (3 * 2 * 8 + 2 * 2 * 8)),
}
"""(model, inputs, bytes of what it returns)"""


@pytest.mark.parametrize("name", ALONE)
def test_a_model_that_calls_no_layer_is_one(name):
    model, inputs, nbytes = ALONE[name]
    assert dse.count(model, inputs).activation_memory == nbytes
    inner = dse.count(Calls(lambda parts, *given: parts[0](*given)[0], model), inputs)
    assert inner.activation_memory == nbytes
