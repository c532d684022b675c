"""What operators return on a CPU, where PyTorch's meta kernels return another layout or size.

`tests/counting/test_layouts.py` runs operators on data and without, and compares.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from dse.counting.recurrent_kernels import lstm_layer, lstm_layer_backward
from dse.counting.torch_internals import Operator, memory_format_of

_aten = torch.ops.aten


def _native_batch_norm(
    tensor: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """Statistics of the batch are saved in training alone."""
    sizes = [tensor.shape[1] if training else 0]
    return (torch.empty_like(tensor), *_statistics(tensor, weight, sizes))


def _native_layer_norm(
    tensor: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:
    kept = tensor.dim() - len(normalized_shape)
    if list(tensor.shape[kept:]) != list(normalized_shape):
        expected = ", ".join(("*", *map(str, normalized_shape)))
        raise RuntimeError(
            f"Given normalized_shape={list(normalized_shape)}, expected input with shape "
            f"[{expected}], but got input of size{list(tensor.shape)}"
        )
    sizes = [*tensor.shape[:kept], *(1 for _ in normalized_shape)]
    output = torch.empty_like(tensor, memory_format=torch.contiguous_format)
    return (output, *_statistics(tensor, weight, sizes))


def _native_layer_norm_backward(
    gradient: Tensor,
    tensor: Tensor,
    normalized_shape: Sequence[int],
    mean: Tensor,
    deviation: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    wanted: Sequence[bool],
) -> tuple[Tensor | None, ...]:
    """The gradient of the input is contiguous, however the one that arrives is laid out."""
    of_weights = tensor if weight is None else weight
    kept = [torch.empty_like(tensor, memory_format=torch.contiguous_format)]
    kept += [of_weights.new_empty(normalized_shape) for _ in range(2)]
    return tuple(each if is_wanted else None for each, is_wanted in zip(kept, wanted, strict=True))


def _native_group_norm(
    tensor: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    batch: int,
    channels: int,
    positions: int,
    groups: int,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:
    return (torch.empty_like(tensor), *_statistics(tensor, weight, [batch, groups]))


def _native_group_norm_backward(
    gradient: Tensor,
    tensor: Tensor,
    mean: Tensor,
    deviation: Tensor,
    weight: Tensor | None,
    batch: int,
    channels: int,
    positions: int,
    groups: int,
    wanted: Sequence[bool],
) -> tuple[Tensor | None, ...]:
    """Gradients have the precision of what they are of, also where input and weights differ."""
    scale = tensor.new_empty(channels) if weight is None else torch.empty_like(weight)
    made = (torch.empty_like(tensor), scale, torch.empty_like(scale))
    return tuple(each if is_wanted else None for each, is_wanted in zip(made, wanted, strict=True))


def _statistics(
    tensor: Tensor, weight: Tensor | None, sizes: Sequence[int]
) -> tuple[Tensor, Tensor]:
    """Return mean and deviation, which have the precision of the weights."""
    dtype = tensor.dtype if weight is None else weight.dtype
    return tensor.new_empty(sizes, dtype=dtype), tensor.new_empty(sizes, dtype=dtype)


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


def _native_batch_norm_backward(
    gradient: Tensor,
    tensor: Tensor,
    weight: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    mean: Tensor | None,
    deviation: Tensor | None,
    training: bool,
    eps: float,
    wanted: Sequence[bool],
) -> tuple[Tensor | None, ...]:
    """The gradient of the input is laid out like the input, not like the one that arrives."""
    of_weights = tensor if weight is None else weight
    made = [torch.empty_like(tensor), *(of_weights.new_empty(tensor.shape[1]) for _ in range(2))]
    return tuple(each if is_wanted else None for each, is_wanted in zip(made, wanted, strict=True))


def _like_first(tensor: Tensor, *_: Any, **__: Any) -> Tensor:
    return torch.empty_like(tensor)


def _of_both(*args: Any) -> Tensor:
    """Return a tensor of the layout that PyTorch gives to what it computes element by element."""
    gradient, tensor, *_ = (each for each in args if isinstance(each, Tensor))
    made: Tensor = _aten.add.Tensor(gradient, tensor)
    return made


def _log_sigmoid(tensor: Tensor) -> tuple[Tensor, Tensor]:
    return tensor.new_empty(tensor.shape), tensor.new_empty(tensor.shape)


def _glu_backward(gradient: Tensor, tensor: Tensor, axis: int) -> Tensor:
    return tensor.new_empty(tensor.shape)


def _with_channels_as_in_input(operator: Operator, position: int = 0) -> Callable[..., Tensor]:
    """Return PyTorch's kernel of an operator with channels last where the input has them last.

    Args:
        operator: with one result.
        position: of the input among the arguments.
    """

    def kernel(*args: Any) -> Tensor:
        output: Tensor = operator(*args)
        if output.dim() != 4:
            return output
        return torch.empty_like(output, memory_format=memory_format_of(args[position]))

    return kernel


def _first(tensor: Tensor, *_: Any, **__: Any) -> Tensor:
    return tensor


KERNELS: dict[Operator, Callable[..., Any]] = {
    # PyTorch's meta kernels return statistics of another size or precision than the CPU.
    _aten.native_batch_norm.default: _native_batch_norm,
    _aten.native_batch_norm_backward.default: _native_batch_norm_backward,
    _aten.native_layer_norm.default: _native_layer_norm,
    _aten.native_layer_norm_backward.default: _native_layer_norm_backward,
    _aten.native_group_norm.default: _native_group_norm,
    _aten.native_group_norm_backward.default: _native_group_norm_backward,
    # PyTorch's lay the channels second, whatever is given.
    _aten.convolution.default: _convolution,
    # PyTorch's knows of no workspace.
    _aten.mkldnn_rnn_layer.default: lstm_layer,
    _aten.mkldnn_rnn_layer_backward.default: lstm_layer_backward,
    # PyTorch's follow another operand than the first, or are not contiguous.
    **{
        getattr(_aten, f"{name}_backward").default: _of_both
        for name in (
            *("hardtanh", "hardswish", "hardsigmoid", "gelu", "elu", "leaky_relu", "mish"),
            *("softplus", "log_sigmoid"),
        )
    },
    _aten.log_sigmoid_forward.default: _log_sigmoid,
    _aten.glu_backward.default: _glu_backward,
    # PyTorch's lay the channels second, whatever is given.
    **{
        operator: _with_channels_as_in_input(operator)
        for operator in (_aten.pixel_shuffle.default, _aten.reflection_pad2d.default)
    },
    _aten.reflection_pad2d_backward.default: _with_channels_as_in_input(
        _aten.reflection_pad2d_backward.default, 1
    ),
    # PyTorch's takes bfloat16 alone.
    _aten._grouped_mm.default: _grouped_mm,
    # The following are only quicker than PyTorch's, which are written in Python.
    **{
        getattr(_aten, name).default: _like_first
        for name in ("relu", "silu", "gelu", "sigmoid", "tanh", "hardtanh", "hardswish")
    },
    **{
        getattr(_aten, f"{name}_").default: _first
        for name in ("relu", "silu", "sigmoid", "tanh", "hardtanh", "hardswish", "hardsigmoid")
    },
}
"""Kernels in place of PyTorch's meta kernels; for floating-point tensors."""
