"""The formulas: multiply-accumulates of one call of an operator, from its arguments and output."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from dse.counting.operators.sparse_macs import sparse_product
from dse.counting.tensors import is_sparse

Rule = Callable[[Sequence[Any], Any], int]
"""(arguments of the operator, its output) -> multiply-accumulates."""


class OperatorRule(NamedTuple):
    """How to cost an operator."""

    macs: Rule
    weighted: Sequence[int] | None
    """Positions of the operands of which one must come from parameters for the operator to be a
    layer, whose output elements are activations; None where it always is one."""
    activations: Rule | None = None
    """Output elements of the layers inside a fused operator; None for those of its output."""


def elements(shape: Sequence[int]) -> int:
    """Return the product of sizes; 1 for none."""
    count = 1
    for size in shape:
        count *= size
    return count


def convolution(args: Sequence[Any], output: Tensor) -> int:
    """K · (C / groups) for each output element; for a transposed one, for each input element."""
    tensor, weight = args[0], args[1]
    transposed = args[6]
    positions = tensor if transposed else output
    return int(positions.numel()) * elements(weight.shape[1:])


def matmul(left: int) -> Rule:
    """(…, n, k) @ (…, k, m): k for each output element; `left` is the position of the left one.

    Of a sparse operand, only the elements that are stored are multiplied.
    """

    def rule(args: Sequence[Any], output: Tensor) -> int:
        if is_sparse(args[left]) or is_sparse(args[left + 1]):
            return sparse_product(args[left], args[left + 1])
        return int(output.numel()) * int(args[left].shape[-1])

    return rule


def summed_batch_matmul(args: Sequence[Any], output: Tensor) -> int:
    """Return Σ over the batch of (n, k) @ (k, m): every product of the batch counts."""
    batch, _, inner = args[1].shape
    return int(output.numel()) * int(batch) * int(inner)


def trilinear(args: Sequence[Any], output: Tensor) -> int:
    """Bilinear form x1ᵀ A x2: one MAC for each element of the product of all three operands.

    The operands are broadcast against each other along their `expand` axes, so the volume is that
    of the common shape.
    """
    operands, expansions = args[:3], args[3:6]
    shapes = []
    for operand, expand in zip(operands, expansions, strict=True):
        shape = list(operand.shape)
        for axis in sorted(expand):
            shape.insert(axis, 1)
        shapes.append(shape)
    common: torch.Size = torch.broadcast_shapes(*shapes)
    return elements(common)


def attention(args: Sequence[Any], output: Any) -> int:
    """Fused attention: Q·Kᵀ and then the product with V, over query (…, h, n, d), key, value."""
    query, key, value = args[:3]
    *batch, queries, width = query.shape
    keys = key.shape[-2]
    return elements(batch) * int(queries) * int(keys) * (int(width) + int(value.shape[-1]))


def over_last_axis(args: Sequence[Any], output: Tensor) -> int:
    """Each output element sums over the last axis of the first argument."""
    return int(output.numel()) * int(args[0].shape[-1])


def temporal_convolution(args: Sequence[Any], output: Tensor) -> int:
    """Weight (kernel, C, Co) over (time, batch, C)."""
    return int(output.numel()) * elements(args[1].shape[:2])


def deformable_convolution(args: Sequence[Any], output: Tensor) -> int:
    """As an ordinary convolution (arXiv:1811.11168); the sampling interpolates."""
    return int(output.numel()) * elements(args[1].shape[1:])


def convolution_backward(args: Sequence[Any], output: Any) -> int:
    """As much as the forward for each of the gradients of input and weight that are asked for."""
    gradient, tensor, weight = args[:3]
    transposed, wanted = args[7], args[10]
    positions = tensor if transposed else gradient
    return (bool(wanted[0]) + bool(wanted[1])) * int(positions.numel()) * elements(weight.shape[1:])


def multi_head_attention(args: Sequence[Any], output: Any) -> int:
    """Projections of query (N, L, E), key and value (N, S, E), attention, output projection."""
    query, key = args[0], args[1]
    batch, queries, width = map(int, query.shape)
    keys = int(key.shape[1])
    projections = width * width * (2 * queries + 2 * keys)
    return batch * (projections + 2 * queries * keys * width)


def multi_head_attention_activations(args: Sequence[Any], output: Any) -> int:
    """Return the output elements of the four projections of `multi_head_attention`."""
    query, key = args[0], args[1]
    return 2 * int(query.numel()) + 2 * int(key.numel())


def encoder_layer(args: Sequence[Any], output: Any) -> int:
    """Self-attention and the two linear layers of a fused transformer encoder layer."""
    source, first = args[0], args[14]
    rows = int(source.numel()) // int(source.shape[-1])
    return multi_head_attention((source, source), output) + 2 * rows * int(first.numel())


def encoder_layer_activations(args: Sequence[Any], output: Any) -> int:
    """Return the output elements of the six linear layers of `encoder_layer`."""
    source, first = args[0], args[14]
    rows = int(source.numel()) // int(source.shape[-1])
    attention = multi_head_attention_activations((source, source), output)
    return attention + rows * int(first.shape[0]) + int(source.numel())


def recurrent_layer(args: Sequence[Any], output: Any) -> int:
    """A fused recurrent layer over (steps, batch, features): each weight once a step and item."""
    steps_and_batch = args[0].shape[:2]
    return elements(steps_and_batch) * (int(args[1].numel()) + int(args[2].numel()))


def recurrent_layer_activations(args: Sequence[Any], output: Any) -> int:
    """Return the output elements of the two linear maps of each step."""
    return 2 * elements(args[0].shape[:2]) * int(args[1].shape[0])


def quantized(args: Sequence[Any], output: Tensor) -> int:
    """Convolution or linear layer with packed int8 weights, their shape (Co, C / groups, …)."""
    weight: Tensor = args[1].unpack()[0]
    return output.numel() * elements(weight.shape[1:])
