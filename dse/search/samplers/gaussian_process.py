"""An exact Gaussian process on few points of a pool, whose hyperparameters are drawn.

The values that it learns from are expected to have mean 0 and variance 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cholesky, solve_triangular

from dse.search.samplers.gaussian_kernels import Kernel
from dse.search.samplers.pool_rows import Floats, Indices

Singles = NDArray[np.float32]

JITTER = 1e-6
"""Added to the diagonal of the kernel beside the noise that is learned."""

BOUND = 9.0
"""The logarithms of hyperparameters stay between minus and plus this."""


def drawn(
    kernel: Kernel,
    points: Indices,
    values: Floats,
    start: Floats | None,
    number: int,
    steps: int,
    rng: np.random.Generator,
    known_noise: Floats | None = None,
) -> list[Floats]:
    """Return draws of the hyperparameters from their posterior.

    By elliptical slice sampling, which suits a normal prior and needs no gradients
    (arXiv:1001.0175).

    Args:
        kernel: whose hyperparameters are wanted.
        points: the indices of the observed points.
        values: observed at them, of shape (points,).
        start: where the chain starts, such as its last state; None for the prior's mean.
        number: of draws.
        steps: of the chain for each draw.
        rng: of the chain.
        known_noise: variances of the values that come to the noise which is learned.
    """
    means, spreads = kernel.prior()
    density = _likelihood(kernel, points, values, known_noise)
    theta = means if start is None else start
    level = density(theta)
    found = []
    for _ in range(number):
        for _ in range(steps):
            theta, level = _next(theta - means, spreads, means, level, density, rng)
        found.append(theta)
    return found


def _next(
    away: Floats,
    spreads: Floats,
    means: Floats,
    level: float,
    density: Callable[[Floats], float],
    rng: np.random.Generator,
) -> tuple[Floats, float]:
    """Return the next state of a chain and its log likelihood."""
    other = spreads * rng.standard_normal(len(spreads))
    threshold = level + np.log(rng.uniform())
    angle = rng.uniform(0, 2 * np.pi)
    low, high = angle - 2 * np.pi, angle
    while True:
        theta = np.clip(means + away * np.cos(angle) + other * np.sin(angle), -BOUND, BOUND)
        found = density(theta)
        if found > threshold or high - low < 1e-6:
            return theta, found
        low, high = (angle, high) if angle < 0 else (low, angle)
        angle = rng.uniform(low, high)


def _likelihood(
    kernel: Kernel, points: Indices, values: Floats, known_noise: Floats | None
) -> Callable[[Floats], float]:
    stated = np.zeros(len(points)) if known_noise is None else known_noise
    here, places = kernel.of_points(points), np.arange(len(points))

    def density(theta: Floats) -> float:
        covariance = here.between(theta, places, places)
        covariance[np.diag_indices_from(covariance)] += np.exp(theta[0]) + JITTER + stated
        try:
            lower = cholesky(covariance, lower=True, check_finite=False, overwrite_a=True)
        except LinAlgError:
            return -np.inf
        scaled = solve_triangular(lower, values, lower=True, check_finite=False)
        return float(-0.5 * scaled @ scaled - np.log(np.diag(lower)).sum())

    return density


Growth = tuple[Floats, Floats]
"""The product of `half` with the covariances of further points, and its new corner."""


@dataclass(frozen=True)
class Posterior:
    """A Gaussian process given observations."""

    kernel: Kernel
    theta: Floats
    points: Indices
    half: Floats
    """Inverse of the lower Cholesky factor of the observations' covariance."""

    @property
    def noise(self) -> float:
        """The variance of an observation around the function."""
        return float(np.exp(self.theta[0])) + JITTER

    def with_points(self, points: Indices, growth: Growth) -> Posterior:
        """Return the process given further points, by which it grows so."""
        cross, corner = growth
        beside = np.zeros((len(self.half), len(points)))
        half = np.block([[self.half, beside], [-corner @ (cross.T @ self.half), corner]])
        return Posterior(self.kernel, self.theta, np.concatenate([self.points, points]), half)

    def of_first(self, number: int) -> Posterior:
        """Return the process given the first points alone, which `half` holds in its corner."""
        # In one piece, as it was when it had no more points: then sums have the same last bit.
        half = np.ascontiguousarray(self.half[:number, :number])
        return Posterior(self.kernel, self.theta, self.points[:number], half)

    def growth(self, points: Indices) -> Growth:
        """Return by what `half` grows with further points, at a cost quadratic in those it has."""
        cross = self.half @ self.kernel.between(self.theta, self.points, points)
        left = _noisy(self.kernel, self.theta, points) - cross.T @ cross
        return cross, np.asarray(np.linalg.inv(cholesky(left, lower=True)), dtype=np.float64)

    def rows(self, candidates: Indices) -> Floats:
        """Return `half` times the covariances with candidates, of shape (points, candidates).

        All that predictions need of the pool.
        """
        return np.asarray(self.half @ self.kernel.between(self.theta, self.points, candidates))

    def single_rows(self, candidates: Indices) -> Singles:
        """Return `rows` in half as many digits, and in half the time."""
        between = self.kernel.between(self.theta, self.points, candidates).astype(np.float32)
        return np.asarray(self.half.astype(np.float32) @ between)

    def further_rows(
        self, points: Indices, growth: Growth, candidates: Indices, rows: Singles
    ) -> Floats:
        """Return what comes to `rows` with further points, at a cost linear in those there are."""
        cross, corner = growth
        fresh = self.kernel.between(self.theta, points, candidates)
        return np.asarray(corner @ (fresh - cross.T.astype(rows.dtype) @ rows))

    def fitted(self, values: Floats) -> Floats:
        """Return the means of the noiseless function at the observed points."""
        alpha = self.half.T @ (self.half @ values)
        return np.asarray(values - self.noise * alpha)

    def left_out(self, values: Floats) -> tuple[Floats, Floats]:
        """Return the mean and the variance of each observation given all others, noise included.

        Rasmussen and Williams, equations 5.10 to 5.12.
        """
        alpha = self.half.T @ (self.half @ values)
        precisions = np.einsum("ij,ij->j", self.half, self.half)
        return values - alpha / precisions, 1 / precisions


def condition(
    kernel: Kernel, theta: Floats, points: Indices, known_noise: Floats | None = None
) -> Posterior:
    """Return the process at hyperparameters given observations, some of known variance."""
    covariance = _noisy(kernel, theta, points)
    if known_noise is not None:
        covariance += np.diag(known_noise)
    lower = cholesky(covariance, lower=True, check_finite=False)
    half = solve_triangular(lower, np.eye(len(points)), lower=True, check_finite=False)
    return Posterior(kernel, theta, points, half)


def _noisy(kernel: Kernel, theta: Floats, points: Indices) -> Floats:
    covariance = kernel.between(theta, points, points)
    covariance[np.diag_indices_from(covariance)] += np.exp(theta[0]) + JITTER
    return covariance
