"""Transforms of functions: what a process counts first is what it counts again, and on data."""

import pytest
import torch
from torch import nn
from torch.autograd import forward_ad
from torch.func import functional_call, grad, hessian, jacfwd, jacrev, jvp, linearize, vjp, vmap

from dse.counting import trace, trace_step
from dse.counting.meta_device import meta_kernels
from dse.errors import DseError
from tests.counting.models import Calls


def dual(layers, x):
    with forward_ad.dual_level():
        return forward_ad.unpack_dual(layers(forward_ad.make_dual(x, torch.ones_like(x))))


def summed(layers):
    return lambda x: layers(x).sum()


def of_weights(layers, x):
    weights = dict(layers.named_parameters())
    return jvp(lambda given: functional_call(layers, given, x), (weights,), (weights,))


TRANSFORMS = {
    "grad": lambda layers, x: grad(summed(layers))(x),
    "vjp": lambda layers, x: vjp(layers, x)[1](torch.ones_like(x)),
    "jvp": lambda layers, x: jvp(layers, (x,), (torch.ones_like(x),)),
    "jvp of weights": of_weights,
    "linearize": lambda layers, x: linearize(layers, x)[1](torch.ones_like(x)),
    "jacrev": lambda layers, x: jacrev(layers)(x[0]),
    "jacfwd": lambda layers, x: jacfwd(layers)(x[0]),
    "hessian": lambda layers, x: hessian(summed(layers))(x[0]),
    "vmap": lambda layers, x: vmap(layers)(x),
    "dual numbers": dual,
}


LAYERS = {
    "GRU": lambda: Calls(lambda parts, x: parts[0](x)[0], nn.GRU(4, 5)),
    "RNN": lambda: Calls(lambda parts, x: parts[0](x)[0], nn.RNN(4, 5)),
    "LSTM cell": lambda: Calls(lambda parts, x: parts[0](x)[0], nn.LSTMCell(4, 5)),
    "convolution": lambda: nn.Conv1d(2, 3, 3),
    "batch norm": lambda: nn.BatchNorm1d(2),
}


def model_of(name):
    layers = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.LayerNorm(4), nn.Linear(4, 4))
    return Calls(lambda parts, x: TRANSFORMS[name](parts[0], x), layers)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_transform_costs_the_same_again(name, monkeypatch):
    monkeypatch.setattr(meta_kernels, "_known", {})
    first, *others = (trace(model_of(name), (2, 4)) for _ in range(3))
    for again in others:
        assert again.operations == first.operations
        assert again.peak_activation_bytes == first.peak_activation_bytes
    on_data = trace(model_of(name), (2, 4), real=True)
    macs = [sum(operation.macs for operation in run.operations) for run in (first, on_data)]
    assert macs[0] == macs[1] > 0
    assert not first.unknown


NOT_TRAINED = {
    "vjp": "PyTorch has no saved tensors to look at in it",
    "jacrev": "PyTorch has no saved tensors to look at in it",
    "hessian": "PyTorch has no saved tensors to look at in it",
    "grad": "PyTorch has no saved tensors to look at in it",
}
"""Transforms of which a training step is refused, and why."""


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_step_of_a_transform_costs_the_same_again(name, monkeypatch):
    monkeypatch.setattr(meta_kernels, "_known", {})
    if name in NOT_TRAINED:
        with pytest.raises(DseError, match="support saved tensor hooks"):
            trace_step(model_of(name), (2, 4))
        return
    first, again = (trace_step(model_of(name), (2, 4)) for _ in range(2))
    assert (first.saved_bytes, first.peak_bytes) == (again.saved_bytes, again.peak_bytes)
    assert first.operations == again.operations


@pytest.mark.parametrize("name", LAYERS)
def test_any_layer_can_be_within_one(name):
    model = Calls(lambda parts, x: TRANSFORMS["jvp"](parts[0], x), LAYERS[name]())
    shape = (2, 4) if name == "LSTM cell" else (3, 2, 4)
    macs = [
        sum(operation.macs for operation in trace(model, shape, real=real).operations)
        for real in (False, True)
    ]
    assert macs[0] == macs[1]
    assert macs[0] > 0 or name == "batch norm"
