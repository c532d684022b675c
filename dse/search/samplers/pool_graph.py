"""The graph of a pool: candidates are neighbours that differ in one axis, or in a pair of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dse.search.samplers.pool_columns import Indices

SINGLE, IN_PAIRS = 96, 192
"""Changes of one axis, and of two, that are tried at most; of more, some are drawn."""

Keys = NDArray[np.uint64]


class PoolGraph:
    """Finds candidates of a pool by their choices, and from one the ones beside it.

    A candidate's key is the exclusive or of a random number for each of its choices ("Zobrist
    hashing", Zobrist 1970), so that a neighbour's key follows from two of them. What is found by a
    key is compared with what was looked for: a neighbour is never another candidate.

    Args:
        choices: of shape (candidates, axes), each axis numbered from 0 on. Of candidates of the
            same choices, the first stands for all.
    """

    def __init__(self, choices: NDArray[np.integer]) -> None:
        self.choices = choices
        self.sizes = np.array([int(column.max()) + 1 for column in choices.T], dtype=np.int64)
        self._first = np.concatenate([[0], np.cumsum(self.sizes)[:-1]]).astype(np.int64)
        rng = np.random.default_rng(0)
        self._numbers = rng.integers(2**64, size=int(self.sizes.sum()), dtype=np.uint64)
        keys = np.zeros(len(choices), dtype=np.uint64)
        for axis, column in enumerate(choices.T):
            keys ^= self._numbers[self._first[axis] + column]
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]

    @property
    def distinct(self) -> int:
        """How many candidates differ from all others."""
        return int(len(self._keys) > 0) + int((self._keys[1:] != self._keys[:-1]).sum())

    def find(self, choices: Indices) -> Indices:
        """Return the candidate of each row of choices, of shape (rows, axes); −1 where none is."""
        is_choice = np.all((choices >= 0) & (choices < self.sizes), axis=1)
        within = np.where(is_choice[:, None], choices, 0)
        keys = np.bitwise_xor.reduce(self._numbers[self._first + within], axis=1)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        found = self._order[places]
        is_there = is_choice & (self.choices[found] == within).all(axis=1)
        return np.where(is_there, found, -1)

    def neighbours(self, candidate: int, rng: np.random.Generator) -> Indices:
        """Return candidates that differ in one axis, then those that differ in two.

        Args:
            candidate: whose neighbours.
            rng: draws some of many.
        """
        here = self.choices[candidate].astype(np.int64)
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
        found = self.find(np.concatenate([one, two]))
        return np.array(list(dict.fromkeys(found[found >= 0].tolist())), dtype=np.int64)

    def _changes(self, here: Indices) -> tuple[Indices, Indices]:
        """Return every change of one axis: which axis, and the choice that it takes."""
        axes = np.repeat(np.arange(len(here)), self.sizes)
        choices = np.arange(len(axes)) - self._first[axes]
        differs = choices != here[axes]
        return axes[differs], choices[differs]
