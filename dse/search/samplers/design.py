"""The first candidates of a search: few, and representative of the pool."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from dse.search.samplers.pool_columns import PoolColumns
from dse.search.samplers.pool_rows import Floats

TRIES = 200
POOL = 2000

AMONG = 4
"""A design of so many candidates has the two ends of the costs among them."""


def first_candidates(
    columns: PoolColumns, costs: PoolColumns | None, number: int, seed: int
) -> NDArray[np.int64]:
    """Return the distinct candidates that a search begins with.

    Those that stand for the whole pool come first, then the dearest and the cheapest one: of a
    straight line, which an objective follows along a cost more often than not, two points tell most
    that are far apart ("Optimal Design of Experiments", 10.1137/1.9780898719109).

    Args:
        columns: in which distances are taken.
        costs: a column for each cost of mean 0 and variance 1; None for none.
        number: of candidates; fewer where the pool is smaller.
        seed: of the draws.
    """
    ends: list[int] = []
    if costs is not None and number >= AMONG:
        sums = costs[np.arange(len(costs))].sum(axis=1)
        rng = np.random.default_rng(seed)
        ends = [int(rng.choice(np.flatnonzero(sums == end))) for end in (sums.max(), sums.min())]
    standing = representative_design(columns, number - len(ends), seed)
    return np.array([*(each for each in standing if each not in ends), *ends], dtype=np.int64)


def representative_design(
    columns: Floats | PoolColumns, number: int, seed: int
) -> NDArray[np.int64]:
    """Return distinct points of a pool that leave no part of it far away.

    The best of random designs by the mean distance of the pool's points to the nearest one chosen
    (the k-medoids problem, 10.1002/9780470316801.ch2): spread like the pool itself. A design that
    only keeps its points apart would go to the corners, where the best candidate seldom is.

    Args:
        columns: of shape (points, columns), in which distances are taken.
        number: of points to return; fewer where the pool is smaller.
        seed: of the random designs.
    """
    rng = np.random.default_rng(seed)
    pool = np.arange(len(columns))
    if len(pool) > POOL:
        pool = rng.choice(pool, POOL, replace=False)
    number = min(number, len(pool))
    best, nearest = pool[:number], np.inf
    for _ in range(TRIES):
        chosen = rng.choice(pool, number, replace=False)
        away = cdist(columns[pool], columns[chosen]).min(axis=1).mean()
        if away < nearest:
            best, nearest = chosen, away
    return np.asarray(best, dtype=np.int64)
