"""An input of a model: its shape, its dtype, and the values that it holds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from dse.counting.tensors import canonical_dtype
from dse.errors import DseError
from dse.html_tables import FieldsShown


@dataclass(frozen=True, slots=True)
class Input(FieldsShown):
    """An input of a model: its shape, batch included, its dtype, and what it holds.

    Raises:
        DseError: for a dtype that PyTorch does not know, a negative size, or values that the dtype
            does not hold or that do not fill the shape.

    >>> Input((1, 77), "int64", values=1)
    Input(shape=(1, 77), dtype=torch.int64, values=1, stride=None)
    """

    shape: tuple[int, ...]
    """With the batch axis where there is one, as wherever Python gives a shape; on a page and
    behind `--input` sizes stand without it."""
    dtype: torch.dtype | str | None = None
    """Or its name, such as `int64`; None for the dtype of the model's parameters."""
    values: Any = None
    """The number that it holds everywhere, or nested lists or a tensor of numbers that fill the
    shape; None for standard normal noise, and for zeros in integers."""
    stride: tuple[int, ...] | None = None
    """None for a contiguous tensor."""
    counted_as: torch.dtype | None = field(default=None, repr=False)
    """The dtype whose bytes are counted, such as that of integers in which another part of a
    network handed it on; None for the dtype in which the model runs."""
    below: int | None = field(default=None, repr=False)
    """Of whole numbers without values of their own, such as the ids of tokens: what data are drawn
    below; None for zeros."""

    def __post_init__(self) -> None:
        """Read a dtype that is given by name, and check the sizes and values."""
        if isinstance(self.dtype, str):
            object.__setattr__(self, "dtype", parse_dtype(self.dtype))
        object.__setattr__(self, "shape", tuple(self.shape))
        if any(size < 0 for size in self.shape):
            raise DseError(f"input shape {self.shape} has a negative size")
        if self.values is not None:
            object.__setattr__(self, "values", _plain(self.values))
            _check_values(self)

    def dtype_or(self, default: torch.dtype) -> torch.dtype:
        """Return its dtype, or that of the model."""
        return self.dtype if isinstance(self.dtype, torch.dtype) else default

    @property
    def is_of_integers(self) -> bool:
        """Whether it is of a dtype of whole numbers that it names itself."""
        own = self.dtype
        return isinstance(own, torch.dtype) and not (own.is_floating_point or own.is_complex)

    def filled(self, default: torch.dtype, device: torch.device) -> Tensor | None:
        """Return a tensor of its values; None where it has none.

        Args:
            default: dtype of the model, for an input that names none.
            device: where the tensor is to lie.
        """
        if self.values is None:
            return None
        held = torch.tensor(self.values, dtype=self.dtype_or(default), device=device)
        return held.expand(self.shape).contiguous()


def counted_inputs(inputs: Any) -> tuple[torch.dtype | None, ...]:
    """Return what each of the tensors that a model is given is counted as; empty for no inputs."""
    if isinstance(inputs, Input):
        return (inputs.counted_as,)
    if isinstance(inputs, (list, tuple)):
        return tuple(dtype for each in inputs for dtype in counted_inputs(each))
    return ()


def _plain(values: Any) -> Any:
    """Return values as numbers and tuples of them, so that equal ones are equal."""
    if isinstance(values, Tensor):
        values = values.tolist()
    if isinstance(values, (list, tuple)):
        return tuple(map(_plain, values))
    if not isinstance(values, (bool, int, float)):
        raise DseError(f"input values {values!r:.60}: expected numbers")
    return values


def _check_values(given: Input) -> None:
    sizes, shape = _sizes(given.values), given.shape
    pairs = zip(reversed(sizes), reversed(shape), strict=False)
    if len(sizes) > len(shape) or any(own not in (1, size) for own, size in pairs):
        raise DseError(f"input values {given.values!r:.60} do not fill the shape {shape}")
    if isinstance(given.dtype, torch.dtype):
        for value in _numbers(given.values):
            _check_value(value, given.dtype)


def _sizes(values: Any) -> tuple[int, ...]:
    """Return the shape of nested tuples."""
    if not isinstance(values, tuple):
        return ()
    inner = {_sizes(value) for value in values}
    if len(inner) != 1:
        raise DseError(f"input values {values!r:.60}: expected lists of equal length")
    return (len(values), *inner.pop())


def _numbers(values: Any) -> Iterator[bool | int | float]:
    if isinstance(values, tuple):
        for value in values:
            yield from _numbers(value)
    else:
        yield values


def _check_value(value: bool | int | float, dtype: torch.dtype) -> None:
    name = str(dtype).removeprefix("torch.")
    if dtype is torch.bool:
        fits, holds = value in (0, 1), "true and false"
    elif dtype.is_floating_point or dtype.is_complex:
        limit = torch.finfo(dtype).max
        fits, holds = not math.isfinite(value) or abs(value) <= limit, f"numbers up to {limit:g}"
    else:
        low, high = torch.iinfo(dtype).min, torch.iinfo(dtype).max
        fits = math.isfinite(value) and value == int(value) and low <= value <= high
        holds = f"whole numbers from {low} to {high}"
    if not fits:
        raise DseError(f"input value {value!r:.60}: {name} holds {holds}")


def parse_dtype(name: str) -> torch.dtype:
    """Return the dtype of a name such as `int64`.

    Raises:
        DseError: for an unknown one; the nearest is named.
    """
    dtype: torch.dtype = getattr(torch, canonical_dtype(name))
    return dtype


def default_dtype(model: nn.Module) -> torch.dtype:
    """Return the dtype of a model's first floating-point parameter, or PyTorch's default.

    Of a model all of whose parameters are complex it is theirs.
    """
    dtypes = [parameter.dtype for parameter in model.parameters()]
    floating = [dtype for dtype in dtypes if dtype.is_floating_point]
    others = [dtype for dtype in dtypes if dtype.is_complex]
    return [*floating, *others, torch.get_default_dtype()][0]


def default_device(model: nn.Module) -> torch.device:
    """Return the device of a model's first parameter, or the CPU."""
    return next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
