"""An exact Gaussian process on few points.

The values that it learns from are expected to have mean 0 and variance 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular

from dse.search.samplers.gaussian_kernels import Floats, Kernel, KernelPart, matern, matern_slope

JITTER = 1e-6
"""Added to the diagonal of the kernel beside the noise that is learned."""

BOUND = 7.0
"""The logarithms of hyperparameters stay between minus and plus this."""


def fit(
    kernel: Kernel,
    points: NDArray[np.int64],
    values: Floats,
    start: Floats | None,
    steps: int,
    known_noise: Floats | None = None,
) -> Floats:
    """Return the hyperparameters of highest posterior density, found by L-BFGS.

    Args:
        kernel: whose hyperparameters are wanted.
        points: the indices of the observed points.
        values: observed at them, of shape (points,).
        start: where the optimiser starts, such as an earlier result; None for the prior's mean.
        steps: of the optimiser at most.
        known_noise: variances of the values that come to the noise which is learned.
    """
    means, spreads = kernel.prior()
    fixed = [_gram(part, points) for part in kernel.parts]
    identity = np.eye(len(points))
    stated = np.ones_like(identity) + np.diag(_or_none(known_noise, len(points)))

    def objective(theta: Floats) -> tuple[float, Floats]:
        noise = float(np.exp(theta[0]))
        covariance = stated + (noise + JITTER) * identity
        pieces: list[tuple[float, Floats, Floats | None]] = []
        at = 1
        for part, gram in zip(kernel.parts, fixed, strict=True):
            amplitude = float(np.exp(theta[at]))
            if part.kind == "linear":
                piece, slope = gram[0], None
            else:
                inverse = np.exp(-2 * theta[at + 1 : at + 1 + part.scales])
                squared = np.tensordot(inverse, gram, axes=1)
                piece = matern(squared)
                slope = matern_slope(squared)
            covariance += amplitude * piece
            pieces.append((amplitude, piece, slope))
            at += 1 + part.scales
        factor = cho_factor(covariance, lower=True, check_finite=False)
        alpha = cho_solve(factor, values, check_finite=False)
        inverse_covariance = cho_solve(factor, identity, check_finite=False)
        likelihood = -0.5 * values @ alpha - np.log(np.diag(factor[0])).sum()
        sensitivity = 0.5 * (np.outer(alpha, alpha) - inverse_covariance)
        gradient = np.empty_like(theta)
        gradient[0] = noise * np.trace(sensitivity)
        at = 1
        for part, gram, (amplitude, piece, slope) in zip(kernel.parts, fixed, pieces, strict=True):
            gradient[at] = amplitude * np.vdot(sensitivity, piece)
            if slope is not None:
                inverse = np.exp(-2 * theta[at + 1 : at + 1 + part.scales])
                along = np.tensordot(gram, sensitivity * slope, axes=2)
                gradient[at + 1 : at + 1 + part.scales] = amplitude * inverse * along
            at += 1 + part.scales
        away = (theta - means) / spreads
        return -(likelihood - 0.5 * away @ away), -(gradient - away / spreads)

    # What optimises takes a fifth of a second to load, and few commands need it.
    from scipy.optimize import minimize

    found = minimize(
        objective,
        means if start is None else start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(mean - BOUND, mean + BOUND) for mean in means],
        options={"maxiter": steps, "maxfun": 2 * steps},
    )
    return np.asarray(found.x, dtype=np.float64)


@dataclass(frozen=True)
class Posterior:
    """A Gaussian process given observations."""

    kernel: Kernel
    theta: Floats
    points: NDArray[np.int64]
    half: Floats
    """Inverse of the lower Cholesky factor of the observations' covariance."""
    alpha: Floats
    loo_density: Floats
    """The log density of each observation given all others."""

    def predict(self, points: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Return the means and the variances of the noiseless function at points of the pool."""
        cross = self.kernel.between(self.theta, self.points, points)
        means = cross.T @ self.alpha
        solved = self.half @ cross
        variances = self.kernel.variances(self.theta, points)
        variances -= np.einsum("ij,ij->j", solved, solved)
        return means, np.maximum(variances, 1e-12)

    def with_observations(self, points: NDArray[np.int64], values: Floats) -> Posterior:
        """Return the process given further observations, at a cost quadratic in their number.

        Args:
            points: that are new.
            values: of all points, the old ones first.
        """
        half = self.half
        if len(points):
            cross = half @ self.kernel.between(self.theta, self.points, points)
            corner = np.linalg.inv(
                cholesky(_noisy(self.kernel, self.theta, points) - cross.T @ cross, lower=True)
            )
            beside = np.zeros((len(half), len(points)))
            half = np.block([[half, beside], [-corner @ (cross.T @ half), corner]])
        return _given(self.kernel, self.theta, np.concatenate([self.points, points]), half, values)


def condition(
    kernel: Kernel,
    theta: Floats,
    points: NDArray[np.int64],
    values: Floats,
    known_noise: Floats | None = None,
) -> Posterior:
    """Return the process at hyperparameters given observations, some of known variance."""
    covariance = _noisy(kernel, theta, points) + np.diag(_or_none(known_noise, len(points)))
    lower = cholesky(covariance, lower=True, check_finite=False)
    half = solve_triangular(lower, np.eye(len(points)), lower=True, check_finite=False)
    return _given(kernel, theta, points, half, values)


def _noisy(kernel: Kernel, theta: Floats, points: NDArray[np.int64]) -> Floats:
    covariance = kernel.between(theta, points, points)
    covariance[np.diag_indices_from(covariance)] += np.exp(theta[0]) + JITTER
    return covariance


def _or_none(noise: Floats | None, number: int) -> Floats:
    return np.zeros(number) if noise is None else noise


def _given(
    kernel: Kernel, theta: Floats, points: NDArray[np.int64], half: Floats, values: Floats
) -> Posterior:
    """The leave-one-out densities are those of Rasmussen and Williams, equations 5.10 to 5.12."""
    alpha = half.T @ (half @ values)
    precisions = np.einsum("ij,ij->j", half, half)
    residuals = alpha / precisions
    densities = 0.5 * (np.log(precisions) - residuals**2 * precisions - np.log(2 * np.pi))
    return Posterior(kernel, theta, points, half, alpha, densities)


def _gram(part: KernelPart, points: NDArray[np.int64]) -> Floats:
    """Return what a part's covariances are made of: of shape (1 or scales, points, points)."""
    x = part.columns[points]
    if part.kind == "linear":
        return np.asarray((x @ x.T)[None] / x.shape[1])
    grams = np.zeros((part.scales, len(points), len(points)))
    for column, group in enumerate(part.groups):
        grams[group] += (x[:, None, column] - x[None, :, column]) ** 2
    return grams
