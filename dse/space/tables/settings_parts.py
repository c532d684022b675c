"""Settings of candidates as parts that many of them share, in the place of a text for each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy

from dse.space.costing import Integers
from dse.space.tables.factors import Booleans
from dse.space.tables.settings_texts import SettingsTexts

LARGEST_PART = 8_192
"""Combinations of columns, each left out or at a value, that one part is of, at most."""


@dataclass(frozen=True)
class SettingsParts:
    """Tells the settings of candidates by the texts that they are made of."""

    settings: SettingsTexts
    texts: list[str] = field(default_factory=list)
    """The members of JSON objects that were needed so far; they are not taken back."""
    _seen: list[Integers] = field(default_factory=list)
    """For each run of columns, the place of the text of each combination; 0 where unseen."""

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

    def __len__(self) -> int:
        """Number of parts of a candidate, at most."""
        return len(self._runs)

    @property
    def is_bounded(self) -> bool:
        """Whether no part has more combinations than it may have."""
        return all(math.prod(map(self._radix, run)) <= LARGEST_PART for run in self._runs)

    def places(self, choices: Integers, fails: Booleans, width: int) -> Integers:
        """Return which texts the settings of each candidate are made of.

        Args:
            choices: of shape (candidates, dimensions).
            fails: whether an expression of the page fails there; such a point keeps all columns.
            width: parts of a candidate, `len` of this at least.

        Returns:
            An array of shape (candidates, width): places in `texts`, counted from 1, those that a
            candidate has in order, and 0 behind them.
        """
        sets, numbers = self.settings.read(choices, fails)
        kept = numpy.array(sets)
        found = numpy.zeros((len(choices), width), dtype=numpy.int64)
        filled = numpy.zeros(len(choices), dtype=numpy.int64)
        every = numpy.arange(len(choices))
        for run, columns in enumerate(self._runs):
            of_run = self._of_run(run, columns, kept, numbers, choices)
            is_there = of_run > 0
            found[every[is_there], filled[is_there]] = of_run[is_there]
            filled += is_there
        is_empty = filled == 0
        if is_empty.any():
            found[is_empty, 0] = self._empty
        return found

    def _of_run(
        self, run: int, columns: Sequence[str], kept: Booleans, sets: Integers, choices: Integers
    ) -> Integers:
        """Return the place of the text of a run of columns for each candidate; 0 for none."""
        combination = numpy.zeros(len(choices), dtype=numpy.int64)
        names = self.settings.columns
        for column in columns:
            codes = self.settings.codes(column, choices) + 1
            codes = numpy.where(kept[sets, names.index(column)], codes, 0)
            combination = combination * self._radix(column) + codes
        while len(self._seen) <= run:
            size = math.prod(map(self._radix, self._runs[len(self._seen)]))
            self._seen.append(numpy.zeros(size, dtype=numpy.int64))
        seen = self._seen[run]
        is_used = numpy.zeros(len(seen), dtype=numpy.bool_)
        is_used[combination] = True
        # What leaves all columns out is no part.
        is_used[0] = False
        for number in numpy.flatnonzero(is_used & (seen == 0)).tolist():
            seen[number] = self._added(self._text(columns, number))
        places: Integers = seen[combination]
        return places

    @cached_property
    def _empty(self) -> int:
        """The place of the text of no members."""
        return self._added("")

    def _added(self, text: str) -> int:
        self.texts.append(text)
        return len(self.texts)

    def _text(self, columns: Sequence[str], number: int) -> str:
        texts = []
        for column in reversed(columns):
            number, code = divmod(number, self._radix(column))
            if code:
                texts.append(self.settings.members[column][code - 1])
        return ",".join(reversed(texts))

    def _radix(self, column: str) -> int:
        return len(self.settings.members[column]) + 1
