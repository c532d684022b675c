"""Settings of candidates as parts that many of them share, in the place of a text for each."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import overload

import numpy

from dse.space.costing import Integers
from dse.space.tables.factors import Booleans
from dse.space.tables.settings_texts import SettingsTexts

LARGEST_PART = 8_192
"""Combinations of columns, each left out or at a value, that one part is of, at most."""


@dataclass(frozen=True)
class SettingsParts(Sequence[str]):
    """All texts that the settings of candidates can be made of: members of JSON objects.

    The columns are split into runs; a text is of what a run's columns are, each left out or at one
    of its values, and the last text is that of no member. They are written as they are asked for.
    """

    settings: SettingsTexts

    @cached_property
    def _runs(self) -> list[list[str]]:
        """The columns, split into runs of so many combinations at most."""
        runs: list[list[str]] = []
        size = LARGEST_PART
        for column in self.settings.columns:
            size *= self._radix(column)
            if size > LARGEST_PART:
                runs.append([])
                size = self._radix(column)
            runs[-1].append(column)
        return runs

    @cached_property
    def _ends(self) -> list[int]:
        """How many texts there are of each run and those before it."""
        return list(accumulate(math.prod(map(self._radix, run)) - 1 for run in self._runs))

    @property
    def width(self) -> int:
        """Number of texts that the settings of a candidate are made of, at most."""
        return len(self._runs)

    @property
    def is_bounded(self) -> bool:
        """Whether no run has more combinations than it may have."""
        return all(math.prod(map(self._radix, run)) <= LARGEST_PART for run in self._runs)

    def __len__(self) -> int:
        """Number of texts."""
        return (self._ends[-1] if self._ends else 0) + 1

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...

    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        """Return a text by its place, or some."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        if place >= len(self) - 1:
            return ""
        run = bisect_left(self._ends, place + 1)
        number = place + 1 - (self._ends[run - 1] if run else 0)
        return self._text(self._runs[run], number)

    def places(self, choices: Integers, fails: Booleans, width: int) -> Integers:
        """Return which texts the settings of each candidate are made of.

        Args:
            choices: of shape (candidates, dimensions).
            fails: whether an expression of the page fails there; such a point keeps all columns.
            width: texts of a candidate, those of this at least.

        Returns:
            An array of shape (candidates, width): places of texts, counted from 1, those that a
            candidate has in order, and 0 behind them.
        """
        sets, numbers = self.settings.read(choices, fails)
        kept = numpy.array(sets)
        found = numpy.zeros((len(choices), width), dtype=numpy.int64)
        filled = numpy.zeros(len(choices), dtype=numpy.int64)
        every = numpy.arange(len(choices))
        for columns, begin in zip(self._runs, [0, *self._ends], strict=False):
            combination = self._combinations(columns, kept, numbers, choices)
            is_there = combination > 0
            found[every[is_there], filled[is_there]] = begin + combination[is_there]
            filled += is_there
        found[filled == 0, 0] = len(self)
        return found

    def _combinations(
        self, columns: Sequence[str], kept: Booleans, sets: Integers, choices: Integers
    ) -> Integers:
        """Return the number of each candidate's combination of a run of columns; 0 for none."""
        combination = numpy.zeros(len(choices), dtype=numpy.int64)
        for column in columns:
            codes = self.settings.codes(column, choices) + 1
            codes *= kept[sets, self.settings.columns.index(column)]
            combination = combination * self._radix(column) + codes
        return combination

    def _text(self, columns: Sequence[str], number: int) -> str:
        texts = []
        for column in reversed(columns):
            number, code = divmod(number, self._radix(column))
            if code:
                texts.append(self.settings.members[column][code - 1])
        return ",".join(reversed(texts))

    def _radix(self, column: str) -> int:
        return len(self.settings.members[column]) + 1
