"""Which operands of an operator have to be of one dtype, as its kernels on devices ask for.

On the meta device most of them take any, so that a model would be counted that runs nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from dse.counting.tensors import name_of
from dse.counting.torch_internals import Operator

HALVES = (torch.float16, torch.bfloat16)

_Table = Mapping[tuple[int, ...], str]
"""Names of operators, by the positions of operands."""

_ALIKE: _Table = {
    (0, 1): """
        mm mv _prelu_kernel binary_cross_entropy grid_sampler_2d grid_sampler_3d heaviside
        linalg_cross complex polar _grouped_mm _cdist_forward convolution
    """,
    (0, 1, 2): """
        addmm addbmm _scaled_dot_product_flash_attention
        _scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_efficient_attention
    """,
    (0, 2): "index_put put nll_loss_forward nll_loss2d_forward",
    (0, 3): """
        index_add index_copy index_reduce fractional_max_pool3d _unsafe_masked_index_put_accumulate
    """,
    (0, 6): "_embedding_bag _embedding_bag_forward_only",
}
"""Operands of one dtype.

Other operators say so on the meta device themselves, or follow from a forward pass that does.
"""
_WITH_WEIGHTS: _Table = {
    (0, 1, 2): "native_group_norm",
    (0, 2, 3): "native_layer_norm",
    (0, 1, 2, 3, 4): """
        native_batch_norm _native_batch_norm_legit _native_batch_norm_legit_no_training
        _batch_norm_with_update _batch_norm_no_update
    """,
}
"""The same, but beside an input of `HALVES` all others may be of float32."""


def _by_name(table: _Table) -> dict[str, tuple[int, ...]]:
    return {name: places for places, names in table.items() for name in names.split()}


_OF_WEIGHTS = _by_name(_WITH_WEIGHTS)
_POSITIONS = _by_name(_ALIKE) | _OF_WEIGHTS


def check_dtypes(operator: Operator, args: Sequence[Any]) -> None:
    """Refuse operands of different dtypes, as PyTorch does on data.

    Raises:
        RuntimeError: naming the dtypes, in the manner of PyTorch.
    """
    name = operator.overloadpacket.__name__.removesuffix("_")
    places = _POSITIONS.get(name)
    if places is None or operator.namespace != "aten":
        return
    given = [args[place] for place in places if place < len(args)]
    first, *others = (each.dtype for each in given if isinstance(each, Tensor))
    if all(each is first for each in others):
        return
    if name in _OF_WEIGHTS and first in HALVES and all(e is torch.float32 for e in others):
        return
    found = " and ".join(dict.fromkeys(map(name_of, (first, *others))))
    raise RuntimeError(f"expected the operands of {name} to have the same dtype, but got {found}")


def check_attention_dtypes(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> None:
    """Refuse what `scaled_dot_product_attention` does.

    Raises:
        RuntimeError: in the words of PyTorch.
    """
    dtypes = [name_of(each.dtype) for each in (query, key, value)]
    if len(set(dtypes)) > 1:
        raise RuntimeError(
            "Expected query, key, and value to have the same dtype, but got query.dtype: "
            f"{dtypes[0]} key.dtype: {dtypes[1]} and value.dtype: {dtypes[2]} instead."
        )
    if mask is not None and mask.dtype not in (torch.bool, torch.float32, query.dtype):
        raise RuntimeError(
            "Expected attn_mask dtype to be bool or float or to match query dtype, but got "
            f"attn_mask.dtype: {name_of(mask.dtype)} and query.dtype: {dtypes[0]} instead."
        )
