"""What ptflops (0.7.5, backend pytorch) counts for functions, also those that modules call.

It replaces functions by their names while the model runs, so `x.matmul(y)` counts and `x @ y`
does not.
"""

from __future__ import annotations

import math
from fractions import Fraction
from math import prod

import torch
from torch import Tensor
from torch.nn import functional as F

from dse.counting.conventions.convention import Rule
from dse.counting.conventions.function_sites import FunctionSite
from dse.counting.conventions.fused import MULTI_HEAD, returns_weights
from dse.counting.tensors import TensorSpec

MACS = "MACs"


def _input(site: FunctionSite) -> int:
    return site.input.elements


def _product(site: FunctionSite) -> int:
    return prod(site.input.shape) * site.tensor(1, "other").shape[-1]


def _added_product(site: FunctionSite) -> int:
    left, right = site.tensor(1, "mat1"), site.tensor(2, "mat2")
    added = 0 if site.argument(3, "beta", 1) == 0 else site.input.elements
    return left.elements * right.shape[-1] + added


def _elementwise(site: FunctionSite) -> int:
    operands = (site.argument(0, "input"), site.argument(1, "other"))
    shapes = [operand.shape for operand in operands if isinstance(operand, TensorSpec)]
    return prod(torch.broadcast_shapes(*shapes)) if shapes else 1


def _interpolate(site: FunctionSite) -> int:
    shape, axes = site.input.shape, len(site.input.shape) - 2
    size = site.argument(1, "size")
    if size is not None:
        return prod(shape[:2]) * (prod(size) if isinstance(size, tuple) else int(size) ** axes)
    scale = site.argument(2, "scale_factor")
    if isinstance(scale, tuple):
        return prod(shape) * int(prod(scale))
    return int(prod(shape) * Fraction(scale) ** axes)


def _attention(site: FunctionSite) -> int:
    """The functions that an attention calls in turn, where it must return its weights."""
    if not returns_weights(site.function):
        return 0
    count = 0
    for operation in site.operations:
        if operation.name in ("aten.bmm", "aten.baddbmm"):
            count += operation.macs
        if operation.name in ("aten.baddbmm", "aten._softmax"):
            count += int(operation.arguments[0].elements)
    return count


def _normalized_locally(site: FunctionSite) -> int:
    """A square, its mean over channels with those that are padded, a scale and a sum."""
    channels, size = site.input.shape[1], int(site.argument(1, "size"))
    padded = site.input.elements // channels * (channels + size - 1)
    return 3 * site.input.elements + padded


def _power_pool(site: FunctionSite) -> int:
    """A pool, and of finite powers a rectifier and a scale of what it returns."""
    power = site.argument(1, "norm_type")
    behind = 0 if math.isinf(power) else 2 * site.output.elements
    return site.input.elements + behind


_SAME_SIZE = (
    F.relu, F.prelu, F.elu, F.relu6, F.gelu, F.silu, F.softmax,
    F.avg_pool1d, F.avg_pool2d, F.avg_pool3d, F.max_pool1d, F.max_pool2d, F.max_pool3d,
    F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d,
    F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d,
)  # fmt: skip
_PRODUCTS = (torch.matmul, Tensor.matmul, torch.mm, Tensor.mm, torch.bmm, Tensor.bmm)
_ADDED = (torch.addmm, Tensor.addmm, torch.baddbmm)

FUNCTIONS: tuple[Rule[FunctionSite], ...] = (
    Rule(MACS, _SAME_SIZE, "I", _input),
    Rule(MACS, (F.interpolate,), "O", _interpolate),
    Rule(MACS, _PRODUCTS, "I · last size", _product),
    Rule(MACS, _ADDED, "the product of all sizes, and what is added", _added_product),
    Rule(MACS, (torch.mul, Tensor.mul, torch.add, Tensor.add), "O", _elementwise),
    Rule(MACS, (F.local_response_norm,), "3 · I and I with its padding", _normalized_locally),
    Rule(MACS, (F.lp_pool1d, F.lp_pool2d, F.lp_pool3d), "I + 2 · O, or I", _power_pool),
    Rule(MACS, (MULTI_HEAD,), "its products and softmax if it returns its weights", _attention),
)
