"""What is known of a tensor without its data, and of several that are handed on together.

Dtypes are named as PyTorch names them, so that what was counted once can be read without it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from dse.errors import DseError, nearest

_ONE_BYTE = ("bool", "bits1x8", "bits2x4", "bits4x2", "quint2x4", "quint4x2", "float4_e2m1fn_x2")
_ONE_BYTE_FLOATS = ("e4m3fn", "e4m3fnuz", "e5m2", "e5m2fnuz", "e8m0fnu")
BITS = {
    **dict.fromkeys(_ONE_BYTE, 8),
    **{f"float8_{kind}": 8 for kind in _ONE_BYTE_FLOATS},
    **{f"{sign}{bits}": 8 for sign in ("int", "uint") for bits in range(1, 8)},
    **{f"{sign}{bits}": bits for sign in ("int", "uint") for bits in (8, 16, 32, 64)},
    **{f"float{bits}": bits for bits in (16, 32, 64)},
    **{f"complex{bits}": bits for bits in (32, 64, 128)},
    "bfloat16": 16,
    "bcomplex32": 32,
    "qint8": 8,
    "quint8": 8,
    "qint32": 32,
    "bits8": 8,
    "bits16": 16,
    "int4": 4,
}
"""Bits that an element takes in memory, by the name of a dtype.

PyTorch stores an element of less than a byte in a whole one; those of `int4` are counted packed.
"""

_SHORT = {
    "half": "float16",
    "float": "float32",
    "double": "float64",
    "short": "int16",
    "int": "int32",
    "long": "int64",
    "bit": "uint1",
    "chalf": "complex32",
    "cfloat": "complex64",
    "cdouble": "complex128",
}
"""What PyTorch calls some dtypes besides."""


def canonical_dtype(name: str) -> str:
    """Return what a dtype is called, by any of its names.

    Raises:
        DseError: for an unknown one; the nearest is named.
    """
    if name not in BITS and name not in _SHORT:
        raise DseError(f"unknown dtype {name!r}; {nearest(name, [*BITS, *_SHORT])}")
    return _SHORT.get(name, name)


def bytes_of(elements: int, bits: int) -> int:
    """Return the bytes of a tensor's elements, which are packed: of the last byte all counts."""
    return -(-elements * bits // 8)


def is_of_integers(dtype: str) -> bool:
    """Return whether a dtype is of whole numbers or truths, by its name."""
    return not is_floating_point(dtype) and "complex" not in dtype


def is_floating_point(dtype: str) -> bool:
    """Return whether a dtype is of floating-point numbers, by its name."""
    return dtype.startswith(("float", "bfloat"))


def contiguous_strides(shape: Iterable[int]) -> tuple[int, ...]:
    """Return the strides of a new tensor, in elements."""
    strides: list[int] = []
    following = 1
    for size in reversed(tuple(shape)):
        strides.insert(0, following)
        following *= max(size, 1)
    return tuple(strides)


class TensorSpec(NamedTuple):
    """Shape, stride and dtype of a tensor, without its data."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    """In elements; empty for a tensor that is not strided."""
    dtype: str
    """Its name, such as `float32`."""

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Elements × bits an element / 8, rounded up."""
        return bytes_of(self.elements, BITS[self.dtype])


def element_bytes(spec: TensorSpec) -> int:
    """Return the bytes of one element, which of packed ones is a whole byte."""
    return bytes_of(1, BITS[spec.dtype])


@dataclass(frozen=True, slots=True)
class Bundle:
    """Several tensors that one block hands on to the next, each on a storage of its own."""

    tensors: tuple[TensorSpec, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the last one, which blocks take that take one."""
        return self.tensors[-1].shape

    @property
    def nbytes(self) -> int:
        """Of all of them."""
        return sum(tensor.nbytes for tensor in self.tensors)


HandedOn = TensorSpec | Bundle
"""What stands between two blocks of a chain."""


def tensors_of(handed: HandedOn) -> tuple[TensorSpec, ...]:
    """Return the tensors that are handed on, which are one or several."""
    return handed.tensors if isinstance(handed, Bundle) else (handed,)


def handed_on_as(tensors: Iterable[TensorSpec]) -> HandedOn:
    """Return tensors as what is handed on; one is itself."""
    several = tuple(tensors)
    return several[0] if len(several) == 1 else Bundle(several)


@dataclass(frozen=True, slots=True)
class OutputStorage:
    """The storage behind a model's output, as far as the next block's memory depends on it."""

    nbytes: int
    is_input: bool
    """Whether the output is a view of an input of the model (as for an identity)."""
    which: int = 0
    """Of which of several inputs it is a view; of others, the first output of the same storage."""


class GradientSpec(NamedTuple):
    """The layout of a gradient, and the size of the storage that it is a view of."""

    spec: TensorSpec
    storage_bytes: int


Gradients = GradientSpec | tuple[GradientSpec | None, ...]
"""Of what is handed on: of one tensor, or of each of several, None where none arrives there."""


def gradients_of(gradient: Gradients | None, handed: HandedOn) -> tuple[GradientSpec | None, ...]:
    """Return the gradient of each tensor that is handed on.

    Args:
        gradient: of all; None for contiguous ones everywhere.
        handed: what they are of.
    """
    if gradient is None:
        return tuple(map(contiguous_gradient, tensors_of(handed)))
    return (gradient,) if isinstance(gradient, GradientSpec) else gradient


def is_contiguous(gradient: Gradients, handed: HandedOn) -> bool:
    """Return whether a contiguous gradient arrives at each tensor that is handed on."""
    return gradients_of(gradient, handed) == gradients_of(None, handed)


def contiguous_gradient(spec: TensorSpec) -> GradientSpec:
    """Return the layout of the gradient that a loss makes of an output."""
    return GradientSpec(spec._replace(stride=contiguous_strides(spec.shape)), spec.nbytes)
