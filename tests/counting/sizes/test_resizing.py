"""A run at another size is what a trace of it is, or is traced."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torchvision.models import squeezenet
from torchvision.ops import Conv2dNormActivation, SqueezeExcitation

from dse.costs.cost_conditions import Conditions
from dse.counting import (
    Input,
    SizedRuns,
    block_step_under,
    contiguous_strides,
    register_module,
    total_costs,
    trace_under,
    unregister,
)
from dse.counting.sizes.resizing import SizedRun
from dse.errors import DseError

CONDITIONS = Conditions(batch=2, optimizer="adamw")


class Residual(nn.Module):
    """Adds what its layers make to its input."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        out = self.layers(x)
        out += x
        return out


class Function(nn.Module):
    """A function of a tensor as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


LAYERS = {
    "convolution": lambda: Conv2dNormActivation(6, 8, 3, stride=2, activation_layer=nn.Hardswish),
    "residual": lambda: Residual(Conv2dNormActivation(6, 6, 3, activation_layer=nn.ReLU6)),
    "squeeze and excite": lambda: nn.Sequential(nn.Conv2d(6, 6, 1), SqueezeExcitation(6, 2)),
    "of SiLU": lambda: Conv2dNormActivation(6, 6, 5, groups=3, activation_layer=nn.SiLU),
    "concatenating": lambda: squeezenet.Fire(6, 3, 4, 5),
    "maximum": lambda: nn.Sequential(nn.Conv2d(6, 6, 1), nn.MaxPool2d(3, 2, ceil_mode=True)),
    "average": lambda: nn.Sequential(nn.Conv2d(6, 6, 1), nn.AvgPool2d(3, 2, 1)),
    "pooled": lambda: nn.Sequential(nn.Conv2d(6, 6, 1), nn.AdaptiveAvgPool2d(1)),
    "without weights": lambda: nn.ReLU(),
}
TRACED = {
    "size": lambda x: F.relu(x[..., : x.shape[-1] // 2]),
    "branch on a size": lambda x: F.relu(x) if x.size(2) > 10 else F.silu(x),
    "length": lambda x: x * len(x),
    "elements": lambda x: x / x.numel(),
    "stride": lambda x: x + x.stride(0),
    "view": lambda x: x.view(2, -1),
    "flattened": lambda x: x.flatten(1),
    "pooled to a size": lambda x: F.adaptive_avg_pool2d(x, 4),
    "interpolated": lambda x: F.interpolate(x, scale_factor=2.0),
    "padded": lambda x: F.pad(x, (0, x.shape[3] % 4)),
    "unfolded": lambda x: F.unfold(x, 2),
    "softmax": lambda x: x.softmax(-1),
    "mean of all": lambda x: x * x.mean(),
}
SIZES = ((12, 12), (16, 9), (13, 40), (2, 2), (12, 1), (1, 1), (224, 224))


@pytest.fixture
def at_sizes(monkeypatch):
    """Returns the numbers of runs that followed from an earlier one, and that did not."""
    found = []
    at = SizedRun.at

    def noted(self, given):
        found.append(at(self, given))
        return found[-1]

    monkeypatch.setattr(SizedRun, "at", noted)
    return found


def given(size, layout="contiguous"):
    shape = (2, 6, *size)
    stride = contiguous_strides(shape)
    if layout == "channels last":
        stride = torch.empty(shape).to(memory_format=torch.channels_last).stride()
    return Input(shape, "float32", stride=stride)


def told(run):
    """All of a run but its modules."""
    calls = [(c.name, c.parent, c.inputs, c.outputs) for c in run.calls]
    fields = [f for f in type(run).__slots__ if f not in ("model", "calls")]
    return [calls, *(getattr(run, field) for field in fields)]


def outcome(run):
    try:
        return told(run())
    except DseError as error:
        return str(error)


@pytest.mark.parametrize("layout", ["contiguous", "channels last"])
@pytest.mark.parametrize("needs_gradient", [(True,), (False,)], ids=["inner", "first"])
@pytest.mark.parametrize("name", LAYERS)
def test_a_run_follows_from_one_at_another_size(name, needs_gradient, layout, at_sizes):
    model = LAYERS[name]()
    runs = SizedRuns(model)
    for size in SIZES:
        entering = given(size, layout)
        assert outcome(lambda e=entering: runs.trace(e, CONDITIONS)) == outcome(
            lambda e=entering: trace_under(model, [e], CONDITIONS)
        )
        assert outcome(lambda e=entering: runs.step(e, CONDITIONS, needs_gradient)) == outcome(
            lambda e=entering: block_step_under(model, (e,), CONDITIONS, needs_gradient, None)
        )
    if layout == "contiguous":
        assert sum(each is not None for each in at_sizes) >= 4


def test_a_rule_that_a_user_tells_holds_at_every_size():
    runs = SizedRuns(LAYERS["convolution"]())
    plain = [runs.trace(given(size), CONDITIONS) for size in ((12, 12), (16, 16))]
    register_module(nn.Conv2d, lambda module, inputs, outputs: 7)
    try:
        told = [runs.trace(given(size), CONDITIONS) for size in ((12, 12), (16, 16))]
    finally:
        unregister(nn.Conv2d)
    assert [total_costs(each).macs for each in told] == [7, 7]
    again = [runs.trace(given(size), CONDITIONS) for size in ((12, 12), (16, 16))]
    assert [*map(total_costs, again)] == [*map(total_costs, plain)]


@pytest.mark.parametrize("name", TRACED)
def test_what_looks_at_a_size_is_traced_at_each(name, at_sizes):
    model = nn.Sequential(nn.Conv2d(6, 6, 3, padding=1), Function(TRACED[name]))
    runs = SizedRuns(model)
    for size in ((12, 12), (16, 9), (8, 40)):
        entering = given(size)
        assert told(runs.trace(entering, CONDITIONS)) == told(
            trace_under(model, [entering], CONDITIONS)
        )
        assert told(runs.step(entering, CONDITIONS, (True,))) == told(
            block_step_under(model, (entering,), CONDITIONS, (True,), None)
        )
    assert not any(at_sizes)
