"""A surrogate that averages over readings of the candidates, each weighed by how it predicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dse.search.samplers.gaussian_kernels import Floats, Kernel
from dse.search.samplers.gaussian_process import Posterior, condition, fit

FITTED = 110
"""Observations that hyperparameters are learned from at most: the best half, and others."""

GROWTH = 1.15
"""Hyperparameters are learned anew once there are so many times the observations."""

LEAST_WEIGHT = 0.02
"""Readings of less weight are left out."""


@dataclass
class Surrogate:
    """Models of one quantity; hyperparameters are kept from one call to the next."""

    kernels: Sequence[Kernel]
    seed: int
    _theta: dict[int, Floats] = field(default_factory=dict)
    _held: dict[int, Posterior] = field(default_factory=dict)
    _fitted: int = 0

    def models(
        self, points: NDArray[np.int64], values: Floats, noise: Floats | None = None
    ) -> tuple[list[Posterior], NDArray[np.float64]]:
        """Return a posterior for each reading that matters, and their weights, which sum to 1.

        The weights are those of pseudo-Bayesian model averaging: the exponential of the summed log
        densities of the observations, each left out (10.1214/17-BA1091, section 3.3).

        Args:
            points: the observed candidates.
            values: what was observed, on a scale of mean 0 and variance 1.
            noise: variances of the values that are known, on that scale.
        """
        if not self._theta or len(points) >= GROWTH * self._fitted or len(points) < self._fitted:
            self._fit(points, values, noise)
        found = [self._given(index, points, values, noise) for index in range(len(self.kernels))]
        densities = np.array([posterior.loo_density.sum() for posterior in found])
        weights = np.exp(densities - densities.max())
        weights /= weights.sum()
        kept = np.flatnonzero(weights >= LEAST_WEIGHT)
        return [found[index] for index in kept], weights[kept] / weights[kept].sum()

    def _given(
        self, index: int, points: NDArray[np.int64], values: Floats, noise: Floats | None
    ) -> Posterior:
        """Return a posterior that grows from the one before, while hyperparameters are the same."""
        held = self._held.get(index)
        # What is known of the noise changes with each observation.
        if held is None or noise is not None or not np.isin(held.points, points).all():
            posterior = condition(self.kernels[index], self._theta[index], points, values, noise)
        else:
            # The order of the observations is of no matter; parallel trials end in any.
            new = points[~np.isin(points, held.points)]
            place = {point: at for at, point in enumerate(points.tolist())}
            order = [place[point] for point in (*held.points.tolist(), *new.tolist())]
            posterior = held.with_observations(new, values[order])
        self._held[index] = posterior
        return posterior

    def _fit(self, points: NDArray[np.int64], values: Floats, noise: Floats | None) -> None:
        chosen = np.arange(len(points))
        if len(points) > FITTED:
            order = np.argsort(-values)
            rest = np.random.default_rng((self.seed, len(points))).permutation(order[FITTED // 2 :])
            chosen = np.concatenate([order[: FITTED // 2], rest[: FITTED - FITTED // 2]])
        for index, kernel in enumerate(self.kernels):
            start = self._theta.get(index)
            steps = 40 if start is None or len(chosen) < 40 else 12
            known = None if noise is None else noise[chosen]
            self._theta[index] = fit(kernel, points[chosen], values[chosen], start, steps, known)
        self._fitted = len(points)
        self._held.clear()
