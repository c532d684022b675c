"""The table of fvcore 0.1.5 (`FlopCountAnalysis`): what it counts for which functions.

fvcore traces a graph of functions such as `linear`, `matmul` and `batch_norm`, of which the
operators that they dispatch are no part.
"""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor
from torch.nn import functional as F

from dse.counting.conventions.convention import Rule
from dse.counting.conventions.einsum import einsum_flops
from dse.counting.conventions.function_sites import FunctionSite
from dse.counting.conventions.fused import MULTI_HEAD, returns_weights
from dse.counting.tensors import TensorSpec

FLOPS = "flops"


def _macs(site: FunctionSite) -> int:
    return site.macs


def _convolution(site: FunctionSite) -> int:
    # With `padding="same"` the graph has another function, which fvcore does not know.
    return 0 if isinstance(site.argument(4, "padding"), str) else site.macs


def _linear(site: FunctionSite) -> int:
    return site.input.elements * site.tensor(1, "weight").shape[0]


def _matmul(site: FunctionSite) -> int:
    left, right = site.input, site.tensor(1, "other")
    # A vector on the right has no last axis to multiply by, and fvcore stops at it.
    return prod(left.shape) * right.shape[-1] if len(right.shape) > 1 else site.macs


def _einsum(site: FunctionSite) -> int:
    equation, *operands = site.function.arguments
    if len(operands) == 1 and not isinstance(operands[0], TensorSpec):
        operands = operands[0]
    return einsum_flops(equation, [operand.shape for operand in operands])


def _batch_norm(site: FunctionSite) -> int:
    affine = site.argument(3, "weight") is not None
    if site.argument(5, "training", False):
        return site.input.elements * (5 if affine else 4)
    return site.input.elements * (2 if affine else 1)


def _layer_norm(site: FunctionSite) -> int:
    return site.input.elements * (4 if site.argument(2, "weight") is None else 5)


def _instance_norm(site: FunctionSite) -> int:
    return site.input.elements * (4 if site.argument(3, "weight") is None else 5)


def _pool(site: FunctionSite) -> int:
    return site.input.elements


def _interpolate(site: FunctionSite) -> int:
    scales = {"aten.upsample_nearest2d": 1, "aten.upsample_bilinear2d": 4}
    return sum(
        scales.get(operation.name, 0) * operation.outputs[0].elements
        for operation in site.operations
    )


def _grid_sample(site: FunctionSite) -> int:
    return 4 * site.output.elements


def seen_in_attention(site: FunctionSite) -> frozenset[str]:
    """Return the operators of a multi-head attention that stand for functions in the graph."""
    unfused = {"aten.bmm"} if returns_weights(site.function) else set[str]()
    return frozenset({"aten.addmm", "aten.mm"} | unfused)


def _multi_head(site: FunctionSite) -> int:
    seen = seen_in_attention(site)
    return sum(operation.macs for operation in site.operations if operation.name in seen)


_CONVOLUTIONS = (
    F.conv1d, F.conv2d, F.conv3d, F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d,
)  # fmt: skip
_PRODUCTS = (torch.mm, Tensor.mm, torch.bmm, Tensor.bmm, torch.addmm, Tensor.addmm, Tensor.addmm_)
# Whole recurrent layers are one function each, of which fvcore knows nothing.
_CELLS = (torch.rnn_tanh_cell, torch.rnn_relu_cell, torch.gru_cell, torch.lstm_cell)

RULES: tuple[Rule[FunctionSite], ...] = (
    Rule(
        FLOPS,
        _CONVOLUTIONS,
        "N · S · Co · K · C / g, transposed with the S of the input; 0 with a padding by name",
        _convolution,
    ),
    Rule(FLOPS, (F.linear,), "I · out", _linear),
    Rule(FLOPS, _CELLS, "its two linear layers", _macs),
    Rule(FLOPS, (torch.matmul, Tensor.matmul, Tensor.__matmul__), "I · last size", _matmul),
    Rule(FLOPS, _PRODUCTS, "the product of all sizes", _macs),
    Rule(FLOPS, (torch.einsum,), "half of NumPy's FLOPs, in four digits", _einsum),
    Rule(FLOPS, (F.batch_norm, torch.batch_norm), "2 · I, without affine I", _batch_norm),
    Rule(FLOPS, (F.layer_norm, F.group_norm), "5 · I, without affine 4 · I", _layer_norm),
    Rule(FLOPS, (F.instance_norm,), "5 · I, without affine 4 · I", _instance_norm),
    Rule(FLOPS, (F.adaptive_avg_pool2d,), "I", _pool),
    Rule(FLOPS, (F.interpolate,), "2-D nearest O, bilinear 4 · O", _interpolate),
    Rule(FLOPS, (F.grid_sample,), "4 · O", _grid_sample),
    Rule(FLOPS, (MULTI_HEAD,), "its projections; its products if it is not fused", _multi_head),
)

OPERATORS: tuple[str, ...] = ("aten.convolution", "aten.mm", "aten.addmm", "aten.bmm")
"""What it counts where no function stands around an operator: the operator's MACs."""

_IGNORED = """
__and__ __eq__ __ge__ __getitem__ __gt__ __setitem__ arange bitwise_not broadcast_to cat chunk
clamp clamp_ clone constant_pad_nd contiguous copy_ detach dropout empty eq expand flatten floor
floor_divide full full_like gather ge gt index index_put_ masked_fill max moveaxis narrow new_empty
new_full new_zeros nonzero ones pad permute relu relu_ remainder reshape roll select size slice
split split_with_sizes squeeze stack swapaxes t to transpose type_as unbind unflatten unsqueeze
unsqueeze_ view zero_ zeros zeros_like
"""
IGNORED = frozenset(_IGNORED.split())
"""Functions of which it says nothing, since they compute nothing; of others it warns."""
