"""Whether the intervals of our surrogate hold what they say, on tables that are wholly known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from dse.search.pools.candidate_pool import Pool
from dse.search.samplers import Observations, PoolSampler
from dse.search.samplers.like_axes import like_axes
from dse.search.samplers.readings import readings, tree_columns
from dse.search.samplers.robust_scores import robust_scores
from dse.search.samplers.surrogate import Evidence, Surrogate

Floats = NDArray[np.float64]

NOMINAL = 0.95
_NONE = np.array([], dtype=np.int64)


@dataclass(frozen=True)
class Coverage:
    """The share of candidates not observed whose value lies in its interval."""

    all: float
    upper_half: float
    """Of the better half of the pool."""


def coverage(pool: Pool, gains: Floats, observed: int, seed: int) -> Coverage:
    """Return how many values lie in intervals of 95 %, after a search of so many evaluations.

    Intervals are of a mixture of all models, noise included. Values beyond those observed have no
    place on the surrogate's scale and are left out.

    Args:
        pool: the candidates.
        gains: of each; more is better.
        observed: evaluations of the search.
        seed: of the search.
    """
    sampler = PoolSampler(pool.candidates, pool.cost_matrix, ordered=pool.ordered, seed=seed)
    points: list[int] = []
    for _ in range(observed):
        index = sampler.suggest(_known(points, gains))
        assert index is not None
        points.append(index)
    values = gains[points]
    level = _levels(sampler, np.array(points), gains, seed)
    tail = (1 - NOMINAL) / 2
    holds = (level > tail) & (level < 1 - tail)
    counted = (gains >= values.min()) & (gains <= values.max())
    counted[points] = False
    upper = counted & (gains >= np.median(gains))
    return Coverage(float(holds[counted].mean()), float(holds[upper].mean()))


def _levels(sampler: PoolSampler, points: np.ndarray, gains: Floats, seed: int) -> Floats:
    """Return the predicted probability that each candidate's value is below what it is."""
    given = sampler.rows, sampler.ordered, like_axes(sampler.values)
    surrogate = Surrogate(readings(*given), tree_columns(*given), seed, 6)

    def first(size: int) -> Evidence:
        return Evidence(points[:size], robust_scores(gains[points[:size]]))

    everything = np.arange(len(gains))
    found = surrogate.models(len(points), first, everything)
    scores = first(len(points)).values
    order = np.argsort(gains[points])
    wanted = np.interp(gains, gains[points][order], scores[order])
    level = np.zeros(len(gains))
    for model, weight in zip(found.models, found.weights, strict=True):
        mean, variance = model.predictions(scores[found.used], _NONE)
        level += weight * ndtr((wanted - mean) / np.sqrt(variance + model.noise))
    return level


def _known(points: list[int], gains: Floats) -> Observations:
    values = gains[points].reshape(-1, 1)
    return Observations(
        np.array(points, dtype=np.int64), values, np.zeros((len(points), 0)), _NONE, _NONE
    )
