"""The settings of a pool as columns of numbers, as models of other libraries want them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dse.search.pools.candidate_pool import nearest_choices

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def sizes(choices: Indices) -> list[int]:
    """Return how many choices each axis has; a pool holds each of them at least once."""
    return [int(column.max()) + 1 for column in choices.T]


def scaled(choices: Indices, ordered: Sequence[bool]) -> Floats:
    """Return the ranks of ordered axes between 0 and 1, and those of others as they are."""
    reach = [max(size - 1, 1) if is_ordered else 1 for size, is_ordered in _axes(choices, ordered)]
    return np.asarray(choices / np.array(reach, dtype=np.float64))


def one_hot(choices: Indices, ordered: Sequence[bool]) -> Floats:
    """Return a column for each choice of each axis, and the scaled rank of ordered axes."""
    columns = [np.zeros((len(choices), 0))]
    for column, (size, is_ordered) in zip(choices.T, _axes(choices, ordered), strict=True):
        columns.append((column[:, None] == np.arange(size)).astype(np.float64))
        if is_ordered:
            columns.append(column[:, None] / max(size - 1, 1))
    return np.concatenate(columns, axis=1)


def varied(choices: Indices) -> Indices:
    """Return which axes have more than one choice in the pool: models choke on constants."""
    return np.flatnonzero([size > 1 for size in sizes(choices)])


def nearest_free(choices: Indices, ordered: Sequence[bool], wanted: Indices, free: Indices) -> int:
    """Return the free candidate that differs least from wanted choices, as pools measure it."""
    reach = [max(size - 1, 1) if is_ordered else 0 for size, is_ordered in _axes(choices, ordered)]
    return nearest_choices(choices, reach, wanted, free)


def _axes(choices: Indices, ordered: Sequence[bool]) -> list[tuple[int, bool]]:
    return list(zip(sizes(choices), ordered, strict=True))
