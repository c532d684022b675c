"""The columns of listed points: the distinct values of each, and which point has which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, overload

import numpy
from numpy.typing import NDArray

from dse.language import Value

Integers = NDArray[numpy.int64]
Settings = dict[str, Value]


class CodedColumn(NamedTuple):
    """One column of many points."""

    values: tuple[Value, ...]
    """The distinct ones; 1, 1.0 and true are three."""
    codes: Integers
    """Of each point, which of them it has."""

    def at(self, points: Integers) -> CodedColumn:
        """Return the column of some of the points."""
        return CodedColumn(self.values, self.codes[points])


def coded(values: Iterable[Value]) -> CodedColumn:
    """Return a column with its distinct values in the order in which they come."""
    listed = list(values)
    if len(set(map(type, listed))) <= 1:
        distinct = tuple(dict.fromkeys(listed))
        numbers = {value: number for number, value in enumerate(distinct)}
        return CodedColumn(distinct, _codes(map(numbers.__getitem__, listed)))
    known: dict[tuple[type, Value], int] = {}
    codes = [known.setdefault((type(value), value), len(known)) for value in listed]
    return CodedColumn(tuple(value for _, value in known), _codes(codes))


def _codes(codes: Iterable[int]) -> Integers:
    return numpy.fromiter(codes, dtype=numpy.int64)


def distinct_points(columns: Iterable[CodedColumn], size: int) -> Integers:
    """Return the first of the points that are equal in all columns, in order; 1 equals 1.0.

    Args:
        columns: of the points.
        size: how many points there are.
    """
    number = numpy.zeros(size, dtype=numpy.int64)
    for values, codes in columns:
        equal = coded_alike(values)
        pairs = number * (len(values) + 1) + equal[codes]
        number = numpy.unique(pairs, return_inverse=True)[1].reshape(-1)
    return numpy.sort(numpy.unique(number, return_index=True)[1])


def coded_alike(values: Sequence[Value]) -> Integers:
    """Return for each value a number that those have in common which are equal."""
    known: dict[Value, int] = {}
    return numpy.array([known.setdefault(v, len(known)) for v in values], dtype=numpy.int64)


class ListedPoints(Sequence[Settings]):
    """Points that are listed, a column at a time: a hundred thousand take no dictionary each."""

    def __init__(self, columns: Mapping[str, CodedColumn], rows: Integers | None = None) -> None:
        """Hold at least one column; all are equally long.

        Args:
            columns: by name.
            rows: which row of a file each point is, from 1 on.
        """
        self.columns, self.rows = dict(columns), rows

    def __len__(self) -> int:
        """Number of points."""
        return len(next(iter(self.columns.values())).codes)

    @overload
    def __getitem__(self, place: int) -> Settings: ...
    @overload
    def __getitem__(self, place: slice) -> list[Settings]: ...
    def __getitem__(self, place: int | slice) -> Settings | list[Settings]:
        """Return the settings of a point, or of several."""
        if isinstance(place, slice):
            return [self[each] for each in range(len(self))[place]]
        return {name: values[codes[place]] for name, (values, codes) in self.columns.items()}

    def __eq__(self, other: object) -> bool:
        """Return whether the points are those of another sequence, in the same order."""
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]
