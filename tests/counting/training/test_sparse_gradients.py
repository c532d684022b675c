"""A training step of `nn.Embedding(sparse=True)` is as on data, or says what it lacks."""

import pytest
import torch
from torch import nn

from dse.counting import NeedsData, trace_step
from dse.errors import DseError

WORDS = torch.tensor([[1, 5, 2], [5, 5, 0]])


class Tower(nn.Module):
    """A sparse table under a layer, and one of its own."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(10, 8, sparse=True)
        self.linear = nn.Linear(8, 4)

    def forward(self, words):
        return self.linear(self.words(words))


class Recurrent(Tower):
    """The same under an LSTM, which runs on tensors that pass for the CPU's."""

    def __init__(self):
        super().__init__()
        self.linear = nn.LSTM(8, 4)


MODELS = {
    "embedding": lambda: nn.Embedding(10, 8, sparse=True),
    "tower": Tower,
    "recurrent": Recurrent,
}


@pytest.mark.parametrize("name", MODELS)
def test_it_keeps_the_rows_that_are_looked_up(name):
    predicted, real = (
        trace_step(MODELS[name](), WORDS, optimizer="sgd", real=real) for real in (False, True)
    )
    assert predicted.peak_bytes == real.peak_bytes
    assert predicted.saved_bytes == real.saved_bytes


DEPENDING = {
    "bag of sums": (lambda: nn.EmbeddingBag(10, 8, sparse=True, mode="sum"), "sgd"),
    "bag of means": (lambda: nn.EmbeddingBag(10, 8, sparse=True, mode="mean"), "sgd"),
    **{f"momentum of {name}": (make, "sgd-momentum") for name, make in MODELS.items()},
}


@pytest.mark.parametrize("name", DEPENDING)
def test_what_only_data_tells_is_told_on_data(name):
    make, optimizer = DEPENDING[name]
    model = make()
    found, real = (
        trace_step(model, WORDS, optimizer=optimizer, real=real) for real in ("auto", True)
    )
    assert (found.peak_bytes, found.state_bytes) == (real.peak_bytes, real.state_bytes)
    with pytest.raises(NeedsData, match="real=True"):
        trace_step(model, WORDS, optimizer=optimizer, real=False)


@pytest.mark.parametrize("real", [False, "auto", True])
@pytest.mark.parametrize("name", MODELS)
def test_an_optimizer_that_takes_none_says_so(name, real):
    with pytest.raises(DseError, match=r"^adamw takes no sparse gradients") as raised:
        trace_step(MODELS[name](), WORDS, optimizer="adamw", real=real)
    assert not isinstance(raised.value, NeedsData)


def test_a_state_that_comes_to_lie_elsewhere_is_not_taken_for_another_tensor():
    make, optimizer = DEPENDING["momentum of embedding"]
    steps = [trace_step(make(), WORDS, optimizer=optimizer, real=True) for _ in range(40)]
    assert len({step.peak_bytes for step in steps}) == 1
