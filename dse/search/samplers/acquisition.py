"""How much an evaluation promises to improve on what is known, in logarithms."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import erfcx, log_ndtr, logsumexp, ndtr

from dse.search.samplers.pool_rows import Floats


def log_expected_improvement(means: Floats, variances: Floats, best: float) -> Floats:
    """Return the logarithm of the expected improvement over `best`, of which more is better.

    The stable form of "Unexpected Improvements to Expected Improvement", arXiv:2310.20708,
    equation 9, so that candidates far from improving can still be told apart.
    """
    deviations = np.sqrt(variances)
    z = (means - best) / deviations
    near = np.maximum(z, -1.0)
    plain = np.log(_density(near) + near * ndtr(near))
    far = np.minimum(z, -1.0)
    ratio = np.sqrt(np.pi / 2) * erfcx(-far / np.sqrt(2)) * np.abs(far)
    # 1 − ratio vanishes like 1 / z², where the difference would lose its digits.
    remainder = np.where(far > -1e3, np.log(np.maximum(1 - ratio, 1e-12)), -2 * np.log(-far))
    tail = -(far**2) / 2 - 0.5 * np.log(2 * np.pi) + remainder
    return np.asarray(np.where(z > -1.0, plain, tail) + np.log(deviations))


def log_probability_below(means: Floats, variances: Floats, bound: float) -> Floats:
    """Return the logarithm of the probability that a value is at most `bound`."""
    return np.asarray(log_ndtr((bound - means) / np.sqrt(variances)))


def log_expected_hypervolume_improvement(
    means: Floats, variances: Floats, front: Floats, reference: Floats
) -> Floats:
    """Return the logarithm of the expected gain in hypervolume of two objectives, exactly.

    Both are maximised and independent. The gain is a sum over the strips that the front cuts the
    plane into, each a product of one-dimensional expectations (arXiv:1904.05115, section 3).

    Args:
        means: of shape (candidates, 2).
        variances: likewise.
        front: the non-dominated points so far, of shape (points, 2); may be empty.
        reference: a point that every point of the front exceeds.
    """
    inside = front[(front > reference).all(axis=1)]
    ordered = inside[np.argsort(inside[:, 0])]
    edges = np.concatenate([[reference[0]], ordered[:, 0], [np.inf]])
    # Between two neighbours, the front is as high as the one on the right.
    heights = np.concatenate([ordered[:, 1], [reference[1]]])
    deviations = np.sqrt(variances)
    total = np.zeros(len(means))
    for left, right, height in zip(edges[:-1], edges[1:], heights, strict=True):
        width = _excess(means[:, 0], deviations[:, 0], left)
        if np.isfinite(right):
            width = width - _excess(means[:, 0], deviations[:, 0], right)
        total += np.maximum(width, 0.0) * _excess(means[:, 1], deviations[:, 1], height)
    return np.asarray(np.log(np.maximum(total, 1e-300)))


def _excess(means: Floats, deviations: Floats, level: float) -> Floats:
    """Return the expectation of max(0, value − level)."""
    z = (means - level) / deviations
    return np.asarray((means - level) * ndtr(z) + deviations * _density(z))


def log_expected_scalarised_improvement(
    means: Floats,
    variances: Floats,
    observed: Floats,
    weights: Floats,
    draws: Floats,
) -> Floats:
    """Return the logarithm of the expected improvement of a Chebyshev scalarisation.

    For more than two objectives: the smallest weighted objective plus a little of their sum, at
    weights that the caller draws anew for each suggestion (ParEGO, 10.1109/TEVC.2005.851274), in
    expectation over normal draws.

    Args:
        means: of shape (candidates, objectives), to be maximised.
        variances: likewise.
        observed: values so far, of shape (trials, objectives).
        weights: positive, of shape (objectives,).
        draws: standard normal, of shape (draws, objectives).
    """

    def scalar(values: Floats) -> Floats:
        weighted = values * weights
        return np.asarray(weighted.min(axis=-1) + 0.05 * weighted.sum(axis=-1))

    best = scalar(observed).max()
    total = np.zeros(len(means))
    for draw in draws:
        total += np.maximum(scalar(means + np.sqrt(variances) * draw) - best, 0.0)
    return np.asarray(np.log(total / len(draws) + 1e-300))


def averaged(logs: Floats, weights: Floats) -> Floats:
    """Return the logarithm of a weighted mean, of shape (models, candidates) → (candidates,)."""
    return np.asarray(logsumexp(logs, axis=0, b=weights[:, None]))


def _density(z: Floats) -> Floats:
    """Return the density of the standard normal distribution."""
    return np.asarray(np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi))
