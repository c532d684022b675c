"""Kernels of a Gaussian process that are sums of parts.

Every part is either linear or Matérn-5/2 with a length scale for each group of columns ("Gaussian
Processes for Machine Learning", Rasmussen and Williams 2006, sections 4.2 and 5.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_AMPLITUDE_PRIOR = (float(np.log(0.5)), 1.2)
_NOISE_PRIOR = (float(np.log(0.003)), 1.5)
_SCALE_SPREAD = 0.9


@dataclass(frozen=True)
class KernelPart:
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

    parts: tuple[KernelPart, ...]

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
                total += amplitude * matern(_squared_distances(x * weights, z * weights))
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

    def _split(self, theta: Floats) -> list[tuple[KernelPart, float, Floats]]:
        found, at = [], 1
        for part in self.parts:
            scales = np.exp(theta[at + 1 : at + 1 + part.scales])
            found.append((part, float(np.exp(theta[at])), scales))
            at += 1 + part.scales
        return found


def _squared_distances(x: Floats, z: Floats) -> Floats:
    squares = np.einsum("ij,ij->i", x, x)[:, None] + np.einsum("ij,ij->i", z, z)[None, :]
    return np.asarray(np.maximum(squares - 2 * (x @ z.T), 0.0))


def matern(squared: Floats) -> Floats:
    """Return the Matérn-5/2 correlation at squared distances."""
    root = np.sqrt(5 * squared)
    values: Floats = (1 + root + root**2 / 3) * np.exp(-root)
    return values


def matern_slope(squared: Floats) -> Floats:
    """Return the derivative by the logarithm of a length scale, but for its own distance."""
    root = np.sqrt(5 * squared)
    slope: Floats = 5 / 3 * (1 + root) * np.exp(-root)
    return slope


def of_groups(columns: Sequence[Floats]) -> tuple[Floats, NDArray[np.int64]]:
    """Return columns side by side, with the group that each is of."""
    groups = np.concatenate([np.full(block.shape[1], i) for i, block in enumerate(columns)])
    return np.concatenate(columns, axis=1), groups.astype(np.int64)
