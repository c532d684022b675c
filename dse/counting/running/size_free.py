"""What does the same on inputs of any size, but for the sizes: functions, operators, and layouts.

A model that calls no other functions than these, on tensors that are laid out alike, runs the same
operators whatever the height and width of its input. A function that is not listed may look at a
size, in Python or in PyTorch's own code, and decide by it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from dse.counting.tensors import TensorSpec
from dse.counting.torch_internals import Operator

_aten = torch.ops.aten

_FUNCTIONS: frozenset[Callable[..., Any]] = frozenset(
    {
        *(torch.conv1d, torch.conv2d, torch.conv3d, torch.cat, torch.sigmoid, torch.relu),
        *(F.batch_norm, F.relu, F.relu6, F.hardtanh, F.hardswish, F.hardsigmoid, F.silu),
        *(F.max_pool2d, F.avg_pool2d, F.adaptive_avg_pool2d),
        *(Tensor.add, Tensor.add_, Tensor.mul, Tensor.mul_, Tensor.dim),
        *(Tensor.__add__, Tensor.__iadd__, Tensor.__mul__),
    }
)
_ATTRIBUTES = frozenset(("requires_grad", "dtype", "device", "layout", "is_meta", "ndim"))
"""Of a tensor: none of them tells a size."""

_OPERATORS: frozenset[Operator] = frozenset(
    {
        *(_aten.convolution.default, _aten.convolution_backward.default),
        *(_aten.native_batch_norm.default, _aten.native_batch_norm_backward.default),
        *(_aten.relu.default, _aten.relu_.default, _aten.threshold_backward.default),
        *(_aten.hardtanh.default, _aten.hardtanh_.default, _aten.hardtanh_backward.default),
        *(_aten.hardswish.default, _aten.hardswish_.default, _aten.hardswish_backward.default),
        *(_aten.hardsigmoid.default, _aten.hardsigmoid_.default),
        *(_aten.hardsigmoid_backward.default, _aten.sigmoid.default),
        *(_aten.sigmoid_backward.default, _aten.silu.default, _aten.silu_.default),
        *(_aten.silu_backward.default, _aten.add.Tensor, _aten.add_.Tensor, _aten.mul.Tensor),
        *(_aten.mul_.Tensor, _aten.mean.dim, _aten.sum.dim_IntList, _aten.cat.default),
        *(_aten.max_pool2d_with_indices.default, _aten.max_pool2d_with_indices_backward.default),
        *(_aten.avg_pool2d.default, _aten.avg_pool2d_backward.default),
        *(_aten.clone.default, _aten.detach.default, _aten.empty_like.default),
    }
)
"""Operators of which no argument is a size, but for those of their tensors."""

SIZES: dict[Operator, int] = {_aten.expand.default: 1, _aten.empty_strided.default: 0}
"""Operators that take the sizes of a tensor, by the place of these among the arguments."""
STRIDES: dict[Operator, int] = {_aten.empty_strided.default: 1}
"""Those that take its strides too."""
MEAN_OF = _aten.div.Scalar
"""The operator by which the gradient of a mean is divided, once it was expanded."""
SLICE = _aten.slice.Tensor
"""Takes a dimension and a part of it: the same part where that dimension stays as it is."""
_NOTHING = _aten.empty.memory_format
"""Makes a tensor without elements for a loss."""


def is_size_free(function: Any) -> bool:
    """Return whether a function of PyTorch does the same on tensors of any height and width."""
    try:
        if function in _FUNCTIONS:
            return True
    except TypeError:
        return False
    is_read = getattr(function, "__name__", "") == "__get__"
    return is_read and getattr(function.__self__, "__name__", "") in _ATTRIBUTES


def is_followed(operator: Operator, args: tuple[Any, ...]) -> bool:
    """Return whether it is known what an operator does on tensors of other sizes."""
    if operator is _NOTHING:
        return bool(args[0] == (0,))
    return operator in _OPERATORS or operator in SIZES or operator in (MEAN_OF, SLICE)


def are_alike(one: TensorSpec, other: TensorSpec) -> bool:
    """Return whether two tensors differ in nothing but how large their dimensions are.

    Dimensions of one element stay such, and there are no empty ones; the elements lie in memory in
    the same order, with the same gaps or none.
    """
    if one == other:
        return True
    if one.dtype != other.dtype or len(one.shape) != len(other.shape):
        return False
    pairs = zip(one.shape, other.shape, strict=True)
    if any((a == 1) != (b == 1) or a < 1 or b < 1 for a, b in pairs):
        return False
    return _order(one) == _order(other)


def _order(spec: TensorSpec) -> tuple[int, ...]:
    """Return the dimensions in the order of memory, each with whether it follows on the last."""
    order = sorted(range(len(spec.shape)), key=lambda place: (-spec.stride[place], place))
    found, following = [], 1
    for place in reversed(order):
        stride = spec.stride[place]
        found += [place, 0 if stride == 0 else 1 if stride == following else 2]
        following = stride * spec.shape[place] if stride else following
    return tuple(found)
