"""What operators return on a CPU, where PyTorch's meta kernels return another layout or size.

`tests/counting/meta_device/test_kernel_layouts.py` runs operators on data and without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from dse.counting.meta_device.flash_kernels import FLASH_KERNELS
from dse.counting.meta_device.normalization_kernels import NORMALIZATION_KERNELS
from dse.counting.meta_device.oversized_kernels import OVERSIZED_KERNELS
from dse.counting.meta_device.recurrent_kernels import lstm_layer, lstm_layer_backward, packed
from dse.counting.meta_device.sparse_kernels import clone
from dse.counting.torch_internals import (
    PACK_PADDED,
    Operator,
    fake_tensor,
    fake_tensor_mode,
    memory_format_of,
)

_aten = torch.ops.aten
_CPU = torch.device("cpu")
_PADDINGS = ("reflection_pad2d", "reflection_pad3d", "replication_pad2d", "replication_pad3d")


def _grouped_mm(
    left: Tensor,
    right: Tensor,
    offs: Tensor | None = None,
    bias: Tensor | None = None,
    out_dtype: torch.dtype | None = None,
) -> Tensor:
    """Of any dtype, as on a CPU; rows of the result are padded to 16 bytes on a GPU alone."""
    shape = [left.shape[-2], right.shape[-1]]
    if left.dim() == right.dim():
        groups = left.shape[0] if left.dim() == 3 or offs is None else offs.shape[0]
        shape = [groups, *shape]
    return left.new_empty(shape, dtype=out_dtype or left.dtype)


def _convolution(tensor: Tensor, weight: Tensor, *args: Any) -> Tensor:
    """Channels lie last where they do in the input or in the weight, as on any device."""
    output: Tensor = _aten.convolution.default(tensor, weight, *args)
    if output.dim() not in (4, 5):
        return output
    formats = {memory_format_of(tensor), memory_format_of(weight)} - {torch.contiguous_format}
    return torch.empty_like(output, memory_format=formats.pop()) if formats else output


def _like_first(tensor: Tensor, *_: Any, **__: Any) -> Tensor:
    return torch.empty_like(tensor)


def _elementwise(tensor: Tensor, *_: Any, **__: Any) -> Tensor:
    return of_one_order(torch.empty_like(tensor), (tensor,))


def of_one_order(output: Tensor, operands: Iterable[Tensor]) -> Tensor:
    """Return what is computed of operands of one shape, element by element, as devices lay it out.

    Of a single position, strides say that channels lie last and that they lie second: meta kernels
    keep the first, devices take the second.
    """
    if output.dim() not in (4, 5) or memory_format_of(output) is torch.contiguous_format:
        return output
    if all(t.shape == output.shape and t.is_contiguous() for t in (output, *operands)):
        return output.new_empty(output.shape)
    return output


def _of_both(*args: Any, **__: Any) -> Tensor:
    """Return a tensor of the layout that PyTorch gives to what it computes element by element."""
    gradient, tensor, *_ = (each for each in args if isinstance(each, Tensor))
    return of_one_order(_aten.add.Tensor(gradient, tensor), (gradient, tensor))


def _log_sigmoid(tensor: Tensor) -> tuple[Tensor, Tensor]:
    return tensor.new_empty(tensor.shape), tensor.new_empty(tensor.shape)


def _contiguous_as(position: int) -> Callable[..., Tensor]:
    """Return a kernel of which the result has the shape of an argument, and no other layout."""

    def kernel(*args: Any, **_: Any) -> Tensor:
        tensor: Tensor = args[position]
        return tensor.new_empty(tensor.shape)

    return kernel


def _roll(tensor: Tensor, shifts: Sequence[int], axes: Sequence[int] = ()) -> Tensor:
    """Parts of the input are put one behind the other; without axes, of the flat input."""
    flat = torch.contiguous_format
    return torch.empty_like(tensor, memory_format=memory_format_of(tensor) if axes else flat)


def _as_on_the_cpu(operator: Operator) -> Callable[..., Tensor]:
    """Return PyTorch's kernel of an operator that takes the meta device for a GPU."""

    def kernel(*args: Any) -> Tensor:
        mode = fake_tensor_mode()
        given = [fake_tensor(mode, a, _CPU) if isinstance(a, Tensor) else a for a in args]
        with mode:
            made = operator(*given)
        like: Tensor = next(each for each in args if isinstance(each, Tensor))
        return like.new_empty_strided(made.shape, made.stride(), dtype=made.dtype)

    return kernel


def _with_channels_as_in_input(operator: Operator, position: int = 0) -> Callable[..., Tensor]:
    """Return PyTorch's kernel of an operator with channels last where the input has them last.

    Args:
        operator: with one result.
        position: of the input among the arguments.
    """

    def kernel(*args: Any) -> Tensor:
        output: Tensor = operator(*args)
        if output.dim() not in (4, 5):
            return output
        return torch.empty_like(output, memory_format=memory_format_of(args[position]))

    return kernel


def _with_channels_as_in_first(tensor: Tensor, *_: Any) -> Tensor:
    return torch.empty_like(tensor, memory_format=memory_format_of(tensor))


def _first(tensor: Tensor, *_: Any, **__: Any) -> Tensor:
    return tensor


WHOLE_ON_META: dict[Operator, Callable[..., Any]] = {
    _aten.mish_backward.default: _of_both,
    _aten.native_channel_shuffle.default: _with_channels_as_in_first,
}
"""Kernels of what a CPU runs as one operator, and PyTorch makes of others on the meta device."""

KERNELS: dict[Operator, Callable[..., Any]] = {
    **NORMALIZATION_KERNELS,
    **FLASH_KERNELS,
    **OVERSIZED_KERNELS,
    **WHOLE_ON_META,
    # PyTorch's lay the channels second, whatever is given.
    _aten.convolution.default: _convolution,
    # PyTorch's knows of no workspace.
    _aten.mkldnn_rnn_layer.default: lstm_layer,
    _aten.mkldnn_rnn_layer_backward.default: lstm_layer_backward,
    # PyTorch's reads the lengths of tensors that pass for the CPU's.
    PACK_PADDED: packed,
    # PyTorch's follow another operand than the first, or are not contiguous.
    **{
        getattr(_aten, f"{name}_backward").default: _of_both
        for name in (
            *("hardtanh", "hardswish", "hardsigmoid", "gelu", "elu", "leaky_relu"),
            *("softplus", "log_sigmoid"),
        )
    },
    _aten.log_sigmoid_forward.default: _log_sigmoid,
    **{
        getattr(_aten, f"{name}_backward").default: _contiguous_as(1)
        for name in ("glu", "mse_loss", "smooth_l1_loss", "huber_loss")
    },
    _aten.rrelu_with_noise.default: _contiguous_as(0),
    _aten.roll.default: _roll,
    # PyTorch's lay the channels second, whatever is given.
    **{
        operator: _with_channels_as_in_input(operator)
        for operator in (
            *(_aten.pixel_shuffle.default, _aten.channel_shuffle.default),
            _aten.max_unpool2d.default,
            *(getattr(_aten, name).default for name in _PADDINGS),
        )
    },
    **{
        operator: _with_channels_as_in_input(operator, 1)
        for operator in (getattr(_aten, f"{name}_backward").default for name in _PADDINGS)
    },
    **{
        operator: _as_on_the_cpu(operator)
        for operator in (_aten._fft_r2c.default, _aten._fft_c2r.default, _aten._fft_c2c.default)
    },
    # PyTorch's store nothing of what is sparse.
    _aten.clone.default: clone,
    # PyTorch's takes bfloat16 alone.
    _aten._grouped_mm.default: _grouped_mm,
    # The following are only quicker than PyTorch's, which are written in Python.
    **{
        getattr(_aten, name).default: _elementwise
        for name in ("relu", "silu", "gelu", "sigmoid", "tanh", "hardswish")
    },
    _aten.hardtanh.default: _like_first,
    **{
        getattr(_aten, f"{name}_").default: _first
        for name in ("relu", "silu", "sigmoid", "tanh", "hardtanh", "hardswish", "hardsigmoid")
    },
}
"""Kernels in place of PyTorch's meta kernels; for floating-point and complex tensors."""
