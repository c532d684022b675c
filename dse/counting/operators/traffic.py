"""The bytes that an ideal device moves: each operator reads its operands and writes its results.

Each once. Nothing is moved for a view. Operands that were expanded count without the repetition,
and of a table that is looked up in, as many bytes as come out of it. For the layers that torchstat
(0.0.7) knows, this is its MemRead and MemWrite at batch 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from dse.counting.tensors import bytes_of, dense_parts, own_bits, storage_id
from dse.counting.torch_internals import Operator, schema_of

_WRITTEN_BLINDLY = frozenset(
    f"aten.{name}_" for name in ("copy", "fill", "zero", "uniform", "normal", "bernoulli", "random")
)
"""Operators that overwrite their first operand without reading it."""

_NOT_WRITTEN = frozenset(
    f"aten.{name}" for name in ("empty", "empty_like", "empty_strided", "new_empty", "lift_fresh")
)
"""Operators whose results are memory that nothing was written to, or what they were given."""

LOOKED_UP = frozenset(
    f"aten.{name}" for name in ("embedding", "index", "index_select", "gather", "_embedding_bag")
)
"""Operators that read only some elements of their first operand, as many as they return."""

_FIRST_RESULT = frozenset(
    f"aten.{name}"
    for name in (
        *("max_pool2d_with_indices", "max_pool3d_with_indices", "adaptive_max_pool2d"),
        *("native_batch_norm", "native_layer_norm", "native_group_norm"),
        *("_scaled_dot_product_flash_attention_for_cpu", "_native_multi_head_attention"),
    )
)
"""Operators whose other results serve the backward pass alone."""


def traffic(
    operator: Operator,
    name: str,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    outputs: Sequence[Tensor],
    bits: Callable[[Tensor], int] = own_bits,
) -> tuple[int, int]:
    """Return the bytes that an operator call reads and writes.

    Args:
        operator: what is called.
        name: of the operator, such as `aten.addmm`.
        args: its arguments.
        kwargs: further arguments by name.
        outputs: the tensors that it returned.
        bits: those that an element of a tensor takes.
    """
    operands = list(_operands((*args, *kwargs.values())))
    given = {storage_id(tensor) for tensor in operands}
    outputs = outputs[:1] if name in _FIRST_RESULT else outputs
    outputs = [part for tensor in outputs for part in dense_parts(tensor)]
    results = [tensor for tensor in outputs if storage_id(tensor) not in given]
    in_place = schema_of(operator).is_mutable
    if not results and not in_place:
        return 0, 0
    if in_place and operands:
        results += operands[:1]
    if name in _NOT_WRITTEN:
        return 0, 0
    read = 0
    distinct = {(storage_id(t), t.shape, t.stride(), t.storage_offset()): t for t in operands}
    for position, tensor in enumerate(distinct.values()):
        size = touched_bytes(tensor, bits)
        if position == 0 and name in _WRITTEN_BLINDLY:
            continue
        if position == 0 and name in LOOKED_UP:
            size = min(size, sum(touched_bytes(result, bits) for result in results))
        read += size
    return read, sum(touched_bytes(result, bits) for result in results)


def touched_bytes(tensor: Tensor, bits: Callable[[Tensor], int] = own_bits) -> int:
    """Return the bytes of a tensor's distinct elements: expanded axes count once."""
    elements = 1
    for size, stride in zip(tensor.shape, tensor.stride(), strict=True):
        elements *= size if stride or not size else 1
    return bytes_of(elements, bits(tensor))


def _operands(values: Sequence[Any]) -> list[Tensor]:
    found: list[Tensor] = []
    for value in values:
        if isinstance(value, Tensor):
            found += dense_parts(value)
        elif isinstance(value, (list, tuple)):
            found += _operands(value)
        elif isinstance(value, torch.ScriptObject) and hasattr(value, "unpack"):
            found += [weight for weight in value.unpack() if isinstance(weight, Tensor)]
    return found
