"""What the flash kernel of a GPU takes and returns where the size of a head is padded for it.

The kernel reads and writes rows of whole heads of a multiple of `ALIGNED` elements. What was added
takes memory, but is no part of the attention: tensors have the size that was asked for, and rows
that lie further apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from dse.counting.torch_internals import FLASH_ATTENTION, FLASH_ATTENTION_BACKWARD, Operator

_ALIGNED = 8
"""What the size of a head is padded to a multiple of."""


def as_the_kernel_reads(tensor: Tensor) -> Tensor:
    """Return query, key or value with room for whole heads; its gradient is copied out of them."""
    return tensor if tensor.shape[-1] % _ALIGNED == 0 else _Read.apply(tensor)


def as_the_kernel_writes(tensor: Tensor) -> Tensor:
    """Return the output of the kernel; its gradient is copied to whole heads."""
    return tensor if tensor.shape[-1] % _ALIGNED == 0 else _Written.apply(tensor)


class _Read(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, tensor: Tensor) -> Tensor:
        return _padded(tensor)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        return gradient.contiguous()


class _Written(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, tensor: Tensor) -> Tensor:
        return tensor.view_as(tensor)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        return _padded(gradient)


def _padded(tensor: Tensor) -> Tensor:
    size = tensor.shape[-1]
    return F.pad(tensor, (0, -size % _ALIGNED))[..., :size]


def _with_room(tensor: Tensor) -> Tensor:
    """Return a tensor with heads of the size that the kernel sees."""
    size = tensor.shape[-1]
    return tensor.new_empty(*tensor.shape[:-1], size + -size % _ALIGNED)


def _attention(query: Tensor, key: Tensor, value: Tensor, *args: Any, **kwargs: Any) -> Any:
    size = query.shape[-1]
    if size % _ALIGNED == 0:
        return FLASH_ATTENTION.default(query, key, value, *args, **kwargs)
    whole = map(_with_room, (query, key, value))
    output, *others = FLASH_ATTENTION.default(*whole, *args, **kwargs)
    return (output[..., :size], *others)


def _attention_backward(gradient: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, ...]:
    operands, size = args[:3], args[0].shape[-1]
    if size % _ALIGNED == 0:
        made: tuple[Tensor, ...] = FLASH_ATTENTION_BACKWARD.default(gradient, *args, **kwargs)
        return made
    return tuple(_with_room(each)[..., :size] for each in operands)


FLASH_KERNELS: dict[Operator, Callable[..., Any]] = {
    FLASH_ATTENTION.default: _attention,
    FLASH_ATTENTION_BACKWARD.default: _attention_backward,
}
"""Kernels in place of PyTorch's meta kernels."""
