"""The first candidates of a search: few, and spread over the pool."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dse.search.samplers.kernels import Floats

TRIES = 200
POOL = 5000


def spread_design(columns: Floats, number: int, seed: int) -> NDArray[np.int64]:
    """Return distinct points of a pool of which the nearest two are far from one another.

    The best of random designs by that distance ("maximin", 10.1016/0378-3758(90)90122-B): spread,
    but not driven into the corners as the one best design would be.

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
    best, farthest = pool[:number], -1.0
    for _ in range(TRIES):
        chosen = rng.choice(pool, number, replace=False)
        x = columns[chosen]
        distances = ((x[:, None] - x[None]) ** 2).sum(axis=2)
        nearest = distances[np.triu_indices(number, 1)].min(initial=np.inf)
        if nearest > farthest:
            best, farthest = chosen, nearest
    return np.asarray(best, dtype=np.int64)
