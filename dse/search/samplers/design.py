"""The first candidates of a search: few, and representative of the pool."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from dse.search.samplers.pool_columns import PoolColumns
from dse.search.samplers.pool_rows import Floats

TRIES = 200
POOL = 2000


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
