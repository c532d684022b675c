"""A training step from a loss: what it saves and its peak are those of a module that holds it."""

import json

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import dse as library
from dse.counting.training.losses import LOSSES
from dse.errors import DseError
from tests.cli.command import dse, refused


class Logits(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1000))

    def forward(self, x):
        return (x * self.scale).sigmoid()


class WithLoss(Logits):
    """The same with a loss within, which holds its output as a training loop does."""

    def __init__(self, loss):
        super().__init__()
        self.loss = loss

    def forward(self, x, labels):
        self.held = super().forward(x)
        return self.loss(self.held, labels)


def labels_of(name):
    is_of_classes = name in ("cross_entropy", "nll_loss")
    return library.Input((8,), "int64") if is_of_classes else library.Input((8, 1000))


@pytest.mark.parametrize("precision", ["full", "mixed"])
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_costs_what_a_module_with_it_does(name, precision):
    if name == "binary_cross_entropy" and precision == "mixed":
        pytest.skip("PyTorch refuses it under autocast")
    by_hand = library.count(
        WithLoss(getattr(F, name)), [(8, 1000), labels_of(name)], precision=precision
    )
    for labels in (None, labels_of(name)):
        counted = library.count(Logits(), (8, 1000), loss=name, labels=labels, precision=precision)
        assert counted.loss == name
        assert counted.train_memory == by_hand.train_memory
        assert counted.saved_memory == by_hand.saved_memory


def test_meta_and_data_agree_on_a_loss():
    on_meta, on_data = (
        library.count(Logits(), (8, 1000), loss="cross_entropy", real=real)
        for real in (False, True)
    )
    without = library.count(Logits(), (8, 1000))
    assert on_meta.saved_memory == on_data.saved_memory
    assert on_meta.train_memory == on_data.train_memory
    # log_softmax keeps its result of 8 × 1000 numbers, and the labels.
    assert on_meta.saved_memory - without.saved_memory >= 8 * 1000 * 4 + 8 * 8
    assert without.loss is None


class Returns(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.inner, self.shape = WithLoss(F.cross_entropy), shape

    def forward(self, x, labels):
        loss = self.inner(x, labels)
        return {"dict": {"loss": loss, "logits": self.inner.held}, "tensor": loss,
                "tuple": (loss, self.inner.held)}[self.shape]  # fmt: skip


@pytest.mark.parametrize("shape", ["dict", "tensor", "tuple"])
def test_a_forward_that_returns_its_loss(shape):
    inputs = {"x": (8, 1000), "labels": labels_of("cross_entropy")}
    own = library.count(Returns(shape), inputs, loss="model")
    assert own.loss == "model"
    by_name = library.count(Logits(), (8, 1000), loss="cross_entropy")
    assert own.train_memory == by_name.train_memory
    assert own.saved_memory == by_name.saved_memory


def test_a_function_and_a_module_are_losses_too():
    by_name = library.count(Logits(), (8, 1000), loss="cross_entropy").train_memory
    for loss in (F.cross_entropy, nn.CrossEntropyLoss()):
        labels = labels_of("cross_entropy")
        counted = library.count(Logits(), (8, 1000), loss=loss, labels=labels)
        assert counted.train_memory == by_name


REFUSED = {
    "did you mean 'cross_entropy'?": {"loss": "cross_entropi"},
    "needs labels": {"loss": lambda output, labels: output.sum()},
    "there is no loss": {"labels": (8,)},
    "the loss of the model takes them as inputs": {"loss": "model", "labels": (8,)},
    "loss model: expected a tensor of one element, not shape (8, 1000)": {"loss": "model"},
}


@pytest.mark.parametrize("message", REFUSED)
def test_losses_that_are_refused(message):
    with pytest.raises(DseError) as caught:
        _ = library.count(Logits(), (8, 1000), **REFUSED[message]).train_memory
    assert message in str(caught.value)


NET = """
import torch
class Net(torch.nn.Linear):
    def __init__(self):
        super().__init__(4, 10)
class Own(Net):
    def forward(self, x, labels=None):
        return {"loss": torch.nn.functional.cross_entropy(super().forward(x), labels)}
def own_loss(output, labels):
    return torch.nn.functional.cross_entropy(output, labels)
"""


def test_losses_on_the_command_line(tmp_path):
    (tmp_path / "net.py").write_text(NET)

    def of(*words, model="net.py:Net"):
        words = ("count", model, "--input", "4", "--batch", "8", *words, "--format", "json")
        content = json.loads(dse(tmp_path, *words).stdout)
        return content["loss"], content["totals"]["train_memory"]

    name, bytes_with_loss = of("--loss", "cross_entropy")
    assert name == "cross_entropy"
    assert of("--loss", "cross_entropy", "--label", ":int64") == (name, bytes_with_loss)
    labels = ("--label", ":int64")
    assert of("--loss", "net.py:own_loss", *labels) == ("own_loss", bytes_with_loss)
    assert of("--loss", "torch.nn.functional:cross_entropy", *labels) == (name, bytes_with_loss)
    assert of("--loss", "torch.nn.CrossEntropyLoss", *labels) == (
        "CrossEntropyLoss",
        bytes_with_loss,
    )
    assert of("--loss", "model", "--input", "labels=:int64", model="net.py:Own")[0] == "model"
    assert of()[0] is None
    words = ("count", "net.py:Net", "--input", "4")
    assert ", without a loss" in dse(tmp_path, *words).stdout
    assert ", with the loss mse_loss" in dse(tmp_path, *words, "--loss", "mse").stdout
    printed = dse(tmp_path, *words, "--loss", "mse", "--training", "--real").stdout
    assert "net.py:Net on 1×4, loss mse_loss: " in printed
    assert "did you mean 'mse_loss'?" in refused(tmp_path, *words, "--loss", "mse_los")
    assert "no loss" in refused(tmp_path, *words, "--label", ":int64")
    wrong = refused(tmp_path, *words, "--loss", "mse", "--label", "7:int64")
    assert "loss mse_loss fails on the output: " in wrong
