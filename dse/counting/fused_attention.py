"""Runs attention on the meta device as one operator, as real devices do.

On meta tensors PyTorch decomposes `scaled_dot_product_attention` into matrix products around a
softmax, whose map of scores no real device keeps. The conditions are those under which PyTorch
fuses it on the CPU (`sdp_utils_cpp`), which hold for most models on other devices too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import FunctionType, MappingProxyType
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from dse.counting.torch_internals import CPU_ATTENTION


class FusedAttention(TorchFunctionMode):
    """Sends attention on meta tensors to its fused operator, where a real device would.

    Args:
        listener: called before each function of PyTorch that a model calls.
        fuses: whether to.
        others: what else is called in place of functions.
    """

    def __init__(
        self,
        listener: Callable[[], None],
        fuses: bool = True,
        others: Mapping[Callable[..., Any], Callable[..., Any]] = MappingProxyType({}),
    ) -> None:
        super().__init__()
        self._listener = listener
        self._called = {**(_FUSED if fuses else {}), **others}

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        self._listener()
        return self._called.get(func, func)(*args, **(kwargs or {}))


def _attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    if (
        not query.is_meta
        or dropout_p
        or not _has_fusible_shapes(query, key, value, enable_gqa)
        or (attn_mask is not None and not _is_fusible_mask(attn_mask, is_causal))
    ):
        return F.scaled_dot_product_attention(
            query,
            key,
            value,
            attn_mask,
            dropout_p,
            is_causal,
            scale=scale,
            enable_gqa=enable_gqa,
        )
    if attn_mask is not None and attn_mask.dtype is torch.bool:
        added = torch.zeros_like(attn_mask, dtype=query.dtype)
        attn_mask = added.masked_fill_(attn_mask.logical_not(), float("-inf"))
    output: Tensor = CPU_ATTENTION(
        query, key, value, dropout_p, is_causal, attn_mask=attn_mask, scale=scale
    )[0]
    return output


# A mode sees only the outermost function, so that this one has to call the above itself.
_multi_head_attention_forward = FunctionType(
    F.multi_head_attention_forward.__code__,
    {
        **vars(F),
        "scaled_dot_product_attention": _attention,
        "has_torch_function": lambda tensors: False,
    },
    argdefs=F.multi_head_attention_forward.__defaults__,
)


_FUSED: dict[Callable[..., Any], Callable[..., Any]] = {
    F.scaled_dot_product_attention: _attention,
    F.multi_head_attention_forward: _multi_head_attention_forward,
}


def _has_fusible_shapes(query: Tensor, key: Tensor, value: Tensor, shares_heads: bool) -> bool:
    return (
        query.dim() == key.dim() == value.dim() == 4
        and query.is_floating_point()
        and query.shape[0] == key.shape[0] == value.shape[0]
        and key.shape[1] == value.shape[1]
        and (query.shape[1] == key.shape[1] or (shares_heads and _divides(key, query)))
        and query.shape[3] == key.shape[3] == value.shape[3]
        and min(query.shape[2], key.shape[2]) > 0
        and query.stride(3) == key.stride(3) == value.stride(3) == 1
    )


def _divides(key: Tensor, query: Tensor) -> bool:
    """Return whether each head of keys serves a whole number of heads of queries."""
    return key.shape[1] > 0 and query.shape[1] % key.shape[1] == 0


def _is_fusible_mask(mask: Tensor, is_causal: bool) -> bool:
    return not is_causal and not mask.requires_grad and mask.dim() in (2, 4)
