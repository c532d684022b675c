"""The scale on which a surrogate learns from values."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from dse.search.samplers.pool_rows import Floats

LOWEST = 2.5
"""Values lie at most so many spreads below the median."""

MOST = 1e100
"""Squares of what is larger than this by far are no numbers any more; of the inverse they are 0."""

RANK_SHARE = 0.25
"""Weight of the normal scores of the ranks among what the surrogate learns from."""


def robust_scores(values: Floats) -> Floats:
    """Return values on a scale of mean 0 and variance 1 that outliers do not stretch.

    A weighted mean of the standardised values, cut off so many spreads of the better half below the
    median, and of the normal scores of their ranks: accuracies have long tails of poor candidates,
    which must not hide the differences among the good ones.
    """
    size = float(np.abs(values).max(initial=0.0))
    if not (size == 0 or 1 / MOST < size < MOST):
        values, size = values / size, 1.0
    nothing = 1e-12 * min(size, 1.0)
    middle = np.median(values)
    spread = np.sqrt(((values[values >= middle] - middle) ** 2).mean())
    if spread <= nothing:
        spread = values.std()
    if spread <= nothing:
        return np.zeros(len(values))
    cut = np.maximum((values - middle) / spread, -LOWEST)
    mixed = RANK_SHARE * standard(normal_scores(values)) + (1 - RANK_SHARE) * standard(cut)
    return standard(mixed)


def without_infinities(values: Floats) -> Floats:
    """Return values of shape (points, goals) of which an infinite one lies beyond all others.

    It lies as far beyond them as they are apart.
    """
    if np.isfinite(values).all():
        return values
    found = values.copy()
    for column in found.T:
        finite = column[np.isfinite(column)]
        least, most = (finite.min(), finite.max()) if len(finite) else (0.0, 0.0)
        beyond = (most - least) or 1.0
        column[np.isposinf(column)] = most + beyond
        column[np.isneginf(column)] = least - beyond
    return found


def normal_scores(values: Floats) -> Floats:
    """Return the quantiles of the normal distribution at the ranks of values."""
    _, ranks, counts = np.unique(values, return_inverse=True, return_counts=True)
    middles = np.cumsum(counts) - 0.5 * counts
    return np.asarray(ndtri(middles[ranks] / len(values)))


def standard(values: Floats, observed: Floats | None = None) -> Floats:
    """Return values on a scale on which those observed, or they themselves, are standardised."""
    observed = values if observed is None else observed
    spread = observed.std()
    return np.asarray((values - observed.mean()) / (spread if spread > 1e-12 else 1.0))
