"""Recurrent layers as the CPU runs them: which take its path, and what that path keeps.

On the meta device PyTorch composes recurrent layers step by step. A CPU multiplies the whole
sequence with the weights of the input at once, and runs an LSTM as one kernel of oneDNN, unless its
sequences are packed.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from dse.counting.modules import modules_within
from dse.counting.torch_internals import PACK_PADDED, is_fake, without_modes

_PAGE = 4096
_LINE = 64


def has_recurrent_layers(model: nn.Module) -> bool:
    """Return whether a model has layers that PyTorch composes by the device that they run on."""
    return any(isinstance(module, nn.RNNBase) for _, module in modules_within(model))


def lstm_layer(
    tensor: Tensor,
    input_weight: Tensor,
    hidden_weight: Tensor,
    input_bias: Tensor,
    hidden_bias: Tensor,
    hidden: Tensor,
    cell: Tensor,
    reverse: bool,
    batch_sizes: Sequence[int],
    mode: int,
    hidden_size: int,
    layers: int,
    has_biases: bool,
    bidirectional: bool,
    batch_first: bool,
    train: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """One direction of one layer; in training the workspace is kept for the backward pass."""
    steps, batch, inputs = tensor.shape
    workspace = workspace_bytes(steps, batch, inputs, hidden_size, tensor.itemsize) if train else 0
    return (
        tensor.new_empty(steps, batch, hidden_size),
        torch.empty_like(hidden),
        torch.empty_like(cell),
        tensor.new_empty(workspace, dtype=torch.uint8),
    )


def lstm_layer_backward(*args: Any) -> tuple[Tensor, ...]:
    """Each of the two biases has a gradient of its own."""
    made = list(torch.ops.aten.mkldnn_rnn_layer_backward.default(*args))
    made[4] = torch.empty_like(made[3])
    return tuple(made)


def packed(tensor: Tensor, lengths: Tensor, batch_first: bool) -> tuple[Tensor, Tensor]:
    """Return steps without data, and the real numbers of sequences that have each of them."""
    if lengths.is_meta or is_fake(lengths):
        made: tuple[Tensor, Tensor] = PACK_PADDED(tensor, lengths, batch_first)
        return made
    with without_modes():
        steps = torch.empty(*tensor.shape[:2])
        sizes = PACK_PADDED(steps, lengths, batch_first)[1]
        total = int(sizes.sum())
    return tensor.new_empty(total, *tensor.shape[2:]), sizes


def padded(
    steps: Tensor, sizes: Sequence[int], batch_first: bool, padding: float, most_steps: int
) -> tuple[Tensor, Tensor, list[int]]:
    """Return packed sequences as rows of one length, a tensor of how long each is, and its values.

    It runs the operators that PyTorch does.

    Args:
        steps: of all sequences, one behind the other.
        sizes: how many sequences have each step.
        batch_first: whether the first axis of the result is that of the sequences.
        padding: what stands behind the end of a sequence.
        most_steps: of the result; 0 or less for those of the longest sequence.
    """
    shape = (max(len(sizes), most_steps), sizes[0], *steps.shape[1:])
    made = torch.full(shape, padding, dtype=steps.dtype, device=steps.device)
    told, lengths = torch.empty(sizes[0], dtype=torch.int64), list[int]()
    begun = offset = 0
    for step, (size, following) in enumerate(pairwise((*sizes, 0)), start=1):
        if following < size:
            taken = (step - begun) * size
            rows = made.narrow(0, begun, step - begun).narrow(1, 0, size)
            rows.copy_(steps.narrow(0, offset, taken).view(rows.shape))
            begun, offset = step, offset + taken
            lengths = [step] * (size - following) + lengths
    return (made.transpose(0, 1) if batch_first else made), told, lengths


def workspace_bytes(steps: int, batch: int, inputs: int, hidden: int, itemsize: int) -> int:
    """Return the bytes that oneDNN keeps of a pass over a sequence for the backward pass.

    They are gates and states of each step, and room for the gradients of the states, each in
    whole pages, with rows that begin at lines of the cache (`rnn_utils` of oneDNN).

    Args:
        steps: length of the sequence.
        batch: number of sequences.
        inputs: features of the input.
        hidden: features of the states.
        itemsize: bytes of an element.
    """
    rows, states = steps * batch, 2 * (steps + 1) * batch
    wider = max(inputs, hidden)
    gradient = torch.float32.itemsize
    areas = (
        rows * _row_bytes(4 * hidden, itemsize),
        rows * _row_bytes(hidden, itemsize),
        states * _row_bytes(wider, itemsize),
        states * hidden * itemsize,
        states * _row_bytes(wider, gradient),
        states * _row_bytes(wider, gradient),
        states * hidden * gradient,
    )
    return sum(_whole(area, _PAGE) for area in areas)


def _row_bytes(size: int, itemsize: int) -> int:
    """Return the distance of two rows: whole lines of the cache, but not 256 elements or so."""
    in_lines = _whole(size * itemsize, _LINE)
    return in_lines if in_lines // itemsize % 256 else in_lines + _LINE


def _whole(nbytes: int, unit: int) -> int:
    return -(-nbytes // unit) * unit
