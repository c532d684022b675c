"""What normalisation returns on a CPU, where PyTorch's meta kernels return another layout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

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
    # Of a single position, channels are taken to lie second, also where strides say last.
    is_plain = tensor.is_contiguous()
    output = tensor.new_empty(tensor.shape) if is_plain else _with_channels_as_in(tensor)
    return (output, *_statistics(tensor, weight, sizes))


def _without_statistics(
    tensor: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:
    return _native_batch_norm(tensor, weight, bias, None, None, training, momentum, eps)


def _in_mode(training: bool, is_reserving: bool = False) -> Callable[..., tuple[Tensor, ...]]:
    """Return the kernel of a batch norm of a single mode.

    Args:
        training: whether statistics are those of the batch.
        is_reserving: whether it returns what a kernel of a GPU keeps, which is nothing on a CPU.
    """

    def kernel(
        tensor: Tensor,
        weight: Tensor | None,
        bias: Tensor | None,
        running_mean: Tensor | None,
        running_var: Tensor | None,
        momentum: float,
        eps: float,
    ) -> tuple[Tensor, ...]:
        running = (running_mean, running_var)
        made = _native_batch_norm(tensor, weight, bias, *running, training, momentum, eps)
        return (*made, tensor.new_empty(0, dtype=torch.uint8)) if is_reserving else made

    return kernel


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
    """Channels of the gradient lie as those of the input, not as in the one that arrives."""
    of_weights = tensor if weight is None else weight
    made = [_with_channels_as_in(tensor)]
    made += [of_weights.new_empty(tensor.shape[1]) for _ in range(2)]
    return tuple(each if is_wanted else None for each, is_wanted in zip(made, wanted, strict=True))


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
    return (_with_channels_as_in(tensor), *_statistics(tensor, weight, [batch, groups]))


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
    made = (_with_channels_as_in(tensor), scale, torch.empty_like(scale))
    return tuple(each if is_wanted else None for each, is_wanted in zip(made, wanted, strict=True))


def _statistics(
    tensor: Tensor, weight: Tensor | None, sizes: Sequence[int]
) -> tuple[Tensor, Tensor]:
    """Return mean and deviation, which have the precision of the weights."""
    dtype = tensor.dtype if weight is None else weight.dtype
    return tensor.new_empty(sizes, dtype=dtype), tensor.new_empty(sizes, dtype=dtype)


def _with_channels_as_in(tensor: Tensor) -> Tensor:
    """Return a dense tensor with channels last where they are last in another, else second."""
    return torch.empty_like(tensor, memory_format=memory_format_of(tensor))


NORMALIZATION_KERNELS: dict[Operator, Callable[..., Any]] = {
    _aten.native_batch_norm.default: _native_batch_norm,
    _aten.native_batch_norm_backward.default: _native_batch_norm_backward,
    _aten._native_batch_norm_legit.default: _native_batch_norm,
    _aten._native_batch_norm_legit.no_stats: _without_statistics,
    _aten._native_batch_norm_legit_no_training.default: _in_mode(training=False),
    _aten._batch_norm_with_update.default: _in_mode(training=True, is_reserving=True),
    _aten._batch_norm_no_update.default: _in_mode(training=False, is_reserving=True),
    _aten.native_layer_norm.default: _native_layer_norm,
    _aten.native_layer_norm_backward.default: _native_layer_norm_backward,
    _aten.native_group_norm.default: _native_group_norm,
    _aten.native_group_norm_backward.default: _native_group_norm_backward,
}
"""Kernels in place of PyTorch's meta kernels."""
