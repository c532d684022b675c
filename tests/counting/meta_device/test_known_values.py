"""Control flow over values that are known is followed without data, and any other on data."""

import warnings

import numpy
import pytest
import torch
from torch import nn
from torch.nn import functional as F

import dse
from dse.counting import NeedsData, trace
from dse.errors import DseError, RanOnData


class Layer(nn.Module):
    """A convolution, after which something is asked of values."""

    def __init__(self, asks):
        super().__init__()
        self.convolution = nn.Conv2d(3, 4, 3, padding=1)
        self.asks = asks
        self.register_buffer("sizes", torch.tensor([1, 3]))
        self.register_buffer("count", torch.tensor(2))
        self.strides = torch.tensor([8.0, 16.0, 32.0])

    def forward(self, x):
        y = self.convolution(x)
        return y, self.asks(self, y)


def on(y):
    return {"device": y.device}


def written(y):
    values = torch.zeros(3, **on(y))
    values[1] = 5
    values[2:] += values[1]
    return values.tolist()


def filled(y):
    values = torch.empty(2, 2, **on(y))
    values.fill_(3)
    return int(values.sum())


def numbers_of_numpy(y):
    return torch.from_numpy(numpy.arange(3)).to(y.device).max().item()


ASKED = {
    "strides of a detector": lambda layer, y: [int(s) for s in torch.tensor([8.0, 16.0], **on(y))],
    "an attribute": lambda layer, y: layer.strides.tolist(),
    "an attribute that is moved": lambda layer, y: layer.strides.to(y.device).numpy().sum(),
    "a buffer": lambda layer, y: [part.sum() for part in y.split(layer.sizes.tolist(), dim=1)],
    "a mask of ones": lambda layer, y: bool(torch.ones(2, 5, **on(y)).all()),
    "a comparison": lambda layer, y: 3 in torch.arange(5, **on(y))[[0, -1]],
    "what was written": lambda layer, y: written(y),
    "what was filled": lambda layer, y: filled(y),
    "a new tensor": lambda layer, y: y.new_tensor([1, 2]).max().item(),
    "an array": lambda layer, y: numbers_of_numpy(y),
    "a product of shapes": lambda layer, y: int(torch.as_tensor([y.shape[-2:]], **on(y)).prod()),
    "a tensor of tensors": lambda layer, y: torch.tensor([layer.strides[0], 1.0]).tolist(),
    "a mask as an index": lambda layer, y: y[:, torch.arange(4, **on(y)) % 2 == 0].exp(),
    "places that are not zero": lambda layer, y: torch.arange(4, **on(y)).nonzero().float(),
    "distinct values": lambda layer, y: torch.unique(torch.ones(3, **on(y))).exp(),
    "how often to repeat": lambda layer, y: torch.ones(2, **on(y)).repeat_interleave(layer.sizes),
    "equality": lambda layer, y: torch.equal(torch.ones(3, **on(y)), torch.ones(3, **on(y))),
    "a running sum": lambda layer, y: torch.ones(2, 5, **on(y)).cumsum(0)[-1].int().tolist(),
    "conjugates": lambda layer, y: torch.tensor([1 + 2j], **on(y)).conj().imag.tolist()[0] + 2,
    "a given place": lambda layer, y: torch.add(layer.strides, 1, out=torch.empty(3)).tolist(),
    "a buffer of one element": lambda layer, y: [y.exp()] * int(layer.count),
    "a number drawn": lambda layer, y: float(torch.rand((), **on(y))) < 2,
    "classes": lambda layer, y: F.one_hot(torch.tensor([0, 2], **on(y))),
    "unknown values moved": lambda layer, y: y.cpu() + y,
    "unknown values in a new tensor": lambda layer, y: torch.tensor([y.sum(), 1.0], **on(y)),
}


class Recurrent(Layer):
    """The same beside an LSTM, whose kernel is that of the CPU unless something needs data."""

    def __init__(self, asks):
        super().__init__(asks)
        self.lstm = nn.LSTM(8, 3)

    def forward(self, x):
        return self.lstm(x[0]), super().forward(x)


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="without oneDNN")
@pytest.mark.parametrize("asks", ASKED.values(), ids=ASKED)
def test_what_is_known_is_known_on_an_imitated_cpu(asks):
    counted = trace(Recurrent(asks), (1, 3, 8, 8))
    assert "aten.mkldnn_rnn_layer" in {operation.name for operation in counted.operations}


@pytest.mark.parametrize("asks", ASKED.values(), ids=ASKED)
def test_what_is_known_needs_no_data(asks):
    model = Layer(asks)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    counted = trace(model, (1, 3, 8, 8))
    assert not counted.is_real
    on_data = trace(model, (1, 3, 8, 8), real=True)
    assert [o.macs for o in counted.operations if o.macs] == [
        o.macs for o in on_data.operations if o.macs
    ]
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name])


class Embeds(nn.Module):
    """Looks for a padding token, as language models do."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10, 4)
        self.linear = nn.Linear(4, 4)

    def forward(self, ids):
        for _ in range(2 if 7 in ids[:, [-1, 0]] else 1):
            embedded = self.linear(self.embedding(ids))
        return embedded


def test_a_tensor_that_is_given_keeps_its_values():
    model = Embeds()
    assert dse.count(model, torch.tensor([[1, 2, 3]])).macs == 3 * 4 * 4
    assert dse.count(model, torch.tensor([[7, 2, 3]])).macs == 2 * 3 * 4 * 4
    assert dse.count(model, dse.Input((1, 3), "int64", values=7)).macs == 2 * 3 * 4 * 4
    # Whole numbers that are not named are zeros, on data and without.
    assert dse.count(model, dse.Input((1, 3), "int64")).macs == 3 * 4 * 4


def draws(layer, y):
    return torch.rand(3, **on(y)).sum().item()


def asks_for_activations(layer, y):
    return y.sum().item()


def asks_for_what_an_unknown_value_went_into(layer, y):
    sums = torch.zeros(3, **on(y))
    sums[1] = y.sum()
    return sums.tolist()


UNKNOWN = (draws, asks_for_activations, asks_for_what_an_unknown_value_went_into)


@pytest.mark.parametrize("asks", UNKNOWN)
def test_what_is_not_known_runs_on_data_by_itself_and_says_so(asks):
    model = Layer(asks)
    with pytest.warns(RanOnData, match="Layer ran on random data; without any, "):
        counted = dse.count(model, (1, 3, 8, 8))
    assert counted.macs == 4 * 27 * 64
    assert counted.train_memory > counted.saved_memory > 0
    assert counted.on_data is not None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert dse.count(model, (1, 3, 8, 8), real=True).macs == counted.macs
    with pytest.raises(NeedsData, match="use real=True"):
        dse.count(model, (1, 3, 8, 8), real=False)


def test_a_model_without_weights_is_given_some(monkeypatch):
    model = Layer(asks_for_activations).to("meta")
    with pytest.warns(RanOnData, match="on random data and random weights"):
        assert dse.count(model, (1, 3, 8, 8)).macs == 4 * 27 * 64
    with pytest.warns(RanOnData, match="ran with random weights"):
        dse.count(model, (1, 3, 8, 8), real=True)
    assert model.convolution.weight.is_meta


def test_it_takes_no_more_memory_than_is_stated(monkeypatch):
    model = Layer(asks_for_activations)
    for most in ("1000", "100"):
        monkeypatch.setenv("DSE_LIMIT_REAL_BYTES", most)
        with pytest.raises(DseError, match=rf"more than {int(most):,} \(DSE_LIMIT_REAL_BYTES\)"):
            dse.count(model, (1, 3, 8, 8))
    assert dse.count(model, (1, 3, 8, 8), real=True).macs == 4 * 27 * 64


def test_a_mistake_stays_one_and_is_told_once():
    with pytest.raises(DseError, match="layer 'convolution'") as raised:
        dse.count(Layer(asks_for_activations), (1, 5, 8, 8))
    assert "real" not in str(raised.value)
    with pytest.raises(DseError, match="real: 'sometimes' is none of"):
        dse.count(Layer(asks_for_activations), (1, 3, 8, 8), real="sometimes")


def under_autocast(layer, y):
    with torch.autocast(y.device.type, torch.bfloat16):
        return layer.convolution(y[:, :3])


def without_autocast(layer, y):
    with torch.autocast(y.device.type, enabled=False):
        return layer.convolution(y[:, :3].float())


def asks_about_autocast(layer, y):
    dtype = torch.get_autocast_dtype(y.device.type)
    return layer.convolution(y[:, :3].to(dtype).float())


def draws_on_its_device(layer, y):
    generator = torch.Generator(device=y.device)
    return torch.rand(3, generator=generator, **on(y))


def writes_to_a_constant(layer, y):
    with torch.autocast(y.device.type, enabled=False):
        layer.sizes += 1
        return y.split(layer.sizes.tolist(), dim=1)[0] if layer.sizes.sum() == 4 else y


def is_at_home_on_a_processor(layer, y):
    if y.device.type not in ("cpu", "cuda"):
        raise ValueError(f"no kernel for {y.device}")
    return y


DEVICES = (
    under_autocast,
    without_autocast,
    asks_about_autocast,
    draws_on_its_device,
    writes_to_a_constant,
    is_at_home_on_a_processor,
)


@pytest.mark.parametrize("asks", DEVICES)
def test_what_a_model_asks_of_its_device_needs_no_data(asks):
    model = Layer(asks)
    counted = dse.count(model, (1, 3, 8, 8), real=False)
    assert counted.macs == dse.count(model, (1, 3, 8, 8), real=True).macs
    assert counted.train_memory == dse.count(model, (1, 3, 8, 8), real=True).train_memory


def checks_data_unless_compiled(layer, y):
    if not torch.compiler.is_compiling():
        assert y.abs().max().item() < 1e9
    return y


def test_a_check_of_data_is_left_out_as_it_is_where_a_model_is_compiled():
    unchecked = dse.count(Layer(lambda layer, y: y), (1, 3, 8, 8))
    counted = dse.count(Layer(checks_data_unless_compiled), (1, 3, 8, 8), real=False)
    assert counted.costs == unchecked.costs
    assert counted.train_memory == unchecked.train_memory
    assert not torch.compiler.is_compiling()
