"""Rows that wait for the store, each column in one place: a million of them take 170 MB."""

from __future__ import annotations

from typing import Any

import numpy
from numpy.typing import NDArray

from dse.search.pools import Rows


class RowBuffer:
    """Collects rows that all have the same costs.

    Args:
        size: how many there is room for.
    """

    def __init__(self, size: int) -> None:
        self._size, self._number = size, 0
        self._arrays: dict[tuple[str, str], NDArray[Any]] = {}
        self._texts: list[str] = []
        self._invalid: list[str | None] = []
        self._last: Rows | None = None

    def __len__(self) -> int:
        """Number of rows."""
        return self._number

    def add(self, rows: Rows) -> None:
        """Take rows, for which there must be room."""
        for place, values in _arrays_of(rows).items():
            if place not in self._arrays:
                shape = (self._size, *values.shape[1:])
                self._arrays[place] = numpy.empty(shape, dtype=values.dtype)
            self._arrays[place][self._number : self._number + len(rows)] = values
        if isinstance(rows.settings, list):
            self._texts += rows.settings
        self._invalid += rows.invalid
        self._number += len(rows)
        self._last = rows

    def rows(self) -> Rows:
        """Return all rows that were taken, one at least, as one; not copied."""
        assert self._last is not None, "nothing was added"
        filled = {place: values[: self._number] for place, values in self._arrays.items()}
        is_text = isinstance(self._last.settings, list)
        return Rows(
            filled["keys", ""],
            self._texts if is_text else filled["settings", ""],
            {cost: filled["costs", cost] for cost in self._last.costs},
            {cost: filled["known", cost] for cost in self._last.known},
            self._invalid,
        )


def _arrays_of(rows: Rows) -> dict[tuple[str, str], NDArray[Any]]:
    found: dict[tuple[str, str], NDArray[Any]] = {("keys", ""): rows.keys}
    if not isinstance(rows.settings, list):
        found["settings", ""] = rows.settings
    found |= {("costs", cost): values for cost, values in rows.costs.items()}
    found |= {("known", cost): values for cost, values in rows.known.items()}
    return found
