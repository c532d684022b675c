"""A surrogate that averages over readings of the candidates, each weighed by how it predicts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dse.search.samplers.gaussian_kernels import Floats, Kernel
from dse.search.samplers.gaussian_process import Posterior, condition, fit

FITTED = 110
"""Observations that hyperparameters are learned from at most: the best half, and others."""

GROWTH = 1.15
"""Hyperparameters are learned anew once there are so many times the observations."""

FRESH = 8
"""Of many observations, every so manyeth learning starts from the prior: whoever joins late has
few to repeat."""

LEAST_WEIGHT = 0.02
"""Readings of less weight are left out."""

_Points = NDArray[np.int64]


@dataclass(frozen=True)
class Evidence:
    """What a surrogate learns from."""

    points: _Points
    """The observed candidates, in the order of the observations."""
    values: Floats
    """What was observed, on a scale of mean 0 and variance 1."""
    noise: Floats | None = None
    """Variances of the values that are known, on that scale."""

    def is_same(self, other: Evidence) -> bool:
        """Return whether both hold the same."""
        return np.array_equal(self.points, other.points) and np.array_equal(
            self.values, other.values
        )


First = Callable[[int], Evidence]
"""What is known after so many observations, the first of them."""


@dataclass
class Surrogate:
    """Models of one quantity, which follow from the observations and their order alone.

    Whoever sees the same observations has the same models, whether it saw them one by one or all at
    once: what is kept from one call to the next is what would be worked out again.

    Args:
        kernels: the readings.
        seed: of the draws.
        initial: observations from which hyperparameters are learned first.
    """

    kernels: Sequence[Kernel]
    seed: int
    initial: int = 2
    _learned: tuple[Evidence, list[Floats]] | None = None
    _held: dict[int, Posterior] = field(default_factory=dict)

    def models(self, observed: int, first: First) -> tuple[list[Posterior], NDArray[np.float64]]:
        """Return a posterior for each reading that matters, and their weights, which sum to 1.

        The weights are those of pseudo-Bayesian model averaging: the exponential of the summed log
        densities of the observations, each left out (10.1214/17-BA1091, section 3.3).

        Args:
            observed: how many observations there are.
            first: gives what is known after the first of them.
        """
        known = first(observed)
        base, thetas = self._hyperparameters(observed, first)
        found = [self._given(i, theta, base, known) for i, theta in enumerate(thetas)]
        densities = np.array([posterior.loo_density.sum() for posterior in found])
        weights = np.exp(densities - densities.max())
        weights /= weights.sum()
        kept = np.flatnonzero(weights >= LEAST_WEIGHT)
        return [found[index] for index in kept], weights[kept] / weights[kept].sum()

    def _hyperparameters(self, observed: int, first: First) -> tuple[Evidence, list[Floats]]:
        """Return what hyperparameters were learned from last, and those of each reading."""
        sizes = _sizes(observed, self.initial)
        if self._learned is not None:
            size = len(self._learned[0].points)
            is_known = size in sizes and self._learned[0].is_same(first(size))
            if is_known and size == sizes[-1]:
                return self._learned
            sizes = sizes[sizes.index(size) + 1 :] if is_known else sizes
            self._learned = self._learned if is_known else None
        for size in sizes:
            self._learned = self._fit(first(size))
        self._held.clear()
        assert self._learned is not None, "there is a size"
        return self._learned

    def _given(self, index: int, theta: Floats, base: Evidence, known: Evidence) -> Posterior:
        """Return a posterior that grows by one observation after the other."""
        kernel = self.kernels[index]
        # What is known of the noise changes with each observation.
        if known.noise is not None:
            return condition(kernel, theta, known.points, known.values, known.noise)
        held = self._held.get(index)
        if held is None or not np.array_equal(held.points, known.points[: len(held.points)]):
            held = condition(kernel, theta, base.points, base.values)
        for number in range(len(held.points), len(known.points)):
            held = held.with_observations(
                known.points[number : number + 1], known.values[: number + 1]
            )
        self._held[index] = held.with_observations(known.points[:0], known.values)
        return self._held[index]

    def _fit(self, known: Evidence) -> tuple[Evidence, list[Floats]]:
        points, values = known.points, known.values
        chosen = np.arange(len(points))
        if len(points) > FITTED:
            order = np.argsort(-values)
            rest = np.random.default_rng((self.seed, len(points))).permutation(order[FITTED // 2 :])
            chosen = np.concatenate([order[: FITTED // 2], rest[: FITTED - FITTED // 2]])
        thetas = []
        for index, kernel in enumerate(self.kernels):
            start = None if self._learned is None else self._learned[1][index]
            steps = 40 if start is None or len(chosen) < 40 else 12
            noise = None if known.noise is None else known.noise[chosen]
            thetas.append(fit(kernel, points[chosen], values[chosen], start, steps, noise))
        return known, thetas


def _sizes(observed: int, initial: int) -> list[int]:
    """Return after how many observations hyperparameters are learned, up to the last time."""
    if observed < initial:
        return [observed]
    sizes, learned = [initial], 1
    while (following := math.ceil(GROWTH * sizes[-1])) <= observed:
        if following > FITTED and learned % FRESH == 0:
            sizes.clear()
        sizes.append(following)
        learned += 1
    return sizes
