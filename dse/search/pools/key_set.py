"""Which networks were met before, in eight bytes each."""

from __future__ import annotations

import numpy
from numpy.typing import NDArray

Integers = NDArray[numpy.int64]


class KeySet:
    """A set of keys that takes and answers whole arrays.

    It holds sorted arrays, each at least twice as long as the next: adding merges the short ones.
    """

    def __init__(self, keys: Integers | None = None) -> None:
        self._sorted: list[Integers] = []
        if keys is not None and len(keys):
            self._sorted.append(_distinct(keys))

    def __len__(self) -> int:
        """Number of keys."""
        return sum(map(len, self._sorted))

    def holds(self, keys: Integers) -> NDArray[numpy.bool_]:
        """Return which keys are in the set."""
        found = numpy.zeros(len(keys), dtype=numpy.bool_)
        for held in self._sorted:
            places = numpy.minimum(numpy.searchsorted(held, keys), len(held) - 1)
            found |= held[places] == keys
        return found

    def add(self, keys: Integers) -> NDArray[numpy.bool_]:
        """Add keys, and return which of them are the first of their value, in the set or here."""
        distinct, firsts = numpy.unique(keys, return_index=True)
        is_new = ~self.holds(distinct)
        added = distinct[is_new]
        if len(added):
            self._sorted.append(added)
        while len(self._sorted) > 1 and len(self._sorted[-2]) < 2 * len(self._sorted[-1]):
            merged = numpy.concatenate([self._sorted.pop(), self._sorted.pop()])
            merged.sort(kind="stable")
            self._sorted.append(merged)
        is_first = numpy.zeros(len(keys), dtype=numpy.bool_)
        is_first[firsts[is_new]] = True
        return is_first


def _distinct(keys: Integers) -> Integers:
    """Return keys in order, each once; `numpy.unique` would take seven times their memory."""
    ordered = numpy.sort(keys)
    is_first = numpy.ones(len(ordered), dtype=numpy.bool_)
    numpy.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered if is_first.all() else ordered[is_first]
