"""Kernels of a Gaussian process that are sums of parts.

A part is linear, Matérn-5/2 with a length scale for each group of columns ("Gaussian Processes for
Machine Learning", Rasmussen and Williams 2006, sections 4.2 and 5.4), or made of single axes and
pairs of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from dse.search.samplers.pool_columns import PoolColumns
from dse.search.samplers.pool_rows import Floats, Indices

Normal = tuple[float, float]
"""The mean and the standard deviation of a prior of a logarithm."""

AMPLITUDE: Normal = (float(np.log(0.5)), 1.2)
NOISE: Normal = (float(np.log(0.01)), 2.0)
"""The noise may be next to nothing, as of a cost, or most of what is seen, as of short training."""
SCALE_SPREAD = 0.9
RELEVANCE_SPREAD = 1.0


class KernelPart(Protocol):
    """A part of a kernel over all points of a pool."""

    def prior(self) -> list[Normal]:
        """Return the priors of its hyperparameters, the amplitude first."""

    def between(self, theta: Floats, left: Indices, right: Indices) -> Floats:
        """Return the covariances of two lists of points, of shape (left, right)."""

    def variances(self, theta: Floats, points: Indices) -> Floats:
        """Return the prior variances of points."""

    def of_points(self, points: Indices) -> KernelPart:
        """Return the part over some points alone, numbered from 0 on."""


@dataclass(frozen=True)
class LinearPart:
    """Weights of columns, all of one variance."""

    columns: Floats | PoolColumns
    """Of shape (points, columns), each column of variance about 1."""

    def prior(self) -> list[Normal]:
        """Return the prior of the amplitude."""
        return [AMPLITUDE]

    def between(self, theta: Floats, left: Indices, right: Indices) -> Floats:
        """Return the covariances of two lists of points."""
        return np.asarray(self._weight(theta) * (self.columns[left] @ self.columns[right].T))

    def of_points(self, points: Indices) -> LinearPart:
        """Return the part over some points alone."""
        return replace(self, columns=self.columns[points])

    def variances(self, theta: Floats, points: Indices) -> Floats:
        """Return the prior variances of points."""
        x = self.columns[points]
        return np.asarray(self._weight(theta) * np.einsum("ij,ij->i", x, x))

    def _weight(self, theta: Floats) -> float:
        return float(np.exp(theta[0]) / self.columns.shape[1])


@dataclass(frozen=True)
class MaternPart:
    """Smooth functions of groups of columns together."""

    columns: Floats | PoolColumns
    groups: Indices
    """The length scale that each column has."""

    def prior(self) -> list[Normal]:
        """Return the priors of the amplitude and of the length scales.

        Length scales grow with the square root of the number of groups (arXiv:2402.02229).
        """
        scales = int(self.groups.max()) + 1
        return [AMPLITUDE, *[(0.5 * float(np.log(scales)) + 0.5, SCALE_SPREAD)] * scales]

    def between(self, theta: Floats, left: Indices, right: Indices) -> Floats:
        """Return the covariances of two lists of points."""
        weights = np.exp(-theta[1:])[self.groups]
        x, z = self.columns[left] * weights, self.columns[right] * weights
        return np.asarray(np.exp(theta[0]) * matern(_squared_distances(x, z)))

    def of_points(self, points: Indices) -> MaternPart:
        """Return the part over some points alone."""
        return replace(self, columns=self.columns[points])

    def variances(self, theta: Floats, points: Indices) -> Floats:
        """Return the prior variances of points."""
        return np.full(len(points), np.exp(theta[0]))


@dataclass(frozen=True)
class PairsPart:
    """Functions of each axis by itself, and of each two axes.

    The degrees one and two of "Additive Gaussian Processes" (arXiv:1112.4394): products of the
    kernels of two axes, summed over all pairs by the identity of Newton and Girard.
    """

    axes: Floats | PoolColumns
    """Of shape (points, columns): columns whose products are the kernels of the axes."""
    squares: Floats | PoolColumns
    """Those of the squares of these kernels."""
    groups: Indices
    """The axis that each column is of."""
    groups_of_squares: Indices

    def prior(self) -> list[Normal]:
        """Return the priors of both amplitudes and of the relevance of each axis."""
        return [AMPLITUDE, AMPLITUDE, *[(0.0, RELEVANCE_SPREAD)] * (int(self.groups.max()) + 1)]

    def between(self, theta: Floats, left: Indices, right: Indices) -> Floats:
        """Return the covariances of two lists of points."""
        weights = self._weights(theta)
        singles = (self.axes[left] * weights[self.groups]) @ self.axes[right].T
        scaled = self.squares[left] * weights[self.groups_of_squares] ** 2
        return self._summed(theta, singles, scaled @ self.squares[right].T)

    def of_points(self, points: Indices) -> PairsPart:
        """Return the part over some points alone."""
        return replace(self, axes=self.axes[points], squares=self.squares[points])

    def variances(self, theta: Floats, points: Indices) -> Floats:
        """Return the prior variances of points."""
        weights = self._weights(theta)
        singles = self.axes[points] ** 2 @ weights[self.groups]
        squares = self.squares[points] ** 2 @ weights[self.groups_of_squares] ** 2
        return self._summed(theta, singles, squares)

    def _weights(self, theta: Floats) -> Floats:
        relevance = np.exp(theta[2:])
        return np.asarray(relevance / relevance.sum())

    def _summed(self, theta: Floats, singles: Floats, squares: Floats) -> Floats:
        pairs = singles**2 - squares
        return np.asarray(np.exp(theta[0]) * singles + np.exp(theta[1]) * pairs)


@dataclass(frozen=True)
class Kernel:
    """A constant and a sum of parts; its hyperparameters are one vector of logarithms.

    In order: the noise's variance, then those of each part.
    """

    parts: tuple[KernelPart, ...]

    def prior(self) -> tuple[Floats, Floats]:
        """Return the means and standard deviations of the normal prior of the logarithms."""
        normals = [NOISE, *(normal for part in self.parts for normal in part.prior())]
        means, spreads = zip(*normals, strict=True)
        return np.array(means), np.array(spreads)

    def between(self, theta: Floats, left: Indices, right: Indices) -> Floats:
        """Return the covariances of two lists of points, of shape (left, right), without noise."""
        total = np.ones((len(left), len(right)))
        for part, own in self._split(theta):
            total += part.between(own, left, right)
        return total

    def of_points(self, points: Indices) -> Kernel:
        """Return the kernel over some points alone, numbered from 0 on."""
        return Kernel(tuple(part.of_points(points) for part in self.parts))

    def variances(self, theta: Floats, points: Indices) -> Floats:
        """Return the prior variances of points."""
        total = np.ones(len(points))
        for part, own in self._split(theta):
            total += part.variances(own, points)
        return total

    def _split(self, theta: Floats) -> list[tuple[KernelPart, Floats]]:
        found, at = [], 1
        for part in self.parts:
            size = len(part.prior())
            found.append((part, theta[at : at + size]))
            at += size
        return found


def matern(squared: Floats) -> Floats:
    """Return the Matérn-5/2 correlation at squared distances."""
    root = np.sqrt(5 * squared)
    values: Floats = (1 + root + root**2 / 3) * np.exp(-root)
    return values


def _squared_distances(x: Floats, z: Floats) -> Floats:
    squares = np.einsum("ij,ij->i", x, x)[:, None] + np.einsum("ij,ij->i", z, z)[None, :]
    return np.asarray(np.maximum(squares - 2 * (x @ z.T), 0.0))
