"""The keys of arrays of candidates, equal to `Candidate.key` of each; nothing is traced."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy

from dse.errors import DseError
from dse.language import Value
from dse.space.candidate import input_identity, settings_key
from dse.space.costing import Integers
from dse.space.pages import Family, Grid, Settings
from dse.space.tables.factors import Booleans, Factor, is_chained, row_of, union
from dse.space.tables.slots import (
    PageSlots,
    Run,
    channels_behind,
    in_their_places,
    page_slots,
)
from dse.space.tables.tabulating import Failed, Tabulated, require_tabulable

_Channels = tuple[type, Value] | None
"""How many enter a slot, as the page tells it: 16 and 16.0 are two. None where that is unknown."""


@dataclass(frozen=True)
class _Contents:
    """What a group of slots adds to the text that a key is the hash of."""

    dimensions: tuple[int, ...]
    texts: list[bytes]
    """At each combination of the dimensions."""


@dataclass(frozen=True)
class _SlotContents:
    """What a slot adds to that text."""

    numbers: Factor
    texts: list[bytes]
    """By these numbers."""


@dataclass(frozen=True)
class Keys:
    """Hashes the networks of candidates, whose content is a text for each group of slots.

    Candidates side by side share all but the last of these texts, so that these are hashed once.
    """

    page: PageSlots

    @property
    def _sizes(self) -> tuple[int, ...]:
        return self.page.grid.sizes

    @cached_property
    def _starts(self) -> list[bytes]:
        """The beginning of the content by the shape of the network's input."""
        dtype = self.page.grid.family.input_dtype
        return [
            b""
            if isinstance(shape, Failed)
            else f"[{json.dumps(input_identity(shape, dtype))}, [".encode()
            for shape in self.page.shapes.values
        ]

    @cached_property
    def _contents(self) -> list[_Contents]:
        groups: list[tuple[tuple[int, ...], list[_SlotContents]]] = []
        for slot in self._of_slots():
            dimensions = slot.numbers.dimensions
            if groups and is_chained(groups[-1][0], dimensions, self._sizes):
                both, chained = groups.pop()
                groups.append((union(both, dimensions), [*chained, slot]))
            else:
                groups.append((dimensions, [slot]))
        return [_Contents(over, self._chained(some, over)) for over, some in groups]

    def _chained(self, some: Sequence[_SlotContents], over: tuple[int, ...]) -> list[bytes]:
        """Return the texts of slots one behind the other at each combination of dimensions."""
        numbers = [slot.numbers.over(over, self._sizes).tolist() for slot in some]
        texts = (map(s.texts.__getitem__, each) for s, each in zip(some, numbers, strict=True))
        return list(map(b"".join, zip(*texts, strict=True)))

    def _of_slots(self) -> Iterator[_SlotContents]:
        shapes = self.page.shapes
        known: dict[_Channels, int] = {}
        entering = [None if isinstance(s, Failed) or not s else s[0] for s in shapes.values]
        numbers = numpy.array([known.setdefault(_typed(c), len(known)) for c in entering])
        state = Factor(shapes.dimensions, numbers[shapes.numbers])
        for slot in self.page.runs:
            contents, state = _slot_contents(state, slot, known, self._sizes)
            yield contents

    def fails(self, choices: Integers) -> Booleans:
        """Return at which points an expression of the page fails, or no line gives a block."""
        failing = numpy.zeros(len(choices), dtype=numpy.bool_)
        tables: list[Tabulated[Any]] = [self.page.shapes, *self.page.runs]
        for table in tables:
            is_failed = numpy.array([isinstance(value, Failed) for value in table.values])
            if is_failed.any():
                failing |= is_failed[table.numbers[row_of(table.dimensions, choices, self._sizes)]]
        is_empty = numpy.ones(len(choices), dtype=numpy.bool_)
        for group in self._contents:
            empty = numpy.array([not text for text in group.texts])
            is_empty &= empty[self._rows(group, choices)]
        return failing | is_empty

    def of(self, choices: Integers, fails: Booleans) -> Integers:
        """Return the key of each candidate.

        Args:
            choices: of shape (candidates, dimensions).
            fails: whether an expression of the page fails there, so that there are no blocks.
        """
        keys = self._of_blocks(choices)
        grid = self.page.grid
        for row in numpy.flatnonzero(fails).tolist():
            keys[row] = settings_key(grid.family.name, grid.settings(choices[row].tolist()))
        return keys

    def _of_blocks(self, choices: Integers) -> Integers:
        shapes, groups = self.page.shapes, self._contents
        rows = [self._rows(group, choices) for group in groups]
        last = rows.pop()
        *earlier, final = groups
        shape = shapes.numbers[row_of(shapes.dimensions, choices, self._sizes)]
        before = shape
        for at, group in zip(rows, earlier, strict=True):
            before = numpy.unique(before * len(group.texts) + at, return_inverse=True)[1]
        _, firsts, before = numpy.unique(before, return_index=True, return_inverse=True)
        begun, separated = [], []
        for candidate in firsts.tolist():
            blocks = b"".join(
                group.texts[at[candidate]] for at, group in zip(rows, earlier, strict=True)
            )
            begun.append(blake2b(self._starts[shape[candidate]] + blocks[2:], digest_size=8))
            separated.append(bool(blocks))
        # Of a large space few of the last texts may occur.
        ends = {at: final.texts[at] + b"]]" for at in numpy.unique(last).tolist()}
        digests = []
        for start, at in zip(before.reshape(-1).tolist(), last.tolist(), strict=True):
            hashing, end = begun[start].copy(), ends[at]
            hashing.update(end if separated[start] else end[2:])
            digests.append(hashing.digest())
        return (numpy.frombuffer(b"".join(digests), dtype=">u8") >> 1).astype(numpy.int64)

    def _rows(self, group: _Contents, choices: Integers) -> Integers:
        return row_of(group.dimensions, choices, self._sizes)


def keys_of_points(grid: Grid) -> list[int]:
    """Return the key of the network at each point of a grid of one dimension, in order.

    Raises:
        EntangledError: where a slot depends on too many settings.
    """
    if grid.family.is_callable:
        return [_key_of(grid.family, settings) for settings in grid]
    keys, every = Keys(page_slots(grid)), numpy.arange(grid.size)[:, None]
    found: list[int] = keys.of(every, keys.fails(every)).tolist()
    return found


def _key_of(family: Family, settings: Settings) -> int:
    try:
        return family.resolve(settings).key
    except DseError:
        return settings_key(family.name, settings)


def _typed(channels: Value | None) -> _Channels:
    return None if channels is None else (type(channels), channels)


def _slot_contents(
    state: Factor, slot: Tabulated[Run], known: dict[_Channels, int], sizes: Sequence[int]
) -> tuple[_SlotContents, Factor]:
    """Return the contents of a slot, and how many channels stand behind it.

    Args:
        state: how many channels enter it, by their numbers.
        slot: its blocks.
        known: the numbers of channels.
        sizes: of the grid's dimensions.
    """
    dimensions = union(state.dimensions, slot.dimensions)
    entering = state.over(dimensions, sizes)
    require_tabulable(len(entering))
    runs = Factor(slot.dimensions, slot.numbers).over(dimensions, sizes)
    pairs, places = numpy.unique(entering * len(slot.values) + runs, return_inverse=True)
    channels = list(known)
    texts, behind = [], []
    for pair in pairs.tolist():
        number, of_run = divmod(pair, len(slot.values))
        run, enters = slot.values[of_run], channels[number]
        before = None if enters is None else enters[1]
        standing: Run = () if isinstance(run, Failed) else in_their_places(before, run)
        texts.append(_text(standing))
        after = _typed(channels_behind(before, standing))
        behind.append(known.setdefault(after, len(known)))
    places = places.reshape(-1)
    leaving = Factor(dimensions, numpy.array(behind)[places]).reduced(sizes)
    return _SlotContents(Factor(dimensions, places).reduced(sizes), texts), leaving


def _text(run: Run) -> bytes:
    """Return what blocks add to the content that a candidate's key is the hash of."""
    blocks = (each.block for each in run)
    return b"".join(b", " + json.dumps((block.block, block.settings)).encode() for block in blocks)
