"""Multiply-accumulates of products with sparse matrices: of the elements that are stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from dse.counting.tensors import is_sparse
from dse.counting.torch_internals import stored_values

UNTOLD = -1
"""What a rule returns where the figure depends on values that the tensors do not have."""


def sparse_product(left: Tensor, right: Tensor) -> int:
    """Each stored element meets a row, or a column, of the other operand.

    Of two sparse operands, each stored element of the left one meets those stored in a row of the
    right one.
    """
    if is_sparse(left) and is_sparse(right):
        return _of_both(left, right)
    if is_sparse(left):
        return int(stored_values(left).numel()) * (int(right.shape[-1]) if right.dim() > 1 else 1)
    return int(stored_values(right).numel()) * (int(left.shape[-2]) if left.dim() > 1 else 1)


def _of_both(left: Tensor, right: Tensor) -> int:
    if left.is_meta or right.is_meta:
        return UNTOLD
    columns, rows = _coo_indices(left)[-1], _coo_indices(right)[-2]
    in_row = torch.bincount(rows, minlength=right.shape[-2])
    return int(in_row[columns].sum())


def _coo_indices(tensor: Tensor) -> Tensor:
    indices: Tensor = tensor.detach().to_sparse_coo().coalesce().indices()
    return indices


def sparse_matmul(left: int) -> Callable[[Sequence[Any], Any], int]:
    """Return the rule of a product of which one operand is sparse; `left` is the first's place."""
    return lambda args, output: sparse_product(args[left], args[left + 1])


def sampled_matmul(args: Sequence[Any], output: Tensor) -> int:
    """Return k for each stored element of the first argument, where alone the product is made."""
    return int(stored_values(args[0]).numel()) * int(args[1].shape[-1])


def reduced_matmul(args: Sequence[Any], output: Any) -> int:
    """As a product where the reduction is a sum or a mean; a maximum is none, but as costly."""
    return sparse_product(args[0], args[1])
