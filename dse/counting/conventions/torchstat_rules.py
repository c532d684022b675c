"""The table of torchstat 0.0.7: what it computes for which layer types, subclasses included."""

from __future__ import annotations

from math import prod

from torch import nn

from dse.counting.conventions.convention import Rule
from dse.counting.conventions.layer_calls import LayerCall
from dse.counting.tensors import element_bytes

MADD, FLOPS, READ, WRITE = "MAdd", "Flops", "MemRead(B)", "MemWrite(B)"


def _kernel(call: LayerCall) -> int:
    size = call.module.kernel_size
    return prod(size) if isinstance(size, tuple) else int(size) ** 2


def _bias(call: LayerCall) -> int:
    return int(call.module.bias is not None)


def _item(call: LayerCall) -> int:
    return prod(call.input.shape[1:])


def _trained(call: LayerCall) -> int:
    return sum(p.numel() for p in call.module.parameters() if p.requires_grad)


def _dot(call: LayerCall) -> int:
    """Multiplications and additions of one output element of a convolution."""
    inner = _kernel(call) * (call.input.shape[1] // call.module.groups)
    return int(2 * inner - 1 + _bias(call))


def _conv_madd(call: LayerCall) -> int:
    groups = int(call.module.groups)
    return _dot(call) * prod(call.output.shape[2:]) * (call.output.shape[1] // groups) * groups


def _conv_transpose_madd(call: LayerCall) -> int:
    groups = int(call.module.groups)
    return _dot(call) * prod(call.input.shape[2:]) * (call.output.shape[1] // groups) * groups


def _conv_flops(call: LayerCall) -> int:
    batch, channels, *positions = call.output.shape
    inner = _kernel(call) * call.input.shape[1] * (channels // int(call.module.groups))
    return batch * prod(positions) * (inner + _bias(call) * channels)


def _norm_madd(call: LayerCall) -> int:
    return 4 * _item(call)


def _norm_flops(call: LayerCall) -> int:
    return call.input.elements * (2 if call.module.affine else 1)


def _max_pool_madd(call: LayerCall) -> int:
    return (_kernel(call) - 1) * prod(call.output.shape[1:])


def _avg_pool_madd(call: LayerCall) -> int:
    return _kernel(call) * prod(call.output.shape[1:])


def _softmax_madd(call: LayerCall) -> int:
    return 3 * _item(call) - 1


def _linear_madd(call: LayerCall) -> int:
    return call.output.shape[1] * (2 * call.input.shape[1] - 1)


def _linear_flops(call: LayerCall) -> int:
    return call.input.elements * call.output.shape[1]


def _bilinear_madd(call: LayerCall) -> int:
    first, second = (spec.shape[1] for spec in call.inputs[:2])
    return call.output.shape[1] * (2 * (first * second + second) - 1)


def _upsample_flops(call: LayerCall) -> int:
    # The first axis of the output is cut off twice: once by indexing it, once by slicing.
    return call.input.shape[0] * prod(call.output.shape[2:])


def _input_elements(call: LayerCall) -> int:
    return call.input.elements


def _read_input(call: LayerCall) -> int:
    return call.input.nbytes


def _read_input_and_params(call: LayerCall) -> int:
    return call.input.shape[0] * (_item(call) + _trained(call)) * element_bytes(call.input)


def _read_norm(call: LayerCall) -> int:
    return call.input.shape[0] * (_item(call) + 2 * call.input.shape[1]) * element_bytes(call.input)


def _write_input(call: LayerCall) -> int:
    return call.input.nbytes


def _write_output(call: LayerCall) -> int:
    return call.output.elements * element_bytes(call.input)


_CONV, _NORM, _LINEAR = (nn.Conv2d,), (nn.BatchNorm2d,), (nn.Linear,)
_POOLS = (nn.AvgPool2d, nn.MaxPool2d)
_RECTIFIERS = (nn.ReLU, nn.ReLU6, nn.ELU, nn.LeakyReLU)

RULES: tuple[Rule[LayerCall], ...] = (
    Rule(MADD, _CONV, "Co · S · (2 · K · C / g − 1 + b)", _conv_madd),
    Rule(MADD, (nn.ConvTranspose2d,), "Co · S_in · (2 · K · C / g − 1 + b)", _conv_transpose_madd),
    Rule(MADD, _NORM, "4 · I′", _norm_madd),
    Rule(MADD, (nn.MaxPool2d,), "(K − 1) · O′", _max_pool_madd),
    Rule(MADD, (nn.AvgPool2d,), "K · O′", _avg_pool_madd),
    Rule(MADD, (nn.ReLU, nn.ReLU6), "I′", _item),
    Rule(MADD, (nn.Softmax,), "3 · I′ − 1", _softmax_madd),
    Rule(MADD, _LINEAR, "out · (2 · in − 1)", _linear_madd),
    Rule(MADD, (nn.Bilinear,), "out · (2 · (f1 · f2 + f2) − 1)", _bilinear_madd),
    Rule(FLOPS, _CONV, "N · S · (K · C · Co / g + b · Co)", _conv_flops),
    Rule(FLOPS, _NORM, "2 · I, without affine I", _norm_flops),
    Rule(FLOPS, _POOLS, "I", _input_elements),
    Rule(FLOPS, (*_RECTIFIERS, nn.PReLU), "I", _input_elements),
    Rule(FLOPS, (nn.Upsample,), "N · S", _upsample_flops),
    Rule(FLOPS, _LINEAR, "N · in · out", _linear_flops),
    Rule(READ, _RECTIFIERS, "I · B", _read_input),
    Rule(READ, (nn.PReLU, nn.Conv2d, nn.Linear), "N · (I′ + P) · B", _read_input_and_params),
    Rule(READ, _NORM, "N · (I′ + 2 · C) · B", _read_norm),
    Rule(READ, _POOLS, "I · B", _read_input),
    Rule(WRITE, (*_RECTIFIERS, nn.PReLU, nn.BatchNorm2d), "I · B", _write_input),
    Rule(WRITE, (nn.Conv2d, nn.Linear, nn.AvgPool2d, nn.MaxPool2d), "O · B", _write_output),
)

RANKS: dict[type, int] = {
    nn.Conv2d: 4,
    nn.ConvTranspose2d: 4,
    nn.BatchNorm2d: 4,
    nn.AvgPool2d: 4,
    nn.MaxPool2d: 4,
    nn.Linear: 2,
    nn.Bilinear: 2,
}
"""The only rank of input for which torchstat computes these; it stops at any other."""
