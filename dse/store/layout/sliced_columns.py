"""Columns of many numbers, of which a driver is given some at a time.

A million numbers take 8 MB in an array, and 36 MB as Python has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class SlicedColumn(Protocol):
    """What gives its values piece by piece; every sequence does."""

    def __len__(self) -> int:
        """Number of values."""

    def __getitem__(self, some: slice, /) -> Sequence[Any]:
        """Return some of the values."""


@dataclass(frozen=True)
class NumberColumn:
    """Whole numbers, with gaps."""

    values: NDArray[np.int64]
    known: NDArray[np.bool_] | None = None
    """Where there is one; None where everywhere."""

    def __len__(self) -> int:
        """Number of values."""
        return len(self.values)

    def same(self) -> tuple[int | None, ...]:
        """Return the one value that all have, in a tuple; an empty one where they differ."""
        if not len(self.values):
            return ()
        if self.known is not None and not self.known.all():
            return () if self.known.any() else (None,)
        first = int(self.values[0])
        return (first,) if (self.values == first).all() else ()

    def __getitem__(self, some: slice, /) -> list[int | None]:
        """Return some of the numbers, None where there is none."""
        listed: list[int | None] = self.values[some].tolist()
        if self.known is not None:
            for place in (~self.known[some]).nonzero()[0].tolist():
                listed[place] = None
        return listed
