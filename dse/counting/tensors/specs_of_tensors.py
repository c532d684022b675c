"""The specs of PyTorch's own tensors, and the names of its dtypes."""

from __future__ import annotations

import torch

from dse.counting.tensors.tensor_specs import BITS, TensorSpec


def bits_of(dtype: torch.dtype) -> int:
    """Return the bits that an element takes."""
    return BITS[name_of(dtype)]


_NAMES: dict[torch.dtype, str] = {}


def name_of(dtype: torch.dtype) -> str:
    """Return the name of a dtype, such as `float32`."""
    name = _NAMES.get(dtype)
    if name is None:
        name = _NAMES[dtype] = str(dtype).removeprefix("torch.")
    return name


def dtype_of_name(name: str) -> torch.dtype:
    """Return the dtype of a name that `name_of` gave."""
    dtype: torch.dtype = getattr(torch, name)
    return dtype


def spec_of(tensor: torch.Tensor) -> TensorSpec:
    """Return the spec of a tensor; one that is not strided has no strides."""
    # A shape of PyTorch's own kind has another text, and would load PyTorch where it is read.
    shape = tuple(tensor.shape)
    stride = tensor.stride() if tensor.layout is torch.strided else ()
    return TensorSpec(shape, stride, name_of(tensor.dtype))
