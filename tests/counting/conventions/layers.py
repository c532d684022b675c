"""Layers that torchvision's classification models lack, each with the shapes of its inputs."""

import torch
from torch import nn
from torch.nn import functional as F


class Calls(nn.Module):
    """A model whose forward is a function."""

    def __init__(self, function, **layers):
        super().__init__()
        self.function = function
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, *inputs):
        return self.function(self, *inputs)


def one(layer):
    """A model of one layer that returns one tensor."""

    def call(model, *inputs):
        output = model.layer(*inputs)
        return output[0] if isinstance(output, tuple) else output

    return Calls(call, layer=layer)


IMAGE, SEQUENCE, ROWS = (2, 6, 8, 10), (2, 7, 6), (2, 6)

LAYERS = {
    "conv1d": (nn.Conv1d(6, 4, 3, groups=2), (2, 6, 9)),
    "conv3d": (nn.Conv3d(6, 4, (1, 2, 3), stride=2), (2, 6, 4, 5, 6)),
    "grouped": (nn.Conv2d(6, 12, (3, 5), groups=3, bias=False, padding="same"), IMAGE),
    "transposed": (nn.ConvTranspose2d(6, 8, 3, stride=2, groups=2), IMAGE),
    "transposed1d": (nn.ConvTranspose1d(6, 3, 4, bias=False), (2, 6, 9)),
    "batch_norm": (nn.BatchNorm2d(6, affine=False), IMAGE),
    "batch_norm1d": (nn.BatchNorm1d(6), ROWS),
    "instance_norm": (nn.InstanceNorm2d(6, affine=True), IMAGE),
    "group_norm": (nn.GroupNorm(3, 6), IMAGE),
    "layer_norm": (nn.LayerNorm(6, elementwise_affine=False), SEQUENCE),
    "linear": (nn.Linear(6, 5), ROWS),
    "linear_without_bias": (nn.Linear(6, 5, bias=False), ROWS),
    "linear_on_sequences": (nn.Linear(6, 5), SEQUENCE),
    "prelu": (nn.PReLU(6), IMAGE),
    "elu": (nn.ELU(), IMAGE),
    "leaky_relu": (nn.LeakyReLU(), IMAGE),
    "relu6": (nn.ReLU6(), IMAGE),
    "gelu": (nn.GELU(), ROWS),
    "silu": (nn.SiLU(), ROWS),
    "softmax": (nn.Softmax(dim=1), IMAGE),
    "max_pool": (nn.MaxPool2d((2, 3)), IMAGE),
    "avg_pool": (nn.AvgPool2d(2), IMAGE),
    "avg_pool1d": (nn.AvgPool1d(2), (2, 6, 9)),
    "adaptive_avg_pool": (nn.AdaptiveAvgPool2d((3, 4)), IMAGE),
    "adaptive_max_pool": (nn.AdaptiveMaxPool2d(3), IMAGE),
    "local_response_norm": (nn.LocalResponseNorm(5), IMAGE),
    "local_response_norm1d": (nn.LocalResponseNorm(4), (2, 6, 9)),
    "power_pool": (nn.LPPool2d(3, (3, 2), ceil_mode=True), IMAGE),
    "power_pool1d": (nn.LPPool1d(2, 2), (2, 6, 9)),
    "greatest_power_pool": (nn.LPPool2d(float("inf"), 3, 2), IMAGE),
    "nearest": (nn.Upsample(scale_factor=2), IMAGE),
    "bilinear": (nn.Upsample(size=(9, 13), mode="bilinear"), IMAGE),
    "bicubic": (nn.Upsample(scale_factor=(2, 3), mode="bicubic"), IMAGE),
    "linear_upsampling": (nn.Upsample(scale_factor=3, mode="linear"), (2, 6, 9)),
    "rnn": (nn.RNN(6, 5, num_layers=2, batch_first=True), SEQUENCE),
    "gru": (nn.GRU(6, 5, num_layers=3, bidirectional=True, batch_first=True), SEQUENCE),
    "lstm": (nn.LSTM(6, 5, num_layers=2, bidirectional=True, batch_first=True), SEQUENCE),
    "lstm_without_bias": (nn.LSTM(6, 5, bias=False, batch_first=True), SEQUENCE),
    "rnn_cell": (nn.RNNCell(6, 5), ROWS),
    "gru_cell": (nn.GRUCell(6, 5), ROWS),
    "lstm_cell": (nn.LSTMCell(6, 5, bias=False), ROWS),
}

FUNCTIONS = {
    "matmul": (lambda model, x: x.matmul(x.transpose(-2, -1)), SEQUENCE),
    "at_sign": (lambda model, x: x @ x.transpose(-2, -1), SEQUENCE),
    "bmm": (lambda model, x: torch.bmm(x, x.transpose(-2, -1)), SEQUENCE),
    "baddbmm": (
        lambda model, x: torch.baddbmm(x.new_zeros(7), x, x.transpose(-2, -1)),
        SEQUENCE,
    ),
    "addmm": (lambda model, x: torch.addmm(x.new_zeros(1), x, x.t()), ROWS),
    "attention": (lambda model, x: F.scaled_dot_product_attention(x, x, x), SEQUENCE),
    "einsum": (lambda model, x: torch.einsum("bij, bkj -> bik", x, x), SEQUENCE),
    "einsum_of_images": (lambda model, x: torch.einsum("bchw,bchv->bcwv", x, x), IMAGE),
    "einsum_of_three": (lambda model, x: torch.einsum("ij,kj,kl->il", x, x, x), ROWS),
    "add_and_mul": (lambda model, x: torch.add(x, x.mul(x[:, :1])) * x + x, IMAGE),
    "relu": (lambda model, x: F.relu(torch.relu(x)), IMAGE),
    "interpolate": (lambda model, x: F.interpolate(x, scale_factor=2, mode="bilinear"), IMAGE),
    "grid_sample": (
        lambda model, x: F.grid_sample(x, x.new_zeros(len(x), 3, 4, 2), align_corners=False),
        IMAGE,
    ),
    "normalised": (lambda model, x: F.layer_norm(F.group_norm(x, 2), (10,)), IMAGE),
}


class Branch(nn.Module):
    def __init__(self, shared):
        super().__init__()
        self.own = nn.Conv2d(6, 6, 3, padding=1)
        self.shared = shared

    def forward(self, maps):
        return self.shared(self.own(maps))


def branches(shared):
    """Two branches that run one module, which hangs under both."""
    pair = {"first": Branch(shared), "second": Branch(shared)}
    return Calls(lambda model, maps: model.first(maps) + model.second(maps), **pair)


SHARED = {
    "shared_layer": branches(nn.Conv2d(6, 6, 1)),
    "shared_block": branches(nn.Sequential(nn.Conv2d(6, 6, 1), nn.BatchNorm2d(6), nn.ReLU())),
    "shared_deeper": branches(nn.Sequential(Branch(nn.Conv2d(6, 6, 1)))),
}


def models():
    """Every model of one layer or function by its name, and the shape of its input."""
    layers = {name: (one(layer), shape) for name, (layer, shape) in LAYERS.items()}
    functions = {name: (Calls(call), shape) for name, (call, shape) in FUNCTIONS.items()}
    shared = {name: (model, IMAGE) for name, model in SHARED.items()}
    every = layers | functions | shared
    return {name: (model.eval(), shape) for name, (model, shape) in every.items()}
