"""What the cells of a column hold, as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dse.files import cells

if TYPE_CHECKING:
    import polars

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def floats(column: polars.Series) -> Floats:
    """Return the cells as numbers.

    Raises:
        ValueError: for a text that is none.
    """
    if _is_number(column):
        return column.to_numpy().astype(np.float64)
    return np.array(list(map(float, cells(column))))


def choices(column: polars.Series) -> tuple[list[Any], Indices]:
    """Return the distinct values in their order, numbers before texts, and which each cell has."""
    if str(column.dtype) == "String":
        return _of_texts(column)
    if _is_number(column) and not _is_odd(column):
        distinct = _unnamed(column).unique().sort()
        codes = np.searchsorted(distinct.to_numpy(), column.to_numpy())
        return distinct.to_list(), codes.astype(np.int64)
    held = cells(column)
    values = sorted(set(held), key=lambda value: (isinstance(value, str), value))
    place = {value: number for number, value in enumerate(values)}
    return values, np.fromiter(map(place.__getitem__, held), dtype=np.int64, count=len(held))


def _of_texts(column: polars.Series) -> tuple[list[Any], Indices]:
    import polars

    values = sorted(_unnamed(column).unique().to_list())
    codes = _unnamed(column).cast(polars.Enum(values)).to_physical()
    return values, codes.to_numpy().astype(np.int64)


def _unnamed(column: polars.Series) -> polars.Series:
    """Return a column without a name, which Polars would take for a pattern if it is `^…$`."""
    return column.alias("")


def _is_number(column: polars.Series) -> bool:
    """Return whether the cells are numbers that NumPy has a type for."""
    dtype = column.dtype
    return dtype.is_float() or (dtype.is_integer() and not str(dtype).endswith("128"))


def _is_odd(column: polars.Series) -> bool:
    """Return whether numbers are equal that are written differently, or differ from themselves."""
    if not column.dtype.is_float():
        return False
    numbers = column.to_numpy()
    return bool(np.isnan(numbers).any() or (np.signbit(numbers) & (numbers == 0)).any())
