"""Operators on sparse tensors without data, as the gradient of `nn.Embedding(sparse=True)` is one.

PyTorch's meta kernels take most of what they make to store nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from dse.counting.tensors import is_sparse, tensors_in
from dse.counting.torch_internals import Operator, stored_indices, stored_values

_aten = torch.ops.aten
_MAKERS = (
    _aten._sparse_coo_tensor_with_dims_and_tensors.default,
    _aten.clone.default,
    _aten.detach.default,
)
"""Operators that make a sparse tensor of which the elements are given."""


def clone(tensor: Tensor, **options: Any) -> Tensor:
    """Return a copy of a tensor, which stores as much if it is sparse."""
    if tensor.layout is not torch.sparse_coo:
        copied: Tensor = _aten.clone.default(tensor, **options)
        return copied
    (indices,), values = stored_indices(tensor), stored_values(tensor)
    made: Tensor = _aten._sparse_coo_tensor_with_dims_and_tensors.default(
        *(tensor.sparse_dim(), tensor.dense_dim(), tensor.shape),
        *(torch.empty_like(indices), torch.empty_like(values)),
        dtype=tensor.dtype,
        layout=torch.sparse_coo,
        device=tensor.device,
    )
    return made


def check_stored(
    operator: Operator, args: Sequence[Any], kwargs: Mapping[str, Any], output: Any
) -> None:
    """Check that a sparse tensor that an operator makes or writes to stores what is known.

    Raises:
        NotImplementedError: where only data tells how many elements it stores.
    """
    if not is_sparse(output) or operator in _MAKERS:
        return
    given = [tensor for tensor in tensors_in((args, dict(kwargs))) if is_sparse(tensor)]
    if len(given) != 1 or given[0] is not output:
        raise NotImplementedError(f"what {operator} stores as sparse tensor depends on data")
