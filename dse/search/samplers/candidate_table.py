"""The candidates of a pool as one table of numbers, and the values that these stand for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 10_000
"""Candidates that are read at once."""

Numbers = NDArray[np.integer]


class CandidateTable(Sequence[Mapping[str, Any]]):
    """Candidates, each a mapping from names to values that is made when it is asked for.

    Args:
        values: those of each name, all of which occur, and none twice.
        numbers: of shape (candidates, names): which value each has.
    """

    def __init__(self, values: Mapping[str, Sequence[Any]], numbers: Numbers) -> None:
        self.values, self.names = dict(values), list(values)
        self.numbers = numbers

    @classmethod
    def of(cls, candidates: Sequence[Mapping[str, Any]]) -> CandidateTable:
        """Return candidates as a table.

        Raises:
            ValueError: for no candidates, or candidates of different names.
        """
        if isinstance(candidates, CandidateTable):
            return candidates
        if not len(candidates):
            raise ValueError("the pool holds no candidates")
        names = candidates[0].keys()
        number: dict[str, dict[Any, int]] = {name: {} for name in names}
        left, parts = iter(candidates), list[Numbers]()
        while some := list(itertools.islice(left, AT_ONCE)):
            for index, candidate in enumerate(some):
                if candidate.keys() != names:
                    place = len(parts) * AT_ONCE + index
                    raise ValueError(f"candidate {place} has other parameters than candidate 0")
            columns = [
                [own.setdefault(candidate[name], len(own)) for candidate in some]
                for name, own in number.items()
            ]
            parts.append(
                _small(np.array(columns, dtype=np.int64).reshape(len(columns), len(some)).T)
            )
        return cls({name: list(own) for name, own in number.items()}, _small(np.concatenate(parts)))

    @classmethod
    def of_codes(
        cls, columns: Mapping[str, tuple[Sequence[Any], Numbers]], candidates: int
    ) -> CandidateTable:
        """Return a table of columns, each with its values and the place of each candidate's.

        Args:
            columns: by name; none where nothing can be chosen.
            candidates: how many there are.
        """
        values, numbers = {}, np.zeros((candidates, len(columns)), dtype=np.int64)
        for place, (name, (listed, codes)) in enumerate(columns.items()):
            occurs = np.bincount(codes, minlength=len(listed)) > 0
            number: dict[Any, int] = {}
            for value in itertools.compress(listed, occurs):
                number.setdefault(value, len(number))
            values[name] = list(number)
            numbers[:, place] = np.array([number.get(value, 0) for value in listed])[codes]
        return cls(values, _small(numbers))

    def __len__(self) -> int:
        """Return the number of candidates."""
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> list[Mapping[str, Any]]: ...

    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[Mapping[str, Any]]:
        """Return a candidate, or several."""
        if isinstance(index, slice):
            return [self._at(row) for row in self.numbers[index].tolist()]
        return self._at(self.numbers[index].tolist())

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        """Yield every candidate."""
        for start in range(0, len(self), AT_ONCE):
            yield from self[start : start + AT_ONCE]

    def _at(self, row: Sequence[int]) -> dict[str, Any]:
        return {
            name: own[number] for (name, own), number in zip(self.values.items(), row, strict=True)
        }


def _small(numbers: Numbers) -> Numbers:
    """Return numbers in as few bytes as they need, with a sign so that they can be subtracted."""
    most = int(numbers.max(initial=0))
    for dtype in (np.int8, np.int16, np.int32):
        if most <= np.iinfo(dtype).max // 2:
            return numbers.astype(dtype)
    return numbers
