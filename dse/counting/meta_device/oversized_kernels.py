"""What operators return on a CPU on a larger storage than it takes, which lives as long as it does.

Their kernels make a tensor for what they work out first, and return it cut to its final size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from dse.counting.torch_internals import Operator

_aten = torch.ops.aten
_SUM, _MAX = 0, 2
"""Modes of an embedding bag."""
_SUMMED_AT_ONCE = (torch.float32, torch.float16, torch.bfloat16)
"""Of weights whose rows a CPU adds up without noting which bag each belongs to."""


def _on_storage_of(like: Tensor, shape: Sequence[int], places: int) -> Tensor:
    """Return a contiguous tensor on a storage of some elements, or of its own if they are more."""
    size = math.prod(shape)
    return like.new_empty(max(places, size))[:size].view(shape)


def _reduced(operator: Operator) -> Callable[..., Tensor]:
    """Return the kernel of a loss, which is reduced where the losses of all elements lie."""

    def kernel(tensor: Tensor, target: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        output: Tensor = operator(tensor, target, *args, **kwargs)
        if output.dim():
            return output
        shape = torch.broadcast_shapes(tensor.shape, target.shape)
        return output.new_empty(shape).as_strided((), ())

    return kernel


def _like_input(operator: Operator) -> Callable[..., Tensor]:
    """Return the kernel of what is made on a storage that would hold the input."""

    def kernel(tensor: Tensor, *args: Any) -> Tensor:
        output: Tensor = operator(tensor, *args)
        return _on_storage_of(output, output.shape, tensor.numel())

    return kernel


def _bag(with_gradient: bool) -> Callable[..., tuple[Tensor, ...]]:
    """Return the kernel of an embedding bag."""

    def kernel(
        weight: Tensor,
        indices: Tensor,
        offsets: Tensor,
        scale_grad_by_freq: bool = False,
        mode: int = _SUM,
        sparse: bool = False,
        per_sample_weights: Tensor | None = None,
        include_last_offset: bool = False,
        padding_idx: int = -1,
    ) -> tuple[Tensor, ...]:
        """The bag of each index is noted where they are not summed at once, with one place more."""
        features, starts = weight.shape[1], offsets.shape[0]
        bags = starts - include_last_offset
        is_at_once = (
            mode == _SUM
            and weight.dtype in _SUMMED_AT_ONCE
            and weight.stride(1) == 1
            and padding_idx < 0
            and (per_sample_weights is None or per_sample_weights.stride(0) == 1)
        )
        of_index = offsets.new_empty(0, dtype=torch.promote_types(indices.dtype, offsets.dtype))
        counted = (bags if with_gradient or mode != _SUM else starts,)
        noted = 0 if is_at_once else indices.shape[0]
        return (
            weight.new_empty(bags, features),
            _on_storage_of(of_index, (noted,), 0 if is_at_once else noted + 1),
            _on_storage_of(of_index, counted, starts),
            of_index.new_empty((bags, features) if mode == _MAX else counted),
        )

    return kernel


OVERSIZED_KERNELS: dict[Operator, Callable[..., Any]] = {
    **{
        operator: _reduced(operator)
        for operator in (
            *(_aten.mse_loss.default, _aten.smooth_l1_loss.default),
            *(_aten.soft_margin_loss.default, _aten.binary_cross_entropy.default),
        )
    },
    _aten.col2im.default: _like_input(_aten.col2im.default),
    _aten.im2col.default: _like_input(_aten.im2col.default),
    _aten._embedding_bag.default: _bag(with_gradient=True),
    _aten._embedding_bag_forward_only.default: _bag(with_gradient=False),
}
"""Kernels in place of PyTorch's meta kernels."""
