"""An exact Gaussian process on few points, with a kernel that is a sum of parts.

Every part is either linear or Matérn-5/2 with a length scale for each group of columns ("Gaussian
Processes for Machine Learning", Rasmussen and Williams 2006, sections 4.2 and 5.4). The values that
it learns from are expected to have mean 0 and variance 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.optimize import minimize

Floats = NDArray[np.float64]

JITTER = 1e-6
"""Added to the diagonal of the kernel beside the noise that is learned."""

BOUND = 7.0
"""The logarithms of hyperparameters stay between minus and plus this."""

_AMPLITUDE_PRIOR = (float(np.log(0.5)), 1.2)
_NOISE_PRIOR = (float(np.log(0.003)), 1.5)
_SCALE_SPREAD = 0.9


@dataclass(frozen=True)
class Part:
    """A part of a kernel over all points of a pool."""

    kind: Literal["linear", "matern"]
    columns: Floats
    """Of shape (points, columns), each column of variance about 1."""
    groups: NDArray[np.int64]
    """The length scale that each column has; unused by a linear part."""

    @property
    def scales(self) -> int:
        """Number of length scales."""
        return int(self.groups.max()) + 1 if self.kind == "matern" and self.groups.size else 0


@dataclass(frozen=True)
class Kernel:
    """A sum of parts; its hyperparameters are one vector of logarithms.

    In order: the noise's variance, then for each part its amplitude and its length scales.
    """

    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """Number of hyperparameters."""
        return 1 + sum(1 + part.scales for part in self.parts)

    def prior(self) -> tuple[Floats, Floats]:
        """Return the means and standard deviations of the normal prior of the logarithms.

        Length scales grow with the square root of the number of groups (arXiv:2402.02229).
        """
        means, spreads = [_NOISE_PRIOR[0]], [_NOISE_PRIOR[1]]
        for part in self.parts:
            means.append(_AMPLITUDE_PRIOR[0])
            spreads.append(_AMPLITUDE_PRIOR[1])
            centre = 0.5 * np.log(max(part.scales, 1)) + 0.5
            means.extend([centre] * part.scales)
            spreads.extend([_SCALE_SPREAD] * part.scales)
        return np.array(means), np.array(spreads)

    def between(self, theta: Floats, left: NDArray[np.int64], right: NDArray[np.int64]) -> Floats:
        """Return the covariances of two lists of points, of shape (left, right), without noise."""
        total = np.ones((len(left), len(right)))
        for part, amplitude, scales in self._split(theta):
            x, z = part.columns[left], part.columns[right]
            if part.kind == "linear":
                total += amplitude / x.shape[1] * (x @ z.T)
            else:
                weights = 1 / scales[part.groups]
                total += amplitude * _matern(_squared_distances(x * weights, z * weights))
        return total

    def variances(self, theta: Floats, points: NDArray[np.int64]) -> Floats:
        """Return the prior variances of points."""
        total = np.ones(len(points))
        for part, amplitude, _ in self._split(theta):
            if part.kind == "linear":
                x = part.columns[points]
                total += amplitude / x.shape[1] * np.einsum("ij,ij->i", x, x)
            else:
                total += amplitude
        return total

    def _split(self, theta: Floats) -> list[tuple[Part, float, Floats]]:
        found, at = [], 1
        for part in self.parts:
            scales = np.exp(theta[at + 1 : at + 1 + part.scales])
            found.append((part, float(np.exp(theta[at])), scales))
            at += 1 + part.scales
        return found


def fit(
    kernel: Kernel, points: NDArray[np.int64], values: Floats, start: Floats | None, steps: int
) -> Floats:
    """Return the hyperparameters of highest posterior density, found by L-BFGS.

    Args:
        kernel: whose hyperparameters are wanted.
        points: the indices of the observed points.
        values: observed at them, of shape (points,).
        start: where the optimiser starts, such as an earlier result; None for the prior's mean.
        steps: of the optimiser at most.
    """
    means, spreads = kernel.prior()
    fixed = [_gram(part, points) for part in kernel.parts]
    identity = np.eye(len(points))

    def objective(theta: Floats) -> tuple[float, Floats]:
        noise = float(np.exp(theta[0]))
        covariance = np.ones_like(identity) + (noise + JITTER) * identity
        pieces: list[tuple[float, Floats, Floats | None]] = []
        at = 1
        for part, gram in zip(kernel.parts, fixed, strict=True):
            amplitude = float(np.exp(theta[at]))
            if part.kind == "linear":
                piece, slope = gram[0], None
            else:
                inverse = np.exp(-2 * theta[at + 1 : at + 1 + part.scales])
                squared = np.tensordot(inverse, gram, axes=1)
                piece = _matern(squared)
                slope = _matern_slope(squared)
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
    factor: Floats
    """Lower Cholesky factor of the observations' covariance."""
    alpha: Floats
    loo_density: Floats
    """The log density of each observation given all others."""

    def predict(self, points: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Return the means and the variances of the noiseless function at points of the pool."""
        cross = self.kernel.between(self.theta, self.points, points)
        means = cross.T @ self.alpha
        solved = solve_triangular(self.factor, cross, lower=True, check_finite=False)
        variances = self.kernel.variances(self.theta, points)
        variances -= np.einsum("ij,ij->j", solved, solved)
        return means, np.maximum(variances, 1e-12)

    def with_observations(self, points: NDArray[np.int64], values: Floats) -> Posterior:
        """Return the process given further observations.

        Args:
            points: that are new.
            values: of all points, the old ones first.
        """
        return condition(self.kernel, self.theta, np.concatenate([self.points, points]), values)


def condition(
    kernel: Kernel, theta: Floats, points: NDArray[np.int64], values: Floats
) -> Posterior:
    """Return the process at hyperparameters given observations.

    The leave-one-out densities are those of Rasmussen and Williams, equations 5.10 to 5.12.
    """
    covariance = kernel.between(theta, points, points)
    covariance[np.diag_indices_from(covariance)] += np.exp(theta[0]) + JITTER
    lower, _ = cho_factor(covariance, lower=True, check_finite=False)
    lower = np.tril(lower)
    alpha = cho_solve((lower, True), values, check_finite=False)
    half = solve_triangular(lower, np.eye(len(points)), lower=True, check_finite=False)
    precisions = np.einsum("ij,ij->j", half, half)
    residuals = alpha / precisions
    densities = 0.5 * (np.log(precisions) - residuals**2 * precisions - np.log(2 * np.pi))
    return Posterior(kernel, theta, points, lower, alpha, densities)


def _gram(part: Part, points: NDArray[np.int64]) -> Floats:
    """Return what a part's covariances are made of: of shape (1 or scales, points, points)."""
    x = part.columns[points]
    if part.kind == "linear":
        return np.asarray((x @ x.T)[None] / x.shape[1])
    grams = np.zeros((part.scales, len(points), len(points)))
    for column, group in enumerate(part.groups):
        grams[group] += (x[:, None, column] - x[None, :, column]) ** 2
    return grams


def _squared_distances(x: Floats, z: Floats) -> Floats:
    squares = np.einsum("ij,ij->i", x, x)[:, None] + np.einsum("ij,ij->i", z, z)[None, :]
    return np.asarray(np.maximum(squares - 2 * (x @ z.T), 0.0))


def _matern(squared: Floats) -> Floats:
    root = np.sqrt(5 * squared)
    values: Floats = (1 + root + root**2 / 3) * np.exp(-root)
    return values


def _matern_slope(squared: Floats) -> Floats:
    """Return the derivative by the logarithm of a length scale, but for its own distance."""
    root = np.sqrt(5 * squared)
    slope: Floats = 5 / 3 * (1 + root) * np.exp(-root)
    return slope


def of_groups(columns: Sequence[Floats]) -> tuple[Floats, NDArray[np.int64]]:
    """Return columns side by side, with the group that each is of."""
    groups = np.concatenate([np.full(block.shape[1], i) for i, block in enumerate(columns)])
    return np.concatenate(columns, axis=1), groups.astype(np.int64)
