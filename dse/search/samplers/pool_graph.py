"""The graph of a pool: candidates are neighbours that differ in one axis, or in a pair of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from dse.search.samplers.pool_rows import Floats, Indices, PoolRows

SINGLE, IN_PAIRS = 96, 192
"""Changes of one axis, and of two, that are tried at most; of more, some are drawn."""

Keys = NDArray[np.uint64]

Admission = Callable[[Indices], tuple[NDArray[np.bool_], Floats]]
"""Takes choices that are not listed, of shape (candidates, axes); returns whether each may be
suggested, and the costs of those that may be built."""


class PoolGraph:
    """Finds candidates of a pool by their choices, and from one the ones beside it.

    A candidate's key is the exclusive or of a random number for each of its choices ("Zobrist
    hashing", Zobrist 1970), so that a neighbour's key follows from two of them. What is found by a
    key is compared with what was looked for: a neighbour is never another candidate.

    Args:
        candidates: those that are listed. Of candidates of the same choices, the first stands for
            all.
        admission: tells which others there are; None where all are listed.
    """

    def __init__(self, candidates: PoolRows, admission: Admission | None = None) -> None:
        self.candidates, self._admission = candidates, admission
        choices = candidates.choices
        self.sizes = np.array([int(column.max()) + 1 for column in choices.T], dtype=np.int64)
        self._first = np.concatenate([[0], np.cumsum(self.sizes)[:-1]]).astype(np.int64)
        rng = np.random.default_rng(0)
        self._numbers = rng.integers(2**64, size=int(self.sizes.sum()), dtype=np.uint64)
        keys = np.zeros(len(choices), dtype=np.uint64)
        for axis, column in enumerate(choices.T):
            keys ^= self._numbers[self._first[axis] + column]
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]
        self._further: dict[bytes, int] = {}

    @property
    def is_open(self) -> bool:
        """Whether there may be candidates that are not listed."""
        return self._admission is not None

    @property
    def distinct(self) -> int:
        """How many of those that are listed differ from all others."""
        return int(len(self._keys) > 0) + int((self._keys[1:] != self._keys[:-1]).sum())

    def copies(self) -> Indices:
        """Return those that are listed for which one before them stands."""
        again = np.flatnonzero(self._keys[1:] == self._keys[:-1]) + 1
        found: Indices = self._order[again]
        is_copy = self.find(self.candidates.choices[found].astype(np.int64)) != found
        return np.asarray(found[is_copy])

    def find(self, choices: Indices) -> Indices:
        """Return the candidate of each row of choices, of shape (rows, axes); −1 where none is."""
        is_choice = np.all((choices >= 0) & (choices < self.sizes), axis=1)
        within = np.where(is_choice[:, None], choices, 0)
        keys = np.bitwise_xor.reduce(self._numbers[self._first + within], axis=1)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        found = self._order[places]
        is_there = is_choice & (self.candidates.choices[found] == within).all(axis=1)
        found = np.where(is_there, found, -1)
        self._find_further(choices, found, np.flatnonzero(found < 0))
        return found

    def _find_further(self, choices: Indices, found: Indices, missing: Indices) -> None:
        """Write into `found` what came to the list at some rows of choices."""
        if self._further:
            found[missing] = [self._further.get(text, -1) for text in _texts(choices[missing])]

    def held(self, choices: Indices) -> Indices:
        """Return the candidate of each row likewise; those that are not listed come to them."""
        return self._found(choices, is_suggested=False)

    def reached(self, choices: Indices) -> Indices:
        """Return the candidate of each row that may be suggested; −1 of others."""
        return self._found(choices, is_suggested=True)

    def _found(self, choices: Indices, is_suggested: bool) -> Indices:
        found = self.find(choices)
        missing = np.flatnonzero((found < 0) & np.all(choices >= 0, axis=1))
        missing = missing[np.all(choices[missing] < self.sizes, axis=1)]
        if self._admission is None or not len(missing):
            return found
        distinct = dict.fromkeys(_texts(choices[missing]))
        asked = np.frombuffer(b"".join(distinct), dtype=np.int64).reshape(len(distinct), -1)
        is_allowed, costs = self._admission(asked)
        is_kept = is_allowed if is_suggested else np.all(np.isfinite(costs), axis=1)
        numbers = self.candidates.add(asked[is_kept], costs[is_kept])
        kept = itertools.compress(distinct, is_kept.tolist())
        self._further.update(zip(kept, numbers.tolist(), strict=True))
        self._find_further(choices, found, missing)
        return found

    @contextmanager
    def looking_around(self) -> Iterator[None]:
        """Forget in the end what was reached meanwhile: what is suggested is none the wiser."""
        number, further = len(self.candidates), dict(self._further)
        try:
            yield
        finally:
            self.candidates.forget(number)
            self._further = further

    def changes(self, candidate: int, rng: np.random.Generator) -> Indices:
        """Return choices that differ in one axis, then such that differ in two.

        Args:
            candidate: from which they differ.
            rng: draws some of many.
        """
        here = self.candidates.choices[candidate].astype(np.int64)
        axes, others = self._changes(here)
        single = np.arange(len(axes))
        if len(single) > SINGLE:
            single = rng.choice(single, SINGLE, replace=False)
        one = np.repeat(here[None, :], len(single), axis=0)
        one[np.arange(len(single)), axes[single]] = others[single]
        first, second = rng.integers(len(axes), size=(2, IN_PAIRS)) if len(axes) else ([], [])
        first, second = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
        differ = axes[first] != axes[second]
        first, second = first[differ], second[differ]
        two = np.repeat(here[None, :], len(first), axis=0)
        rows = np.arange(len(first))
        two[rows, axes[first]], two[rows, axes[second]] = others[first], others[second]
        return np.concatenate([one, two])

    def neighbours(self, candidate: int, rng: np.random.Generator) -> Indices:
        """Return candidates that differ in one axis, then those that differ in two."""
        found = self.reached(self.changes(candidate, rng))
        return np.array(list(dict.fromkeys(found[found >= 0].tolist())), dtype=np.int64)

    def _changes(self, here: Indices) -> tuple[Indices, Indices]:
        """Return every change of one axis: which axis, and the choice that it takes."""
        axes = np.repeat(np.arange(len(here)), self.sizes)
        choices = np.arange(len(axes)) - self._first[axes]
        differs = choices != here[axes]
        return axes[differs], choices[differs]


def _texts(choices: Indices) -> list[bytes]:
    """Return what tells rows of choices apart, each the bytes of its numbers."""
    rows = np.ascontiguousarray(choices, dtype=np.int64)
    width, text = rows.shape[1] * rows.itemsize, rows.tobytes()
    return [text[at : at + width] for at in range(0, len(text), width)]
