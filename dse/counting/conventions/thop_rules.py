"""The table of thop 0.1.1: what it counts for which layer types."""

from __future__ import annotations

from math import prod

from torch import nn

from dse.counting.conventions.convention import Rule
from dse.counting.conventions.layer_calls import LayerCall
from dse.counting.conventions.thop_recurrent import RECURRENT

_UPSAMPLED = {"nearest": 1, "linear": 5, "bilinear": 11, "bicubic": 224 + 35}
"""Operations for each output element by mode; other modes count nothing."""


def _convolution(call: LayerCall) -> int:
    channels = call.input.shape[1] // int(call.module.groups)
    return int(call.output.elements * channels * prod(call.module.weight.shape[2:]))


def _norm(call: LayerCall) -> int:
    module = call.module
    affine = getattr(module, "affine", False) or getattr(module, "elementwise_affine", False)
    return call.input.elements * (4 if affine else 2)


def _linear(call: LayerCall) -> int:
    return int(call.module.in_features) * call.output.elements


def _average_pool(call: LayerCall) -> int:
    return call.output.elements


def _adaptive_average_pool(call: LayerCall) -> int:
    # thop divides in floating point, so 7 / 6 · 6 is not 7 and a total may end on another digit.
    sizes = zip(call.input.shape[2:], call.output.shape[2:], strict=True)
    kernel = prod((size / pooled for size, pooled in sizes), start=1.0)
    return int((kernel + 1) * call.output.elements)


def _softmax(call: LayerCall) -> int:
    features = int(call.input.shape[call.module.dim])
    return call.input.elements // features * (3 * features - 1)


def _prelu(call: LayerCall) -> int:
    return call.input.elements


def _upsample(call: LayerCall) -> int:
    return _UPSAMPLED.get(call.module.mode, 0) * call.output.elements


def _nothing(call: LayerCall) -> int:
    return 0


_CONVOLUTIONS = (
    nn.Conv1d, nn.Conv2d, nn.Conv3d,
    nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d,
)  # fmt: skip
_NORMS = (
    nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm, nn.LayerNorm,
    nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d,
)  # fmt: skip
_FREE = (
    nn.ZeroPad2d, nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.Dropout, nn.Sequential, nn.PixelShuffle,
    nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d,
    nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d,
)  # fmt: skip
_AVERAGE_POOLS = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
_ADAPTIVE_POOLS = (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d)
_UPSAMPLINGS = (nn.Upsample, nn.UpsamplingBilinear2d, nn.UpsamplingNearest2d)

RULES: tuple[Rule[LayerCall], ...] = (
    Rule("macs", _CONVOLUTIONS, "O · (C / g) · K", _convolution),
    Rule("macs", _NORMS, "4 · I, without affine 2 · I", _norm),
    Rule("macs", (nn.Linear,), "in_features · O", _linear),
    Rule("macs", _AVERAGE_POOLS, "O", _average_pool),
    Rule("macs", _ADAPTIVE_POOLS, "⌊(S_in / S + 1) · O⌋", _adaptive_average_pool),
    Rule("macs", (nn.Softmax,), "(I / n) · (3n − 1), n features", _softmax),
    Rule("macs", (nn.PReLU,), "I", _prelu),
    Rule("macs", _UPSAMPLINGS, "O; linear 5 · O, bilinear 11 · O, bicubic 259 · O", _upsample),
    *RECURRENT,
    Rule("macs", _FREE, "0", _nothing),
)
"""In `thop.profile`, `UpsamplingBilinear2d` and its like go by their `mode` as `Upsample` does."""
