"""Runs attention on the meta device as one operator, as real devices do.

On meta tensors PyTorch decomposes `scaled_dot_product_attention` into matrix products around a
softmax, whose map of scores no real device keeps. Which kernel a call runs as is chosen in
`attention_kernels`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import FunctionType, MappingProxyType
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from dse.counting.meta_device.attention_kernels import (
    AttentionCall,
    as_called,
    chosen_kernel,
    run_kernel,
)
from dse.counting.meta_device.control_flow import ControlFlow
from dse.counting.meta_device.dtype_rules import check_attention_dtypes
from dse.counting.meta_device.known_values import has_data


class FusedAttention(ControlFlow):
    """Sends attention on tensors without data to the kernel that a device runs it as.

    Args:
        listener: called with each function of PyTorch that a model calls, before that.
        kernels: one of `dse.costs.cost_conditions.KERNELS`.
        others: what else is called in place of functions.
    """

    def __init__(
        self,
        listener: Callable[[Callable[..., Any]], None],
        kernels: str = "cpu",
        others: Mapping[Callable[..., Any], Callable[..., Any]] = MappingProxyType({}),
    ) -> None:
        super().__init__()
        self._listener = listener
        self._called = {**_called_instead(kernels), **others}

    def called(
        self, function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]
    ) -> Any:
        """Call a function, or what is called in its place."""
        self._listener(function)
        return self._called.get(function, function)(*args, **kwargs)


def _attending(kernels: str) -> Callable[..., Tensor]:
    """Return `scaled_dot_product_attention` as it runs with some kernels."""

    def attention(
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attn_mask: Tensor | None = None,
        dropout_p: float = 0.0,
        is_causal: bool = False,
        scale: float | None = None,
        enable_gqa: bool = False,
    ) -> Tensor:
        call = AttentionCall(query, key, value, attn_mask, dropout_p, is_causal, scale, enable_gqa)
        if has_data(query) or (kernels == "cpu" and not query.is_meta):
            return as_called(call)
        if torch.is_autocast_enabled("cpu"):
            call = _under_autocast(call)
        check_attention_dtypes(call.query, call.key, call.value, call.mask)
        if query.dim() == key.dim() == value.dim() == 3:
            call = _batched(call)
            return run_kernel(chosen_kernel(kernels, call), call).squeeze(0)
        return run_kernel(chosen_kernel(kernels, call), call)

    return attention


def _batched(call: AttentionCall) -> AttentionCall:
    """Return a call without a batch as PyTorch makes it: with a batch of one."""
    mask = call.mask
    while mask is not None and mask.dim() < 4:
        mask = mask.unsqueeze(0)
    query, key, value = (each.unsqueeze(0) for each in (call.query, call.key, call.value))
    return replace(call, query=query, key=key, value=value, mask=mask)


def _under_autocast(call: AttentionCall) -> AttentionCall:
    """Return a call of attention as autocast makes it: of lower precision."""
    dtype = torch.get_autocast_dtype("cpu")

    def cast(tensor: Tensor) -> Tensor:
        return tensor.to(dtype) if tensor.dtype is torch.float32 else tensor

    mask = call.mask if call.mask is None else cast(call.mask)
    query, key, value = map(cast, (call.query, call.key, call.value))
    return replace(call, query=query, key=key, value=value, mask=mask)


@functools.cache
def _called_instead(kernels: str) -> dict[Callable[..., Any], Callable[..., Any]]:
    attention = _attending(kernels)
    # A mode sees only the outermost function, so that this one has to call the above itself.
    multi_head_attention_forward = FunctionType(
        F.multi_head_attention_forward.__code__,
        {
            **vars(F),
            "scaled_dot_product_attention": attention,
            "has_torch_function": lambda tensors: False,
        },
        argdefs=F.multi_head_attention_forward.__defaults__,
    )
    return {
        F.scaled_dot_product_attention: attention,
        F.multi_head_attention_forward: multi_head_attention_forward,
    }
