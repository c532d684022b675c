"""What a model is run on: shapes, tensors, and nested collections of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from dse.counting.known_values import MOST_ELEMENTS
from dse.counting.sparse_macs import is_sparse
from dse.errors import DseError, nearest


@dataclass(frozen=True, slots=True)
class Input:
    """An input of a model: its shape, batch included, its dtype, and what it holds.

    Raises:
        DseError: for a dtype that PyTorch does not know.

    >>> Input((1, 77), "int64", values=1)
    Input(shape=(1, 77), dtype=torch.int64, values=1, stride=None)
    """

    shape: tuple[int, ...]
    dtype: torch.dtype | str | None = None
    """Or its name, such as `int64`; None for the dtype of the model's parameters."""
    values: bool | int | float | None = None
    """The number that it holds everywhere where the model runs on data; None for standard normal
    noise, and for zeros in integers. An input with values of its own is given as a tensor."""
    stride: tuple[int, ...] | None = None
    """None for a contiguous tensor."""

    def __post_init__(self) -> None:
        """Read a dtype that is given by name."""
        if isinstance(self.dtype, str):
            object.__setattr__(self, "dtype", _parse_dtype(self.dtype))
        object.__setattr__(self, "shape", tuple(self.shape))

    def dtype_or(self, default: torch.dtype) -> torch.dtype:
        """Return its dtype, or that of the model."""
        return self.dtype if isinstance(self.dtype, torch.dtype) else default


Inputs = Any
"""A shape such as `(1, 3, 224, 224)`, an `Input`, a tensor, or lists, tuples and dicts of these."""


def parse_input(text: str, batch: int = 1) -> Input:
    """Return a command-line input such as `3,224,224` or `77:int64`.

    Args:
        text: sizes without the batch, separated by commas or `x`, then `:dtype` where it is not
            the model's own.
        batch: size of the batch axis, put in front.

    Raises:
        DseError: for sizes that are no positive integers, or an unknown dtype.
    """
    sizes, _, dtype = text.partition(":")
    numbers = [part.strip() for part in sizes.replace("x", ",").split(",") if part.strip()]
    if not all(part.isdecimal() and int(part) > 0 for part in numbers):
        raise DseError(f"--input {text!r}: expected positive sizes such as 3,224,224")
    return Input((batch, *map(int, numbers)), _parse_dtype(dtype) if dtype else None)


def _parse_dtype(name: str) -> torch.dtype:
    known = {
        attribute: value
        for attribute, value in vars(torch).items()
        if isinstance(value, torch.dtype)
    }
    if name not in known:
        raise DseError(f"unknown dtype {name!r}; {nearest(name, known)}")
    return known[name]


MakeTensor = Callable[["Input | Tensor", torch.dtype], Tensor]
"""Makes the tensor that a model runs on from a shape or a given tensor, and the model's dtype."""


def meta_tensor(values: list[tuple[Tensor, Tensor]]) -> MakeTensor:
    """Return a maker of tensors on the meta device.

    Args:
        values: takes each tensor that is made, with what it would hold, where that is known.
    """

    def make(value: Input | Tensor, dtype: torch.dtype) -> Tensor:
        made = _without_data(value, dtype)
        if isinstance(value, Tensor):
            values.append((made, value.detach()))
        elif made.numel() <= MOST_ELEMENTS and (value.values is not None or not _is_noise(made)):
            values.append((made, torch.full(made.shape, value.values or 0, dtype=made.dtype)))
        return made

    return make


def _is_noise(tensor: Tensor) -> bool:
    """Return whether a tensor of unnamed values holds noise, and not zeros."""
    return tensor.is_floating_point() or tensor.is_complex()


def _without_data(value: Input | Tensor, dtype: torch.dtype) -> Tensor:
    if isinstance(value, Tensor):
        return torch.empty_strided(value.size(), value.stride(), dtype=value.dtype, device="meta")
    empty = torch.empty(value.shape, dtype=value.dtype_or(dtype), device="meta")
    if value.stride is None:
        return empty
    return torch.empty_strided(value.shape, value.stride, dtype=empty.dtype, device="meta")


def real_tensor(device: torch.device) -> MakeTensor:
    """Return a maker of real tensors on a device: standard normal noise, zeros for integers."""

    def make(value: Input | Tensor, dtype: torch.dtype) -> Tensor:
        if isinstance(value, Tensor):
            return value.detach().clone()
        dtype = value.dtype_or(dtype)
        if value.values is not None:
            return torch.full(value.shape, value.values, dtype=dtype, device=device)
        made = torch.zeros(value.shape, dtype=dtype, device=device)
        return made.normal_() if _is_noise(made) else made

    return make


def positional(inputs: Inputs, dtype: torch.dtype, make: MakeTensor) -> tuple[Any, ...]:
    """Return the positional arguments of a forward as tensors.

    Args:
        inputs: one input, or a list (or tuple) of several; see `Inputs`.
        dtype: of the shapes that name none.
        make: how to make each tensor.

    Raises:
        DseError: for something that is neither a shape, a tensor nor a collection of them.
    """
    if _is_shape(inputs) or not isinstance(inputs, (list, tuple)):
        return (_made(inputs, dtype, make),)
    return tuple(_made(item, dtype, make) for item in inputs)


def by_keyword(
    kwargs: Mapping[str, Any] | None, dtype: torch.dtype, make: MakeTensor
) -> dict[str, Any]:
    """Return keyword arguments of a forward with a tensor for each tensor or `Input`.

    Plain values (numbers, strings, tuples of numbers) are passed on as they are.
    """
    return {
        name: _made(value, dtype, make)
        if isinstance(value, (Input, Tensor, list, dict)) and not _is_shape(value)
        else value
        for name, value in (kwargs or {}).items()
    }


def holds_sparse(value: Any) -> bool:
    """Return whether a sparse tensor is among inputs: only on real ones do operators run."""
    if isinstance(value, Mapping):
        return any(map(holds_sparse, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(holds_sparse, value))
    return is_sparse(value)


def _is_shape(value: Any) -> bool:
    return (
        isinstance(value, (tuple, list, torch.Size))
        and len(value) > 0
        and all(isinstance(size, int) and not isinstance(size, bool) for size in value)
    )


def _made(value: Any, dtype: torch.dtype, make: MakeTensor) -> Any:
    if isinstance(value, (Tensor, Input)):
        return make(value, dtype)
    if _is_shape(value):
        if any(size < 0 for size in value):
            raise DseError(f"input shape {tuple(value)} has a negative size")
        return make(Input(tuple(value)), dtype)
    if isinstance(value, Mapping):
        return {key: _made(item, dtype, make) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_made(item, dtype, make) for item in value)
    raise DseError(f"input {value!r} is neither a shape, a tensor nor a collection of them")


def default_dtype(model: nn.Module) -> torch.dtype:
    """Return the dtype of a model's first floating-point parameter, or PyTorch's default."""
    for parameter in model.parameters():
        if parameter.dtype.is_floating_point:
            return parameter.dtype
    return torch.get_default_dtype()


def default_device(model: nn.Module) -> torch.device:
    """Return the device of a model's first parameter, or the CPU."""
    return next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
