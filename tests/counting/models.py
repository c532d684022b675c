"""Models of every kind that people write, with their inputs and the MACs by hand."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint

from dse.counting import Input


class Calls(nn.Module):
    """Calls a function of itself and its inputs; holds the modules that the function uses."""

    def __init__(self, function, *modules):
        super().__init__()
        self.function = function
        self.parts = nn.ModuleList(modules)

    def forward(self, *inputs):
        return self.function(self.parts, *inputs)


class Square(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        return 2 * x * gradient


INDICES = Input((2, 3), torch.int64)
ATTENTION = 2 * 4 * 5 * 5 * 8 * 2
N, L, S, E, W = 2, 5, 7, 16, 64
SELF_ATTENTION = N * (4 * L * E * E + 2 * L * L * E)
CROSS_ATTENTION = N * (2 * L * E * E + 2 * S * E * E + 2 * L * S * E)
FEED_FORWARD = 2 * N * L * E * W


def encoder_layer(**options):
    return nn.TransformerEncoderLayer(E, 2, W, batch_first=True, **options)


def attend(parts, x):
    return parts[0](x, x, x, need_weights=False)[0]


MODELS = {
    "attention": (Calls(lambda _, *qkv: F.scaled_dot_product_attention(*qkv)),
                  [(2, 4, 5, 8)] * 3, ATTENTION),
    "causal": (Calls(lambda _, *qkv: F.scaled_dot_product_attention(*qkv, is_causal=True)),
               [(2, 4, 5, 8)] * 3, ATTENTION),
    "grouped queries": (Calls(lambda _, *q: F.scaled_dot_product_attention(*q, enable_gqa=True)),
                        [(2, 4, 5, 8), (2, 2, 5, 8), (2, 2, 5, 8)], ATTENTION),
    "multi-head": (Calls(attend, nn.MultiheadAttention(E, 2, batch_first=True)),
                   (N, L, E), SELF_ATTENTION),
    "encoder layer": (encoder_layer(), (N, L, E), SELF_ATTENTION + FEED_FORWARD),
    "norm first": (encoder_layer(norm_first=True), (N, L, E), SELF_ATTENTION + FEED_FORWARD),
    "encoder": (nn.TransformerEncoder(encoder_layer(), 3), (N, L, E),
                3 * (SELF_ATTENTION + FEED_FORWARD)),
    "decoder layer": (nn.TransformerDecoderLayer(E, 2, W, batch_first=True),
                      [(N, L, E), (N, S, E)], SELF_ATTENTION + CROSS_ATTENTION + FEED_FORWARD),
    "lstm": (nn.LSTM(8, 16, 2, bidirectional=True), (4, 3, 8),
             4 * 3 * 2 * 4 * 16 * ((8 + 16) + (32 + 16))),
    "gru": (nn.GRU(8, 16, batch_first=True), (3, 4, 8), 4 * 3 * 3 * 16 * (8 + 16)),
    "rnn": (nn.RNN(8, 16), (4, 3, 8), 4 * 3 * 16 * (8 + 16)),
    "lstm cell": (nn.LSTMCell(8, 16), (3, 8), 3 * 4 * 16 * (8 + 16)),
    "gru cell": (nn.GRUCell(8, 16), (3, 8), 3 * 3 * 16 * (8 + 16)),
    "projected lstm": (nn.LSTM(8, 16, proj_size=4), (4, 3, 8),
                       4 * 3 * (4 * 16 * (8 + 4) + 16 * 4)),
    "einsum": (Calls(lambda _, a, b: torch.einsum("bhqd,bhkd->bhqk", a, b)),
               [(2, 3, 4, 6), (2, 3, 5, 6)], 2 * 3 * 4 * 5 * 6),
    "matmul": (Calls(lambda _, a, b: a @ b), [(2, 1, 3, 4), (5, 4, 6)], 2 * 5 * 3 * 4 * 6),
    "baddbmm": (Calls(lambda _, a, b, c: torch.baddbmm(c, a, b)),
                [(2, 3, 4), (2, 4, 5), (2, 3, 5)], 2 * 3 * 4 * 5),
    "matrix and vector": (Calls(lambda _, a, b: a @ b), [(3, 4), (4,)], 12),
    "dot": (Calls(lambda _, a, b: a @ b), [(4,), (4,)], 4),
    "bilinear": (nn.Bilinear(4, 5, 6), [(3, 4), (3, 5)], 3 * 6 * 4 * 5),
    "1-D": (nn.Conv1d(3, 4, 4, padding="same"), (2, 3, 8), 2 * 4 * 8 * 3 * 4),
    "3-D transposed and grouped": (nn.ConvTranspose3d(4, 6, 3, groups=2, stride=2),
                                   (2, 4, 4, 4, 4), 2 * 4 * 64 * 3 * 27),
    "embedding": (nn.Embedding(10, 4), INDICES, 0),
    "lazy": (nn.Sequential(nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.Flatten(),
                           nn.LazyLinear(3)), (2, 3, 8, 8), 2 * (4 * 36 * 27 + 144 * 3)),
    "half": (nn.Linear(4, 5).half(), (2, 4), 40),
    "bfloat16": (nn.Conv2d(3, 4, 3).bfloat16(), (2, 3, 8, 8), 2 * 4 * 36 * 27),
    "weight norm": (nn.utils.parametrizations.weight_norm(nn.Linear(4, 5)), (2, 4), 40),
    "old weight norm": (nn.utils.weight_norm(nn.Linear(4, 5)), (2, 4), 40),
    "checkpointed": (Calls(lambda parts, x: checkpoint(parts[0], x, use_reentrant=False),
                           nn.Linear(4, 5)), (2, 4), 40),
    "custom autograd": (Calls(lambda parts, x: Square.apply(parts[0](x)), nn.Linear(4, 5)),
                        (2, 4), 40),
    "reused": (Calls(lambda parts, x: parts[0](parts[0](x)), nn.Linear(4, 4)), (2, 4), 64),
    "by forward": (Calls(lambda parts, x: parts[0].forward(x), nn.Linear(4, 5)), (2, 4), 40),
    "nested inputs": (Calls(lambda parts, x: parts[0](x["a"][0] + x["a"][1]), nn.Linear(4, 5)),
                      [{"a": [(2, 4), (2, 4)]}], 40),
}  # fmt: skip
"""(model, inputs, multiply-accumulates)"""
