import copy
import pickle
import subprocess
import sys
import warnings

import pytest
import torch
from torch import nn
from torchvision.models import mobilenet_v2, resnet18, vit_b_16

import dse
from dse.costs.cost_list import COST_NAMES, TRAINING_COSTS
from dse.errors import DseError

ADDITIVE = sorted({*COST_NAMES} - {"peak_memory"} - TRAINING_COSTS)


def test_resnet18_at_224():
    counted = dse.count(resnet18(), (1, 3, 224, 224))
    assert counted.params == 11_689_512
    assert counted.trainable_params == 11_689_512
    assert counted.macs == 1_814_073_344
    assert counted.flops == 2 * 1_814_073_344
    # 11,689,512 parameters and 9,600 batch-norm statistics of 4 bytes, and 20 counters of 8
    assert counted.weight_memory == (11_689_512 + 9_600) * 4 + 20 * 8


def test_forward_and_backward_size_of_torchsummary_is_twice_the_activation_memory():
    counted = dse.count(resnet18(), (8, 3, 224, 224))
    assert round(2 * counted.activation_memory / 2**20, 2) == 502.34


@pytest.mark.parametrize("build", [resnet18, mobilenet_v2, vit_b_16])
def test_additive_costs_of_the_layers_add_up_to_the_total(build):
    counted = dse.count(build(), (2, 3, 224, 224))
    for name in ADDITIVE:
        assert sum(getattr(layer.costs, name) for layer in counted.layers) == getattr(counted, name)
    peaks = [layer.costs.peak_memory for layer in counted.layers]
    assert max(peaks) == counted.peak_memory


def test_layers_are_named_and_shaped_as_in_the_model():
    counted = dse.count(resnet18(), (8, 3, 224, 224))
    first = counted.layers[0]
    assert (first.name, first.type) == ("conv1", "Conv2d")
    assert first.output_shape == (8, 64, 112, 112)
    assert first.costs.params == 9408
    assert first.costs.macs == 8 * 118_013_952


def test_batch_scales_macs_and_activations_but_not_params():
    one, four = (dse.count(mobilenet_v2(), (n, 3, 96, 96)) for n in (1, 4))
    assert (four.macs, four.activations) == (4 * one.macs, 4 * one.activations)
    assert (four.params, four.weight_memory) == (one.params, one.weight_memory)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(100, 16)
        self.head = nn.Linear(16, 100, bias=False)
        self.head.weight = self.embedding.weight
        self.scale = nn.Parameter(torch.ones(16), requires_grad=False)

    def forward(self, tokens):
        return self.head(self.embedding(tokens) * self.scale)


def test_a_shared_parameter_counts_once_and_a_frozen_one_is_not_trainable():
    counted = dse.count(Tied(), dse.Input((2, 7), torch.int64))
    assert counted.params == 1600 + 16
    assert counted.trainable_params == 1600
    assert counted.macs == 2 * 7 * 16 * 100


class Two(nn.Module):
    def forward(self, left, right, *, transpose=False):
        return left @ (right.mT if transpose else right)


def test_several_inputs_and_keyword_arguments():
    assert dse.count(Two(), [(5, 2, 3), (5, 3, 4)]).macs == 5 * 2 * 3 * 4
    counted = dse.count(Two(), [(5, 2, 3), (5, 4, 3)], {"transpose": True})
    assert counted.macs == 5 * 2 * 3 * 4
    assert counted.activations == 0, "a product of two activations is no layer"


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(6, 8), (2, 3, 8), (2, 3, 5, 8)])
def test_linear_layers_of_any_rank(bias, shape):
    counted = dse.count(nn.Linear(8, 4, bias=bias), shape)
    rows = torch.Size(shape[:-1]).numel()
    assert (counted.macs, counted.activations) == (rows * 8 * 4, rows * 4)


def test_transposed_and_grouped_convolutions():
    up = nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2)
    assert dse.count(up, (1, 4, 5, 5)).macs == (4 * 5 * 5) * (6 // 2) * 9
    grouped = nn.Conv1d(4, 6, 3, groups=2, padding="same")
    assert dse.count(grouped, (2, 4, 10)).macs == (2 * 6 * 10) * (4 // 2) * 3


def test_a_recurrent_network_multiplies_each_gate_at_each_step():
    steps, batch, inputs, hidden = 5, 3, 8, 16
    lstm = nn.LSTM(inputs, hidden, bidirectional=True)
    gates = 4 * hidden * (inputs + hidden)
    assert dse.count(lstm, (steps, batch, inputs)).macs == 2 * steps * batch * gates


class ByForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 4)

    def forward(self, x):
        return self.inner.forward(x)


def test_a_child_called_through_forward_is_a_layer():
    (layer,) = dse.count(ByForward(), (2, 3)).layers
    assert (layer.name, layer.costs.macs) == ("inner", 24)


def test_peak_memory_of_resnet18_at_batch_8_is_98_mib():
    # weights, the input image, the first convolution and its batch norm, all alive at once
    counted = dse.count(resnet18(), (8, 3, 224, 224))
    image, maps = 8 * 3 * 224 * 224 * 4, 8 * 64 * 112 * 112 * 4
    assert counted.peak_memory == counted.weight_memory + image + 2 * maps
    assert round(counted.peak_memory / 2**20) == 98


def test_views_and_in_place_operators_take_no_memory():
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(inplace=True), nn.Flatten(), nn.Identity())
    counted = dse.count(model, (10, 4))
    assert counted.peak_memory - counted.weight_memory == 2 * 10 * 4 * 4


def test_a_function_of_integers_gives_the_type_that_it_gives_on_data():
    shape = dse.Input((2, 3), torch.int64)
    meta, real = (dse.counting.trace(nn.Sigmoid(), shape, real=real) for real in (False, True))
    assert meta.outputs == real.outputs
    assert meta.outputs.dtype == "float32"


def test_an_input_has_a_dtype_by_name_and_the_values_that_it_is_given():
    given = dse.Input([2, 3], "int64", values=3)
    assert (given.shape, given.dtype) == ((2, 3), torch.int64)
    counted = dse.count(nn.Embedding(4, 2), given)
    assert counted.costs == dse.count(nn.Embedding(4, 2), given, real=True).costs
    seen = []
    embedding = nn.Embedding(4, 2)
    embedding.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].tolist()))
    dse.count(embedding, given, real=True)
    assert seen[0] == [[3, 3, 3], [3, 3, 3]]
    with pytest.raises(DseError, match="unknown dtype 'int46'; did you mean 'int"):
        dse.Input((2,), "int46")


def snapshot(model):
    return {
        "state": {name: value.clone() for name, value in model.state_dict().items()},
        "modes": [module.training for module in model.modules()],
        "attributes": [sorted(vars(module)) for module in model.modules()],
        "hooks": [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules()],
        "identities": [id(parameter) for parameter in model.parameters()],
    }


class Remembers(nn.Module):
    """Leaves an attribute behind, and may fail afterwards."""

    def __init__(self, fails):
        super().__init__()
        self.inner = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout())
        self.seen = []
        self.fails = fails

    def forward(self, x):
        self.last = self.inner(x)
        self.seen.append(x)
        if self.fails:
            raise ValueError("on purpose")
        return self.last


@pytest.mark.parametrize("fails", [False, True])
def test_the_model_is_left_as_it_was(fails):
    model = Remembers(fails).train()
    model.inner[1].eval()
    before, random_state = snapshot(model), torch.get_rng_state()
    if fails:
        with pytest.raises(DseError, match="on purpose"):
            dse.count(model, (2, 3, 8, 8))
    else:
        dse.count(model, (2, 3, 8, 8))
    after = snapshot(model)
    for key in ("modes", "attributes", "hooks", "identities"):
        assert after[key] == before[key]
    assert all(torch.equal(after["state"][name], value) for name, value in before["state"].items())
    assert model.seen == []
    assert torch.equal(torch.get_rng_state(), random_state)
    pickle.dumps(model)
    copy.deepcopy(model)


def test_a_shape_that_does_not_fit_names_the_layer():
    with pytest.raises(DseError, match=r"layer 'conv1' \(Conv2d\) fails on input \(1, 4, 32, 32\)"):
        dse.count(resnet18(), (1, 4, 32, 32))


class DataDependent(nn.Module):
    def forward(self, x):
        return x * 2 if x.sum() > 0 else x


def test_control_flow_on_data_is_an_error_that_says_so():
    with pytest.raises(DseError, match="control flow that depends on data"):
        dse.count(DataDependent(), (2, 3), real=False)


class Unknown(nn.Module):
    def forward(self, x):
        return torch.linalg.qr(x).Q


def test_an_operator_of_unknown_cost_is_reported():
    with pytest.warns(dse.UnknownCostWarning, match=r"aten\.linalg_qr is of unknown cost"):
        assert dse.count(Unknown(), (4, 4)).unknown == {"aten.linalg_qr": 1}


def test_each_operator_of_unknown_cost_is_warned_of_once():
    class Two(nn.Module):
        def forward(self, x):
            for _ in range(3):
                x = torch.linalg.qr(x).R
            return torch.linalg.svdvals(x)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(2):
            dse.count(Two(), (4, 4))
    told = [w for w in caught if issubclass(w.category, dse.UnknownCostWarning)]
    assert len(told) == 2
    assert {w.filename for w in told} == {__file__}
    assert issubclass(dse.UnknownCostWarning, UserWarning)
    with pytest.raises(DseError, match="linalg_qr"):
        dse.count(Unknown(), (4, 4), strict=True)


def test_attributes_of_a_count_are_checked():
    with pytest.raises(AttributeError, match="did you mean 'macs'"):
        _ = dse.count(nn.Linear(1, 1), (1, 1)).mac


COUNT_VGG19 = """
import resource
import torch, torchvision, dse.cli.counted.counted_models, dse.counting
dse.counting.count(torch.nn.Linear(2, 2), (1, 2))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
models = dse.cli.counted.counted_models
model = models.build_model(models.load_target("torchvision.models.vgg19"), {})
counted = dse.counting.count(model, (1, 3, 224, 224))
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(counted.weight_memory, (after - before) * 1024)
"""


def test_costing_vgg19_takes_no_memory_for_its_weights():
    printed = subprocess.run(
        [sys.executable, "-c", COUNT_VGG19], capture_output=True, text=True, check=True
    ).stdout
    weights, growth = map(int, printed.split())
    assert weights == 143_667_240 * 4
    assert growth < weights // 10
