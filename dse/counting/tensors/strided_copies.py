"""Copies of tensors that lie in memory as the tensors do, also where elements share their place.

`Tensor.clone()` gives each element of an expanded tensor, of a slice, or of windows that overlap a
place of its own, which would take another size than the tensor itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def strided_copy(tensor: Tensor) -> Tensor:
    """Return a copy of a tensor with its strides, on a storage that nothing else uses."""
    given = tensor.detach()
    copied = given.clone()
    if tensor.layout is not torch.strided or copied.stride() == tensor.stride():
        return copied
    places = given.as_strided((_places(tensor.shape, tensor.stride()),), (1,))
    return places.clone().as_strided(tensor.shape, tensor.stride())


def strided_tensor(values: Tensor, strides: Sequence[int]) -> Tensor:
    """Return the values of a tensor laid out otherwise; of those that share a place, the first.

    Args:
        values: of the shape that the result has.
        strides: of the result.
    """
    places = values.new_zeros(_places(values.shape, strides))
    made = places.as_strided(values.shape, tuple(strides))
    write_strided(made, values)
    return made


def write_strided(target: Tensor, values: Tensor) -> None:
    """Write values to a tensor, of expanded axes the first alone."""
    for axis, (size, stride) in enumerate(zip(target.shape, target.stride(), strict=True)):
        if stride == 0 and size > 1:
            target, values = target.narrow(axis, 0, 1), values.narrow(axis, 0, 1)
    target.copy_(values)


def _places(shape: Sequence[int], strides: Sequence[int]) -> int:
    """Return how many places in memory there are from the first element to the last."""
    if 0 in shape:
        return 0
    return 1 + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
