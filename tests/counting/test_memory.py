"""Oracles: the storages of a real run, saved-tensor hooks, MemTracker, and the CPU allocator."""

import subprocess
import sys

import pytest
import torch
from torch import nn
from torch.distributed._tools.mem_tracker import MemTracker
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

import dse
from dse.costs.cost_conditions import DTYPES, OPTIMIZERS
from dse.counting import trace, trace_step
from dse.counting.profiling.allocator import run_on_allocator
from dse.counting.training.optimizers import make_optimizer
from dse.errors import DseError
from tests.counting.first_counts import WAYS
from tests.counting.memory_models import OTHERS, TORCHVISION

SMALL = {name: (build, (2, 3, size, size)) for name, (build, size) in TORCHVISION.items()} | OTHERS


def step_figures(step):
    return step.saved_bytes, step.state_bytes, step.peak_bytes


@pytest.mark.parametrize("batch", [1, 8])
@pytest.mark.parametrize("name", TORCHVISION)
def test_peaks_equal_those_of_a_real_run(name, batch):
    build, size = TORCHVISION[name]
    model, shape = build(), (batch, 3, size, size)
    predicted, real = trace(model, shape), trace(model, shape, real=True)
    assert predicted.peak_activation_bytes == real.peak_activation_bytes
    if batch > 1:  # Batch normalisation refuses to train on single values.
        options = {"optimizer": OPTIMIZERS[list(TORCHVISION).index(name) % len(OPTIMIZERS)]}
        predicted, real = (trace_step(model, shape, real=real, **options) for real in (False, True))
        assert step_figures(predicted) == step_figures(real)


@pytest.mark.parametrize("name", OTHERS)
def test_they_do_for_models_of_other_kinds(name):
    build, shape = OTHERS[name]
    model = build()
    assert step_figures(trace_step(model, shape)) == step_figures(
        trace_step(model, shape, real=True)
    )


@pytest.mark.parametrize("options", [{"mixed": True}, {"dtype": torch.bfloat16}], ids=str)
@pytest.mark.parametrize(
    "name", ["resnet18", "mobilenet_v3_small", "vit", "swin", "checkpointed", "group norm"]
)
def test_they_do_in_other_precisions(name, options):
    build, shape = SMALL[name]
    model = build()
    predicted, real = (trace_step(model, shape, real=real, **options) for real in (False, True))
    assert step_figures(predicted) == step_figures(real)


def test_autocast_inside_a_model_is_seen():
    class Casting(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(8, 8)

        def forward(self, x):
            with torch.autocast("cpu", torch.bfloat16):
                return self.layer(x)

    model = Casting()
    assert trace(model, (4, 8)).outputs.dtype == "bfloat16"
    step = trace_step(model, (4, 8))
    assert step_figures(step) == step_figures(trace_step(model, (4, 8), real=True))
    # The loss makes a gradient of half the size, and the input is saved as a copy of half its size.
    assert step.saved_bytes == trace_step(nn.Linear(8, 8), (4, 8)).saved_bytes // 2


@pytest.mark.parametrize("name", TORCHVISION)
def test_saved_memory_is_what_hooks_see(name):
    build, size = TORCHVISION[name]
    model, inputs = build().train(), torch.randn(2, 3, size, size)
    weights = {t.untyped_storage().data_ptr() for t in (*model.parameters(), *model.buffers())}
    saved = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = model(inputs)
    counted = dse.count(model, inputs.shape)
    assert counted.saved_memory == sum(saved.values())
    del output


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "densenet121", "swin", "maxvit"])
def test_peaks_equal_those_of_memtracker(name):
    build, size = TORCHVISION[name]
    model, inputs = build().eval(), torch.randn(4, 3, size, size)
    counted = dse.count(model, inputs.shape)
    tracker = MemTracker()
    tracker.track_external(model, inputs)
    with tracker, torch.no_grad():
        model(inputs)
    assert peak(tracker) == counted.peak_memory

    model.train()
    optimizer = torch.optim.SGD(model.parameters(), momentum=0.9, foreach=False)
    model(inputs).sum().backward()
    optimizer.step()
    optimizer.zero_grad()
    tracker = MemTracker()
    tracker.track_external(model, optimizer, inputs)
    with tracker:
        output = model(inputs)
        output.backward(torch.ones_like(output))
        optimizer.step()
    # The call of `backward` holds the gradient of the output, which a loss would let go.
    assert peak(tracker) in (counted.train_memory, counted.train_memory + output.nbytes)


def peak(tracker):
    return tracker.get_tracker_snapshot("peak")[torch.device("cpu")]["Total"]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    "name", ["squeezenet1_1", "resnet18", "mobilenet_v2", "densenet121", "vit"]
)
def test_with_workspace_the_allocator_hands_out_what_was_predicted(name, training):
    build, size = TORCHVISION[name]
    model, shape = build(), (4, 3, size, size)
    counted = dse.count(model, shape)
    predicted = counted.train_memory if training else counted.peak_memory
    run = run_on_allocator(model, shape, training)
    assert run.tensor_bytes == predicted
    # Beside tensors and workspace there is the state of the random generator, of 5,056 bytes.
    assert 0 <= run.allocator_bytes - run.bytes_with_workspace <= 6_000


@pytest.mark.parametrize("training", [False, True])
def test_workspace_is_of_the_kernels_and_tensors_are_of_the_network(training):
    build, size = TORCHVISION["mobilenet_v2"]
    model, runs = build(), []
    for enabled in (True, False):
        with torch.backends.mkldnn.flags(enabled=enabled):
            runs.append(run_on_allocator(model, (4, 3, size, size), training))
    with_onednn, without = runs
    assert with_onednn.tensor_bytes == without.tensor_bytes
    assert [each.name for each in with_onednn.operations] == [e.name for e in without.operations]
    if torch.backends.mkldnn.is_available():
        assert with_onednn.workspaces != without.workspaces


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_holds_the_state_that_a_real_one_does(name):
    model = nn.Sequential(nn.Linear(5, 7), nn.Linear(7, 3))
    optimizer = make_optimizer(name, list(model.parameters()))
    for _ in range(2):
        optimizer.zero_grad()
        model(torch.randn(4, 5)).sum().backward()
        optimizer.step()
    state = [value for each in optimizer.state.values() for value in each.values()]
    real = sum(value.nbytes for value in state if isinstance(value, torch.Tensor))
    assert trace_step(model, (4, 5), optimizer=name).state_bytes == real
    parameters = sum(parameter.nbytes for parameter in model.parameters())
    assert real // parameters == {"sgd": 0, "sgd-momentum": 1, "adamw": 2}[name]


def test_frozen_parameters_have_neither_gradients_nor_state():
    model = nn.Sequential(nn.Linear(100, 100), nn.Linear(100, 10))
    whole = trace_step(model, (1, 100))
    model[0].requires_grad_(False)
    head = trace_step(model, (1, 100))
    assert whole.state_bytes - head.state_bytes == 4 * (100 * 100 + 100)
    assert whole.peak_bytes - head.peak_bytes > whole.state_bytes - head.state_bytes


def test_the_model_is_left_as_it_was():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    trace_step(model, (2, 3, 8, 8), real=True)
    assert not model.training
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


def test_bytes_of_a_smaller_dtype_are_fewer():
    model = nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.ReLU())
    counts = {dtype: dse.count(model, (1, 3, 8, 8), dtype=dtype) for dtype in DTYPES}
    sizes = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2, "int8": 1, "int4": 0.5}
    for dtype, size in sizes.items():
        for cost in ("weight_memory", "activation_memory", "peak_memory", "memory_read"):
            assert getattr(counts[dtype], cost) == getattr(counts["int8"], cost) * size


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        (nn.Linear(4, 4), {"dtype": "float23"}, "dtype: unknown 'float23'; did you mean 'float32'"),
        (nn.Linear(4, 4), {"optimizer": "adam"}, "optimizer: unknown 'adam'; did you mean 'adamw'"),
        (nn.Linear(4, 4), {"precision": "half"}, "precision: unknown 'half'; valid: full, mixed"),
        (nn.Linear(4, 4), {"dtype": "bfloat16", "precision": "mixed"}, "weights of float32, not"),
        (nn.Linear(4, 4), {"dtype": "int8"}, "a network of int8 cannot be trained"),
        (nn.ReLU(), {}, "ReLU cannot be trained: its output depends on no parameter that requires"),
        (nn.BatchNorm1d(4), {}, "Expected more than 1 value per channel when training"),
        (nn.BatchNorm1d(4), {}, "BatchNorm1d cannot be trained at batch 1: "),
        (nn.BatchNorm1d(4), {}, "; it can be at batch 2"),
    ],
)
def test_what_cannot_be_trained_says_why_in_a_line(model, options, message):
    with pytest.raises(DseError) as error:
        dse.count(model, (1, 4), **options).train_memory  # noqa: B018
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_batch_that_is_said_to_work_does():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.BatchNorm2d(4))
    with pytest.raises(DseError, match=r"at batch 1: .*; it can be at batch 2"):
        trace_step(model, (1, 3, 8, 8))
    assert trace_step(model, (2, 3, 8, 8)).saved_bytes > 0


class Attention(nn.Module):
    """Self-attention of four heads over ten tokens."""

    def __init__(self):
        super().__init__()
        self.projection = nn.Linear(32, 96)

    def forward(self, x):
        query, key, value = self.projection(x).reshape(2, 10, 3, 4, 8).permute(2, 0, 3, 1, 4)
        return F.scaled_dot_product_attention(query, key, value)


ON_A_CPU = {"cpu": SDPBackend.FLASH_ATTENTION, "math": SDPBackend.MATH}


@pytest.mark.parametrize(("kernels", "backend"), ON_A_CPU.items())
def test_kernels_of_attention_are_those_that_pytorch_is_told_to_use(kernels, backend):
    predicted = dse.count(Attention(), (2, 10, 32), kernels=kernels)
    with sdpa_kernel(backend):
        real = dse.count(Attention(), (2, 10, 32), real=True)
        figures = (real.costs, real.saved_memory, real.train_memory)
    assert (predicted.costs, predicted.saved_memory, predicted.train_memory) == figures


def test_what_a_process_counts_first_takes_what_it_does_later():
    command = [sys.executable, "-m", "tests.counting.first_counts"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [line.split(",") for line in printed.splitlines()]
    assert [name for name, *_ in rows] == list(WAYS)
    for name, first, second in rows:
        assert first == second, name
