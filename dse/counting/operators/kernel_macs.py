"""Formulas of the kernels that devices and storage formats have of their own.

As in `operator_macs`: multiply-accumulates of one call, from its arguments and output.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from dse.counting.operators.operator_macs import Rule, elements
from dse.counting.operators.sparse_macs import UNTOLD


def grouped_matmul(args: Sequence[Any], output: Tensor) -> int:
    """Rows × k × n, however the rows, the columns or k are split into groups.

    Each row of a two-dimensional operand meets the matrix of its own group alone. Where both
    operands are two-dimensional k is split, so that each group has a share of the products.
    """
    left, right = args[0], args[1]
    inner = int(left.shape[-1])
    if left.dim() == right.dim() == 2:
        return int(left.shape[0]) * inner * int(right.shape[1])
    return int(output.numel()) * inner


def listed_matmul(args: Sequence[Any], output: Sequence[Tensor]) -> int:
    """Return Σ over the pairs of two lists of matrices."""
    return sum(
        int(left.numel()) * int(right.shape[-1])
        for left, right in zip(args[0], args[1], strict=True)
    )


def half_of_first_axis(args: Sequence[Any], output: Tensor) -> int:
    """Two of four elements of the left operand, which is packed, are kept; k is of the right."""
    return int(output.numel()) * int(args[1].shape[0]) // 2


def plain_convolution(args: Sequence[Any], output: Tensor) -> int:
    """K · (C / groups) for each output element, over input and weight (Co, C / groups, …)."""
    return int(output.numel()) * elements(args[1].shape[1:])


def transposed_convolution(args: Sequence[Any], output: Tensor) -> int:
    """K · (Co / groups) for each input element, over input and weight (C, Co / groups, …)."""
    return int(args[0].numel()) * elements(args[1].shape[1:])


def plain_convolution_backward(gradient: int) -> Rule:
    """As much as the forward for each gradient asked for; `gradient` is that of the output.

    Whether those of input and weight are asked for is said by the last argument.
    """

    def rule(args: Sequence[Any], output: Any) -> int:
        wanted = _wanted(args, (True, True))
        each = int(args[gradient].numel()) * elements(args[2].shape[1:])
        return (bool(wanted[0]) + bool(wanted[1])) * each

    return rule


def _wanted(args: Sequence[Any], default: Sequence[bool]) -> Sequence[bool]:
    """Return which gradients the last argument asks for, or `default` where it says nothing."""
    last = args[-1]
    says = isinstance(last, (list, tuple)) and all(isinstance(each, bool) for each in last)
    return last if says else default


def overrideable_convolution_backward(args: Sequence[Any], output: Any) -> int:
    """As much as the forward for each of the gradients of input and weight asked for."""
    positions = args[1] if args[6] else args[0]
    wanted = bool(args[9][0]) + bool(args[9][1])
    return wanted * int(positions.numel()) * elements(args[2].shape[1:])


def matmul_backward(gradient: int, operand: int) -> Rule:
    """The forward's products for each gradient of an operand that the last argument asks for."""

    def rule(args: Sequence[Any], output: Any) -> int:
        wanted = _wanted(args, (True,))
        each = int(args[gradient].numel()) * int(args[operand].shape[-1])
        return sum(map(bool, wanted[:2])) * each

    return rule


def distances(first: int, pairs: int | None = None) -> Rule:
    """Euclidean distances: a difference squared and added is one MAC, for each pair and feature.

    Those of any other norm multiply nothing, or raise to a power, and have none.

    Args:
        first: position of the vectors; the norm's number comes after them, if it is given.
        pairs: position of the tensor with one element a pair; None for the output.
    """

    def rule(args: Sequence[Any], output: Any) -> int:
        norm = next((value for value in args if isinstance(value, (int, float))), 2.0)
        counted = output if pairs is None else args[pairs]
        return int(counted.numel()) * int(args[first].shape[-1]) if norm == 2 else 0

    return rule


def linear_combination(args: Sequence[Any], output: Tensor) -> int:
    """Each output element sums over the first axis of the tensors that are combined."""
    return int(output.numel()) * int(args[0].shape[0])


def recurrent_stack(args: Sequence[Any], output: Any) -> int:
    """All layers and directions at once: each matrix of weights once a step and item."""
    matrices = sum(int(weight.numel()) for weight in args[1] if weight.dim() == 2)
    return elements(args[0].shape[:-1]) * matrices


def recurrent_stack_activations(args: Sequence[Any], output: Any) -> int:
    """Return the output elements of the linear maps of each step."""
    rows = sum(int(weight.shape[0]) for weight in args[1] if weight.dim() == 2)
    return elements(args[0].shape[:-1]) * rows


def twice(rule: Rule) -> Rule:
    """Return the rule of a backward pass: a product each for inputs and weights."""
    return lambda args, output: 2 * rule(args, output)


def attention_backward(args: Sequence[Any], output: Any) -> int:
    """Fused attention (…, h, n, d): the scores again, then the gradients of scores, Q, K and V."""
    query, key, value = args[1:4]
    *batch, queries, width = query.shape
    scores = elements(batch) * int(queries) * int(key.shape[-2])
    return scores * (3 * int(width) + 2 * int(value.shape[-1]))


def packed_attention(first: int, lengths: int, per_query: int, per_value: int) -> Rule:
    """Fused attention over (batch, n, h, d), or over sequences in a row (Σn, h, d).

    Args:
        first: position of the query; key and value come after it.
        lengths: position of where each sequence of queries begins; that of keys comes after it.
        per_query: products of scores with a matrix as wide as the queries.
        per_value: those with one as wide as the values.
    """

    def rule(args: Sequence[Any], output: Any) -> int:
        query, key, value = args[first : first + 3]
        starts, key_starts = args[lengths : lengths + 2]
        heads, width = map(int, query.shape[-2:])
        if starts is None or key_starts is None:
            batch = elements(query.shape[:-3])
            pairs = batch * int(query.shape[-3]) * int(key.shape[-3])
        elif starts.is_meta or key_starts.is_meta:
            return UNTOLD
        else:
            products = starts.diff().long() * key_starts.diff().long()
            pairs = int(products.sum())
        return pairs * heads * (per_query * width + per_value * int(value.shape[-1]))

    return rule


def attention_packed_or_not(lengths: int, whole: Rule, packed: Rule) -> Rule:
    """Return `packed` for sequences in a row, whose beginnings are at `lengths`, else `whole`."""
    return lambda args, output: (whole if args[lengths] is None else packed)(args, output)
