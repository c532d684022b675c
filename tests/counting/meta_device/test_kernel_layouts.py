"""Oracle: each operator of a training step, run on data and beside it without."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import rnn

from dse.counting import Input, trace, trace_step
from dse.counting.meta_device.recurrent_kernels import workspace_bytes
from tests.counting.layouts import Beside, beside
from tests.counting.memory_models import TORCHVISION

FORMATS = [torch.contiguous_format, torch.channels_last]
NETWORKS = ["mobilenet_v3_small", "swin"]
POINTWISE = ["relu", "relu6", "silu", "gelu", "sigmoid", "tanh", "hardtanh", "hardswish",
             "hardsigmoid", "elu", "leaky_relu", "mish", "softplus", "celu", "selu",
             "logsigmoid"]  # fmt: skip

OF_A_KERNEL = {
    "aten.convolution": "in 3-D, at batch 1 and for small inputs, oneDNN is left out on a CPU, and "
    "what runs in its place lays channels second",
}
"""Operators with a difference that belongs to one kernel of the CPU, and which."""


class Function(nn.Module):
    """A function as a layer."""

    def __init__(self, function):
        super().__init__()
        self.forward = function


@pytest.mark.parametrize("memory_format", FORMATS, ids=str)
@pytest.mark.parametrize("name", NETWORKS)
def test_every_operator_of_a_network_lays_out_alike(name, memory_format):
    build, size = TORCHVISION[name]
    noted = beside(build(), torch.randn(2, 3, size, size).contiguous(memory_format=memory_format))
    assert len(noted.names) > 10
    assert not noted.differing


LAYERS = {
    "convolution": (nn.Conv2d(4, 6, 3), 4),
    "pointwise": (nn.Conv2d(4, 6, 1), 4),
    "depthwise": (nn.Conv2d(4, 4, 3, groups=4), 4),
    "dilated": (nn.Conv2d(4, 6, 3, dilation=2, bias=False), 4),
    "transposed": (nn.ConvTranspose2d(4, 6, 3, stride=2), 4),
    "convolution, channels last": (nn.Conv2d(4, 6, 3).to(memory_format=torch.channels_last), 4),
    "1-D": (nn.Conv1d(4, 6, 3), 3),
    "1-D transposed": (nn.ConvTranspose1d(4, 6, 3), 3),
    "3-D": (nn.Conv3d(4, 6, 3), 5),
    "batch norm": (nn.BatchNorm2d(4), 4),
    "batch norm, 1-D": (nn.BatchNorm1d(4), 3),
    "batch norm, 3-D": (nn.BatchNorm3d(4), 5),
    "batch norm without weights": (nn.BatchNorm2d(4, affine=False), 4),
    "instance norm": (nn.InstanceNorm2d(4), 4),
    "group norm": (nn.GroupNorm(2, 4), 4),
    "group norm, 1-D": (nn.GroupNorm(2, 4), 3),
    "group norm, 3-D": (nn.GroupNorm(2, 4, affine=False), 5),
    "layer norm": (nn.LayerNorm(8), 4),
    "layer norm without weights": (nn.LayerNorm(8, elementwise_affine=False), 4),
    "largest": (nn.MaxPool2d(2), 4),
    "mean": (nn.AvgPool2d(2), 4),
    "adaptive mean": (nn.AdaptiveAvgPool2d(3), 4),
    "upsampled": (nn.Upsample(scale_factor=2), 4),
    "upsampled, bilinear": (nn.Upsample(scale_factor=2, mode="bilinear"), 4),
    "softmax": (nn.Softmax(1), 4),
    "prelu": (nn.PReLU(4), 4),
    "rrelu": (nn.RReLU(), 4),
    "glu": (nn.GLU(1), 4),
    "shuffled": (nn.PixelShuffle(2), 4),
    "channels shuffled": (nn.ChannelShuffle(2), 4),
    "padded": (nn.ReflectionPad2d(1), 4),
    "padded, 3-D": (nn.ReflectionPad3d(1), 5),
    "padded with the edge": (nn.ReplicationPad2d(1), 4),
    "padded with the edge, 3-D": (nn.ReplicationPad3d(1), 5),
    "rolled": (Function(lambda x: x.roll((1, 2), (1, 2))), 4),
    "rolled, flat": (Function(lambda x: x.roll(1)), 4),
    "squared error": (Function(lambda x: F.mse_loss(x, 2 * x, reduction="none")), 4),
    "smooth error": (Function(lambda x: F.smooth_l1_loss(x, 2 * x, reduction="none")), 4),
    "Huber's error": (Function(lambda x: F.huber_loss(x, 2 * x, reduction="none")), 4),
    "approximate gelu": (nn.GELU(approximate="tanh"), 4),
    "frequencies": (Function(lambda x: torch.fft.irfft2(torch.fft.rfft2(x))), 4),
}  # fmt: skip
"""(layer of four channels, axes of its input)"""

ORDERS = ("channels second", "channels last", "batch last", "rows swapped", "half", "expanded")
"""Of the axes of an input in memory; the last two leave room between elements or share them."""


def laid_out(rank, order):
    shape = (2, 4, *(8,) * (rank - 2))
    formats = {4: torch.channels_last, 5: torch.channels_last_3d}
    tensor = torch.randn(shape)
    if order == "channels last" and rank in formats:
        return tensor.contiguous(memory_format=formats[rank])
    if order == "half":
        return torch.cat((tensor, tensor), 1)[:, :4]
    if order == "expanded":
        return tensor[:1].expand(shape)
    swaps = {"channels last": (1, 2), "batch last": (0, 1), "rows swapped": (-1, -2)}
    if order not in swaps:
        return tensor
    return tensor.transpose(*swaps[order]).contiguous().transpose(*swaps[order])


class Arriving(nn.Module):
    """A layer between gradients and inputs of other layouts than its own."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        output = self.layer(x)
        # Their product hands each of the two a gradient of the layout of the other.
        return output * torch.ones(output.shape)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_lays_out_alike(name, order):
    layer, rank = LAYERS[name]
    noted = beside(Arriving(layer), laid_out(rank, order).requires_grad_())
    assert noted.names - {"aten.mul", "aten.ones", "aten.ones_like", "aten.detach"}
    assert not noted.differing


@pytest.mark.parametrize("size", [8, 1])
@pytest.mark.parametrize("name", POINTWISE)
def test_every_activation_lays_out_alike(name, size):
    for order in ORDERS:
        tensor = laid_out(4, order)[..., :size, :size].requires_grad_()
        assert not beside(Arriving(Function(getattr(F, name))), tensor).differing


@pytest.mark.parametrize("name", POINTWISE)
def test_every_activation_of_a_single_position_lays_out_alike(name):
    """Channels of it lie second and last at once: upsampling tells which they are taken for."""
    last = nn.Conv2d(4, 6, 1).to(memory_format=torch.channels_last)
    model = nn.Sequential(last, Function(getattr(F, name)), nn.Upsample(scale_factor=2))
    without, on_data = (trace(model, (2, 4, 1, 1), real=real) for real in (False, True))
    assert without.outputs == on_data.outputs


RECURRENT = {
    "plain": {},
    "bidirectional": {"bidirectional": True},
    "stacked": {"num_layers": 2, "batch_first": True, "dropout": 0.5},
    "without biases": {"bias": False},
}


@pytest.mark.parametrize("options", RECURRENT.values(), ids=RECURRENT)
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_recurrent_layers_take_what_they_do_on_data(kind, options):
    check(kind(5, 7, **options), (4, 3, 5))


def test_projections_of_an_lstm_take_what_they_do_on_data():
    check(nn.LSTM(5, 7, proj_size=3), (4, 3, 5))


class BesideLstm(nn.Module):
    """A function of a sequence beside a layer for which tensors pass for the CPU's."""

    def __init__(self, function):
        super().__init__()
        self.lstm, self.function = nn.LSTM(4, 4), function

    def forward(self, x):
        return self.lstm(x.reshape(-1, 1, 4))[0], self.function(x)


def spectrogram_and_back(x):
    window = torch.hann_window(64).to(x)
    return torch.istft(torch.stft(x, 64, window=window, return_complex=True), 64, window=window)


FOURIER = {
    "of real numbers": torch.fft.rfft,
    "and back": lambda x: torch.fft.irfft(torch.fft.rfft(x)),
    "of complex numbers": torch.fft.fft,
    "and back again": lambda x: torch.fft.ifft2(torch.fft.fft2(x.reshape(1, 16, -1))),
    "short-time": spectrogram_and_back,
}


@pytest.mark.parametrize("function", FOURIER.values(), ids=FOURIER)
def test_transforms_stay_on_the_device_that_tensors_pass_for(function):
    without, on_data = (trace(BesideLstm(function), (1, 512), real=real) for real in (False, True))
    names = [[operation.name for operation in each.operations] for each in (without, on_data)]
    assert names[0] == names[1]
    assert without.outputs == on_data.outputs


class SelfAttention(nn.MultiheadAttention):
    """Attention of a sequence to itself."""

    def forward(self, x):
        return super().forward(x, x, x)


def encoder_layer():
    return nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)


ATTENTION = {
    "attention": lambda: SelfAttention(8, 2, batch_first=True),
    "a layer": encoder_layer,
    "an encoder": lambda: nn.TransformerEncoder(encoder_layer(), 2),
    "a decoder": lambda: nn.Transformer(8, 2, 1, 1, 16, batch_first=True),
}


@pytest.mark.parametrize("name", ATTENTION)
def test_layers_of_attention_take_what_they_do_on_data(name):
    check(ATTENTION[name](), [(2, 5, 8)] * (2 if name == "a decoder" else 1))
    assert torch.backends.mha.get_fastpath_enabled()


class Packed(nn.Module):
    """A recurrent layer over sequences of several lengths."""

    def __init__(self, layer, lengths, **options):
        super().__init__()
        self.layer, self.lengths, self.options = layer, lengths, options

    def forward(self, x):
        first = self.layer.batch_first
        steps = rnn.pack_padded_sequence(x, torch.tensor(self.lengths), first, **self.options)
        output, state = self.layer(steps)
        padded, lengths = rnn.pad_packed_sequence(output, first, total_length=5)
        assert [int(lengths.sum()), int(lengths[-1])] == [sum(self.lengths), self.lengths[-1]]
        return padded, state


@pytest.mark.parametrize("options", RECURRENT.values(), ids=RECURRENT)
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_packed_sequences_take_what_they_do_on_data(kind, options):
    layer = kind(5, 7, **options)
    shape = (3, 4, 5) if layer.batch_first else (4, 3, 5)
    check(Packed(layer, [4, 2, 2]), shape)


def test_packed_sequences_of_any_order_take_what_they_do_on_data():
    check(Packed(nn.LSTM(5, 7), [2, 4, 3], enforce_sorted=False), (4, 3, 5))


def check(model, shape):
    """Compare costs without data with those on data, in inference and in training."""
    without, on_data = (trace(model, shape, real=real) for real in (False, True))
    assert without.peak_activation_bytes == on_data.peak_activation_bytes
    assert [each.name for each in without.operations] == [e.name for e in on_data.operations]
    without, on_data = (trace_step(model, shape, real=real) for real in (False, True))
    assert without.saved_bytes == on_data.saved_bytes > 0
    assert without.peak_bytes == on_data.peak_bytes


class Classes(nn.Module):
    """A layer of classes written as zeros and ones."""

    def __init__(self, classes):
        super().__init__()
        self.classes = classes
        self.layer = nn.Linear(5, 3)

    def forward(self, labels):
        return self.layer(F.one_hot(labels, self.classes).float())


@pytest.mark.parametrize("classes", [5, -1])
def test_classes_as_zeros_and_ones_take_what_they_do_on_data(classes):
    model, labels = Classes(classes), torch.tensor([[0, 4, 2], [1, 1, 3]])
    without, on_data = (trace(model, labels, real=real) for real in (False, True))
    assert without.peak_activation_bytes == on_data.peak_activation_bytes
    without, on_data = (trace_step(model, labels, real=real) for real in (False, True))
    assert (without.saved_bytes, without.peak_bytes) == (on_data.saved_bytes, on_data.peak_bytes)


GIVEN = {
    "expanded": torch.ones(1, 8).expand(4, 8),
    "expanded from the middle": torch.ones(3, 8)[1:2].expand(4, 8),
    "every other": torch.ones(4, 16)[:, ::2],
    "first half": torch.ones(8, 8)[:4],
    "windows": torch.arange(11.0).unfold(0, 8, 1),
    "transposed": torch.ones(8, 4).t(),
    "shape": Input((4, 8), stride=(0, 1)),
    "transposed shape": Input((4, 8), stride=(1, 4)),
    "values": Input((4, 8), values=2.0, stride=(0, 1)),
}


@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
def test_inputs_lie_as_they_were_given(given):
    stride = given.stride() if isinstance(given, torch.Tensor) else given.stride
    model = nn.Sequential(nn.Linear(8, 8), nn.ReLU())
    check(model, given)
    for real in (False, True):
        assert trace(model, given, real=real).inputs[0].stride == stride


class Shifted(nn.Module):
    """A layer of an input to which a buffer is added."""

    def __init__(self, kept):
        super().__init__()
        self.layer = nn.Linear(8, 8, device=kept.device)
        self.register_buffer("kept", kept)

    def forward(self, x):
        return self.layer(x + self.kept)


@pytest.mark.parametrize("device", ["cpu", "meta"])
@pytest.mark.parametrize("given", ["expanded", "every other", "windows"])
def test_buffers_lie_as_those_of_the_model(given, device):
    like = GIVEN[given]
    if device == "meta":
        like = torch.empty_strided(like.shape, like.stride(), device="meta")
    check(Shifted(like), (4, 8))
    for real in (False, True):
        assert trace(Shifted(like), (4, 8), real=real).model.kept.stride() == like.stride()


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="without oneDNN")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize(
    "sizes", [(1, 1, 1, 1), (4, 3, 5, 7), (40, 3, 50, 7), (14, 32, 192, 48), (50, 8, 256, 256)]
)
def test_the_workspace_of_an_lstm_is_that_of_onednn(sizes, dtype):
    if dtype == torch.bfloat16 and not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        pytest.skip("oneDNN has no layers of bfloat16 on this processor")
    steps, batch, inputs, hidden = sizes
    shapes = [(steps, batch, inputs), (4 * hidden, inputs), (4 * hidden, hidden)]
    shapes += [(4 * hidden,)] * 2 + [(1, batch, hidden)] * 2
    tensors = [torch.zeros(shape, dtype=dtype) for shape in shapes]
    made = torch.ops.aten.mkldnn_rnn_layer(
        *tensors, False, [], 2, hidden, 1, True, False, False, True
    )
    assert made[3].nbytes == workspace_bytes(*sizes, dtype.itemsize)


class SharedHeads(nn.Module):
    """Attention in which a head of keys and values serves several of queries."""

    def __init__(self, heads, key_heads, masked):
        super().__init__()
        self.layer = nn.Linear(8, 8)
        self.heads, self.key_heads, self.masked = heads, key_heads, masked

    def forward(self, x):
        x = self.layer(x).unsqueeze(1)
        query = x.expand(-1, self.heads, -1, -1).contiguous()
        key = x.expand(-1, self.key_heads, -1, -1).contiguous()
        mask = torch.zeros(x.shape[2], x.shape[2], device=x.device) if self.masked else None
        return F.scaled_dot_product_attention(query, key, key, mask, enable_gqa=True)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("heads", [(4, 4), (4, 2), (4, 1)])
def test_attention_of_shared_heads_takes_what_it_does_on_data(heads, masked):
    check(SharedHeads(*heads, masked), (2, 5, 8))


def test_what_differs_is_of_one_kernel_of_the_cpu():
    tensor = torch.randn(1, 4, 4, 8, 8).contiguous(memory_format=torch.channels_last_3d)
    with torch.no_grad(), Beside() as noted:
        nn.Conv3d(4, 6, 3)(tensor)
    assert noted.names
    assert set(noted.differing) <= set(OF_A_KERNEL)
