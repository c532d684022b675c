"""What ptflops (0.7.5, backend pytorch) counts for modules; its class must be in the table."""

from __future__ import annotations

from math import prod

from torch import nn

from dse.counting.conventions.convention import Rule
from dse.counting.conventions.layer_calls import LayerCall
from dse.counting.conventions.ptflops_recurrent import RECURRENT

MACS = "MACs"


def _output(call: LayerCall) -> int:
    return call.output.elements


def _input(call: LayerCall) -> int:
    return call.input.elements


def _norm(call: LayerCall) -> int:
    return call.input.elements * (2 if getattr(call.module, "affine", False) else 1)


def _linear(call: LayerCall) -> int:
    *rows, features = call.input.shape
    out, has_bias = call.output.shape[-1], call.module.bias is not None
    return (features * out + (out if has_bias else 0)) * prod(rows)


def _kernel(call: LayerCall, positions: tuple[int, ...]) -> int:
    module = call.module
    kernel = prod(module.kernel_size) * module.in_channels * (module.out_channels // module.groups)
    batch = call.input.shape[0]
    bias = batch * prod(call.output.shape[1:]) if module.bias is not None else 0
    return int(kernel * batch * prod(positions) + bias)


def _convolution(call: LayerCall) -> int:
    return _kernel(call, call.output.shape[2:])


def _transposed_convolution(call: LayerCall) -> int:
    return _kernel(call, call.input.shape[2:])


def _upsample(call: LayerCall) -> int:
    return prod(call.output.shape[1:])


def _attention(call: LayerCall) -> int:
    module = call.module
    query, key, value = (spec.shape for spec in (*call.inputs, *call.inputs[-1:] * 2)[:3])
    axis = 1 if module.batch_first else 0
    batch = query[1 - axis]
    (queries, width), (keys, key_width) = (query[axis], query[2]), (key[axis], key[2])
    values, value_width = value[axis], value[2]
    projections = queries * width**2 + keys * key_width**2 + values * value_width**2
    if module.in_proj_bias is not None:
        projections += (queries + keys + values) * width
    heads = module.num_heads
    products = queries * keys * (width // heads + 1 + value_width // heads)
    out = queries * value_width * (value_width + 1)
    return int(batch * (queries * width + projections + heads * products + out))


_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_ACTIVATIONS = (nn.ReLU, nn.PReLU, nn.ELU, nn.LeakyReLU, nn.ReLU6, nn.GELU)
_POOLS = (
    nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d,
    nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d,
    nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d,
)  # fmt: skip
_NORMS = (
    nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d,
    nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d, nn.GroupNorm, nn.LayerNorm,
)  # fmt: skip

MODULES: tuple[Rule[LayerCall], ...] = (
    Rule(MACS, _CONVOLUTIONS, "K · C · (Co / g) · N · S + b · O", _convolution),
    Rule(MACS, _TRANSPOSED, "K · C · (Co / g) · N · S_in + b · O", _transposed_convolution),
    Rule(MACS, (nn.Linear,), "(in · out + b · out) · rows", _linear),
    Rule(MACS, _ACTIVATIONS, "O", _output),
    Rule(MACS, _POOLS, "I", _input),
    Rule(MACS, _NORMS, "2 · I, without affine (and LayerNorm) I", _norm),
    Rule(MACS, (nn.Upsample,), "O′", _upsample),
    *RECURRENT,
    Rule(
        MACS,
        (nn.MultiheadAttention,),
        "scaling, projections with biases, products and softmax",
        _attention,
    ),
)
