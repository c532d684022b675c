"""What the store keeps of candidates beside their costs: settings, and why one is invalid."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from operator import add
from typing import Any

import numpy

from dse.space.costing import Integers
from dse.space.tables.compiled import Compiled
from dse.space.tables.factors import Booleans

LARGEST_TEXTS = 4_096
"""Combinations of columns whose texts are written once for all candidates, at most."""

A_TEXT = 4
"""Candidates for each of these, at least."""


@dataclass(frozen=True)
class SettingsTexts:
    """Writes the settings of candidates as JSON: the columns that make a difference to each."""

    space: Compiled

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The axes of the family."""
        return tuple(self.space.grid.family.defaults)

    @cached_property
    def _masks(self) -> Booleans:
        """For each set of columns that a slot reads, which columns are in it."""
        return numpy.array([[c in read for c in self.columns] for read in self.space.reads])

    def read(self, choices: Integers, fails: Booleans) -> tuple[list[tuple[bool, ...]], Integers]:
        """Return the distinct sets of columns that candidates keep, and which is whose.

        Args:
            choices: of shape (candidates, dimensions).
            fails: whether an expression of the page fails there; such a point keeps all columns.
        """
        space, sizes = self.space, self.space.sizes
        sets: dict[tuple[bool, ...], int] = {}
        numbers = numpy.zeros(len(choices), dtype=numpy.int64)
        kept = numpy.zeros((1, len(self.columns)), dtype=numpy.bool_)
        for factor in (space.shape_reads, *(slot.reads for slot in space.slots)):
            read = factor.at(choices, sizes)
            pairs, numbers = numpy.unique(numbers * len(space.reads) + read, return_inverse=True)
            before, added = numpy.divmod(pairs, len(space.reads))
            merged = kept[before] | self._masks[added]
            kept, places = numpy.unique(merged, axis=0, return_inverse=True)
            numbers = places.reshape(-1)[numbers.reshape(-1)]
        numbers = numpy.where(fails, len(kept), numbers)
        sets = {tuple(row): index for index, row in enumerate(kept.tolist())}
        return [*sets, (True,) * len(self.columns)], numbers

    def texts(self, choices: Integers, fails: Booleans) -> list[str]:
        """Return the settings of each candidate as the text of a JSON object."""
        sets, numbers = self.read(choices, fails)
        texts: list[str] = [""] * len(choices)
        for number, kept in enumerate(sets):
            members = numpy.flatnonzero(numbers == number)
            if len(members):
                columns = [c for c, is_kept in zip(self.columns, kept, strict=True) if is_kept]
                written = self._written(columns, choices[members])
                for place, text in zip(members.tolist(), written, strict=True):
                    texts[place] = text
        return texts

    def _written(self, columns: Sequence[str], choices: Integers) -> list[str]:
        most = min(LARGEST_TEXTS, len(choices) // A_TEXT)
        several = self._pieces(columns, most)
        if not several:
            return ["{}"] * len(choices)
        last = len(several) - 1
        texts: Iterable[str] = repeat("", len(choices))
        for number, some in enumerate(several):
            begins, ends = "," if number else "{", "" if number < last else "}"
            texts = map(add, texts, self._piece(some, choices, begins, ends))
        return list(texts)

    def _pieces(self, columns: Sequence[str], most: int) -> list[list[str]]:
        """Split columns into runs of so many combinations at most, or of one column."""
        pieces: list[list[str]] = []
        size = 1
        for column in columns:
            values = len(self.members[column])
            if pieces and size * values <= most:
                pieces[-1].append(column)
                size *= values
            else:
                pieces.append([column])
                size = values
        return pieces

    @cached_property
    def members(self) -> dict[str, list[str]]:
        """For each column, its name with each of its values, as a member of a JSON object."""
        grid = self.space.grid
        found = {}
        for name, default in grid.family.defaults.items():
            values = grid.columns[name].values if name in grid.columns else (default,)
            found[name] = [f"{json.dumps(name)}:{_json(value)}" for value in values]
        return found

    def codes(self, column: str, choices: Integers) -> Integers:
        """Return which of its values a column has at each candidate."""
        known = self.space.grid.columns.get(column)
        if known is None:
            return numpy.zeros(len(choices), dtype=numpy.int64)
        return known.codes[choices[:, known.dimension]]

    def _piece(self, columns: list[str], choices: Integers, before: str, behind: str) -> list[str]:
        numbers = numpy.zeros(len(choices), dtype=numpy.int64)
        for column in columns:
            numbers *= len(self.members[column])
            numbers += self.codes(column, choices)
        if len(columns) == 1:
            (column,) = columns
            texts = [before + text + behind for text in self.members[column]]
            return [texts[number] for number in numbers.tolist()]
        found, places = numpy.unique(numbers, return_inverse=True)
        texts = [before + self._text(columns, number) + behind for number in found.tolist()]
        return [texts[place] for place in places.reshape(-1).tolist()]

    def _text(self, columns: Sequence[str], number: int) -> str:
        """Return the text of columns at the number of a combination of their values."""
        texts = []
        for column in reversed(columns):
            of_values = self.members[column]
            number, place = divmod(number, len(of_values))
            texts.append(of_values[place])
        return ",".join(reversed(texts))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def fails(space: Compiled, choices: Integers) -> Integers:
    """Return the number of the first error of the page's expressions at each point; 0 for none."""
    first = space.shape_errors.at(choices, space.sizes)
    for slot in space.slots:
        first = numpy.where(first > 0, first, slot.errors.at(choices, space.sizes))
    return first


def reasons(space: Compiled, choices: Integers, is_valid: Booleans) -> list[str | None]:
    """Return why each candidate cannot be built; None where it can."""
    found: list[str | None] = [None] * len(choices)
    members = numpy.flatnonzero(~is_valid)
    if not len(members):
        return found
    some = choices[members]
    failing = fails(space, some)
    blocks = numpy.array([len(t.blocks) for t in space.table.transitions], dtype=numpy.int64)
    problem = numpy.full(len(some), -1, dtype=numpy.int64)
    before, position = numpy.zeros((2, len(some)), dtype=numpy.int64)
    for slot in space.slots:
        done = slot.transitions.at(some, space.sizes)
        is_first = (problem < 0) & (done >= 0) & space.has_problem[done]
        problem[is_first] = done[is_first]
        position[is_first] = before[is_first]
        before += numpy.where(done >= 0, blocks[done], 0)
    for place, error, transition, offset in zip(
        members.tolist(), failing.tolist(), problem.tolist(), position.tolist(), strict=True
    ):
        found[place] = space.errors[error] if error else _told(space, transition, offset)
    return found


def _told(space: Compiled, transition: int, offset: int) -> str:
    problem = space.table.transitions[transition].problem
    assert problem is not None, "a point that is not valid has an error or a problem"
    position, told = problem
    return f"block {offset + position} {told}"
