import pickle

import pytest
import torch
from torch import nn
from torchvision import models
from torchvision.models import quantization

import dse
from dse.counting import build_without_weights, register_module, register_operator, unregister
from dse.errors import DseError
from tests.counting.models import MODELS, Calls


@pytest.mark.parametrize("real", [False, True], ids=["meta", "real"])
@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize("name", MODELS)
def test_macs_are_the_same_everywhere(name, training, real):
    model, inputs, macs = MODELS[name]
    counted = dse.count(model.train(training), inputs, real=real, strict=True)
    assert counted.macs == macs
    assert model.training is training


@pytest.mark.parametrize("name", MODELS)
def test_activations_do_not_depend_on_the_kernel(name):
    model, inputs, _ = MODELS[name]
    meta, real = (dse.count(model, inputs, real=real) for real in (False, True))
    assert meta.activations == real.activations
    assert meta.params == real.params


def test_grad_mode_does_not_matter():
    model = MODELS["encoder"][0]
    with torch.inference_mode():
        assert dse.count(model, (2, 5, 16)).macs == MODELS["encoder"][2]


class OnData(nn.Module):
    def __init__(self):
        super().__init__()
        self.small, self.large = nn.Linear(4, 4), nn.Linear(4, 8)

    def forward(self, x):
        return self.large(x) if x.sum() > 0 else self.small(x)


@pytest.mark.parametrize(("value", "macs"), [(1.0, 2 * 32), (-1.0, 2 * 16)])
def test_control_flow_on_data_runs_on_real_tensors(value, macs):
    assert dse.count(OnData(), torch.full((2, 4), value), real=True).macs == macs


def test_the_random_state_and_given_tensors_are_left_alone():
    model = nn.Sequential(nn.ReLU(inplace=True), nn.Linear(4, 4))
    state, given = torch.get_rng_state(), torch.ones(2, 4)
    dse.count(model, (2, 4), real=True)
    dse.count(Calls(lambda _, x: x.add_(1)), given, real=True)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(given, torch.ones(2, 4))


class Interrupted(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(4)

    def forward(self, x):
        self.left = self.norm(x)
        raise KeyboardInterrupt


@pytest.mark.parametrize("real", [False, True])
def test_nothing_is_left_behind_when_the_run_is_interrupted(real):
    model = Interrupted().train()
    before = pickle.dumps(model)
    with pytest.raises(KeyboardInterrupt):
        dse.count(model, (2, 4), real=real)
    assert pickle.dumps(model) == before
    assert not torch.overrides._get_current_function_mode_stack()


def test_hooks_run_and_stay():
    seen = []
    model = nn.Sequential(nn.Linear(4, 4))
    model[0].register_forward_hook(lambda module, inputs, output: seen.append(output.shape))
    dse.count(model, (2, 4))
    assert seen == [(2, 4)]
    assert len(model[0]._forward_hooks) == 1


def test_scripted_models_run_on_data():
    scripted = torch.jit.script(models.resnet18())
    counted = dse.count(scripted, (1, 3, 64, 64), strict=True)
    assert counted.costs.macs == dse.count(models.resnet18(), (1, 3, 64, 64)).macs
    assert counted.params == counted.trainable_params == 11_689_512


WRAPPERS = {
    "data parallel": nn.DataParallel,
    "averaged": torch.optim.swa_utils.AveragedModel,
    "symbolically traced": torch.fx.symbolic_trace,
    "compiled": torch.compile,
    "exported": lambda model: torch.export.export(model, (torch.zeros(1, 3, 64, 64),)).module(),
    "channels last": lambda model: model.to(memory_format=torch.channels_last),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)
def test_a_wrapped_model_costs_what_it_wraps(wrap):
    wrapped = wrap(models.resnet18().eval())
    counted = dse.count(wrapped, (1, 3, 64, 64), strict=True)
    plain = dse.count(models.resnet18(), (1, 3, 64, 64))
    assert (counted.macs, counted.params) == (plain.macs, plain.params)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "shufflenet_v2_x1_0", "resnet50"])
def test_int8_models_of_torchvision(name):
    build = getattr(quantization, name)
    weights = next(w for w in models.get_model_weights(build) if w.name.endswith("V1"))
    model = build_without_weights(lambda: build(weights=None, quantize=True))
    counted = dse.count(model, (1, 3, 224, 224), strict=True)
    assert round(counted.macs / 1e9, 3) == weights.meta["_ops"]


def test_params_of_an_int8_model_are_those_of_its_packed_weights():
    model = build_without_weights(lambda: quantization.resnet18(weights=None, quantize=True))
    # batch norms are folded: of their 9,600 parameters the 4,800 biases remain
    assert dse.count(model, (1, 3, 64, 64)).params == 11_689_512 - 4_800


CLIPS = {"r3d_18": 112, "mc3_18": 112, "r2plus1d_18": 112}
"""Side of the clips of 16 frames that the published operations are for; 224 for the others."""


@pytest.mark.parametrize("name", models.list_models(module=models.video))
def test_video_models_cost_what_torchvision_publishes(name):
    meta = models.get_model_weights(name).DEFAULT.meta
    model = build_without_weights(lambda: models.get_model(name, weights=None))
    side = CLIPS.get(name, 224)
    counted = dse.count(model, (1, 3, 16, side, side), strict=True)
    assert counted.params == meta["num_params"]
    assert round(counted.macs / 1e9, 3) == meta["_ops"]


@pytest.mark.parametrize("name", models.list_models(module=models.segmentation))
def test_segmentation_models_cost_what_torchvision_publishes(name):
    meta = models.get_model_weights(name).DEFAULT.meta
    options = {} if name.startswith("lraspp") else {"aux_loss": True}
    model = build_without_weights(
        lambda: models.get_model(name, weights=None, weights_backbone=None, **options)
    )
    counted = dse.count(model, (1, 3, 520, 520), strict=True)
    assert counted.params == meta["num_params"]
    assert round(counted.macs / 1e9, 3) == meta["_ops"]


FIXED_SIZE = {"ssd300_vgg16": 300, "ssdlite320_mobilenet_v3_large": 320}
"""Detectors that resize every image to one size, which the published operations are for."""


@pytest.mark.parametrize("name", models.list_models(module=models.detection))
def test_detection_models_run_on_data(name):
    meta = models.get_model_weights(name).DEFAULT.meta
    side = FIXED_SIZE.get(name, 160)
    options = {} if name in FIXED_SIZE else {"min_size": side, "max_size": side}
    model = models.get_model(name, weights=None, weights_backbone=None, **options)
    counted = dse.count(model, [[torch.rand(3, side, side)]], real=True, strict=True)
    # The published weights come with the batch norms of the backbone frozen, as buffers.
    norms = [m for m in model.backbone.modules() if isinstance(m, nn.BatchNorm2d)]
    frozen = sum(parameter.numel() for norm in norms for parameter in norm.parameters())
    assert meta["num_params"] in (counted.params, counted.params - frozen)
    if name in FIXED_SIZE:
        assert round(counted.macs / 1e9, 3) == meta["_ops"]


class Fused(nn.Module):
    def forward(self, x):
        return torch.linalg.qr(x).Q


def test_a_user_tells_what_an_operator_costs():
    register_operator("aten::linalg_qr", lambda arguments, output: 1000)
    try:
        assert dse.count(Fused(), (4, 4), strict=True).macs == 1000
    finally:
        unregister("aten::linalg_qr")
    assert dse.count(Fused(), (4, 4)).unknown


def test_what_is_taken_back_is_known_as_before():
    plain = dse.count(nn.Linear(8, 4), (2, 8)).macs
    for name in ("aten::addmm", "aten::convolution"):
        register_operator(name, lambda arguments, output: 5)
        unregister(name)
        with pytest.raises(dse.DseError, match="has no registered cost"):
            unregister(name)
    assert dse.count(nn.Linear(8, 4), (2, 8), strict=True).macs == plain == 2 * 8 * 4


_NONE = object()


class Optional(nn.Module):
    """A model that tells by an object of its own whether it was given something."""

    def __init__(self, more=_NONE):
        super().__init__()
        self.layer, self.more = nn.Linear(8, 8), more

    def forward(self, x):
        first = self.layer(x)
        return first if self.more is _NONE else self.layer(first)


@pytest.mark.parametrize("real", [False, True])
def test_a_complex_model_takes_complex_numbers(real):
    layer = nn.Conv1d(2, 4, 3, dtype=torch.complex64)
    given = dse.count(layer, torch.zeros(1, 2, 8, dtype=torch.complex64), real=real)
    assert dse.count(layer, (1, 2, 8), real=real).costs == given.costs


@pytest.mark.parametrize("real", [False, True])
def test_given_tensors_come_in_the_dtype_that_is_asked_for(real):
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    by_shape = dse.count(model, (1, 3, 8, 8), dtype="bfloat16", real=real)
    given = dse.count(model, torch.randn(1, 3, 8, 8), dtype="bfloat16", real=real)
    assert given.costs == by_shape.costs


@pytest.mark.parametrize("real", [False, True])
def test_labels_of_probabilities_are_such(real):
    model = nn.Sequential(nn.Linear(8, 4), nn.Sigmoid())
    counted = dse.count(model, (2, 8), loss="binary_cross_entropy", real=real)
    assert counted.train_memory > 0


def test_what_a_model_tells_by_identity_stays_that():
    assert dse.count(Optional(), (1, 8)).macs == 64
    assert dse.count(Optional(1), (1, 8)).macs == 128


class Graph(nn.Module):
    def __init__(self):
        super().__init__()
        entries = torch.eye(100).to_sparse_coo().coalesce()
        self.register_buffer("adjacency", entries)
        self.layer = nn.Linear(16, 8)

    def forward(self, x):
        return torch.sparse.mm(self.adjacency, self.layer(x))


def test_a_step_of_a_model_with_a_sparse_buffer():
    counted = dse.count(Graph(), (100, 16))
    assert counted.macs == 100 * 16 * 8 + 100 * 8
    # Values and two indices of each entry, beside the layer's weights.
    assert counted.weight_memory == 100 * (4 + 2 * 8) + 4 * (16 * 8 + 8)
    assert counted.train_memory > counted.weight_memory


def test_a_cost_that_a_count_has_not_is_told_with_where_it_comes_from():
    counted = dse.count(nn.Linear(8, 4), (2, 8))
    for name in ("latency", "sram", "flash", "arena"):
        with pytest.raises(AttributeError, match=f"this count has no {name}: "):
            getattr(counted, name)


def test_a_user_tells_what_a_module_type_costs():
    register_module(nn.LSTM, lambda module, inputs, outputs: module.hidden_size)
    try:
        counted = dse.count(
            nn.Sequential(
                nn.LSTM(8, 16),
            ),
            (4, 3, 8),
        )
    finally:
        unregister(nn.LSTM)
    assert counted.macs == 16
    assert [layer.costs.macs for layer in counted.layers if layer.type == "LSTM"] == [16]


@pytest.mark.parametrize("name", ["mm", "::mm"])
def test_an_operator_needs_a_namespace(name):
    with pytest.raises(DseError, match="has no namespace"):
        register_operator(name, lambda arguments, output: 0)
