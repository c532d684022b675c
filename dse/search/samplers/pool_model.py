"""What predicts the candidates of a pool from observations of some."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from dse.search.samplers.gaussian_process import Growth, Posterior, Singles
from dse.search.samplers.pool_rows import Floats, Indices


class PoolModel(Protocol):
    """A model given observations; it is told their values again, whose scale may change."""

    @property
    def noise(self) -> float:
        """The variance of an observation around the function that is predicted."""

    def log_densities(self, values: Floats) -> Floats:
        """Return the log density of each observation given all others."""

    def fitted(self, values: Floats) -> Floats:
        """Return the means at the observed points."""

    def predictions(
        self, values: Floats, pending: Indices, at: Indices | None = None
    ) -> tuple[Floats, Floats]:
        """Return the means and the variances of candidates.

        Args:
            values: observed, in their order.
            pending: candidates that are taken to come out as predicted, which tells their
                neighbourhood apart from what is unknown ("kriging believer",
                10.1007/978-3-642-10701-6_6).
            at: the candidates; by default those that are looked at, whose predictions grow.
        """


class ProcessModel:
    """A process that grows by one observation after the other, and predicts a pool at once.

    Its predictions follow from its points and their order, however often it was asked before.

    Args:
        posterior: given the first observations.
        looked_at: the candidates that are predicted.
    """

    def __init__(self, posterior: Posterior, looked_at: Indices) -> None:
        self.posterior, self._looked_at = posterior, looked_at
        self._first = len(posterior.points)
        self._growths: list[Growth] = []
        self._rows: Singles = np.empty((0, len(looked_at)), dtype=np.float32)
        self._variances: Floats = np.empty(0)

    @property
    def noise(self) -> float:
        """The variance of an observation around the function that is predicted."""
        return self.posterior.noise

    def goes_on(self, points: Indices, looked_at: Indices) -> bool:
        """Return whether further points may come to those that it has."""
        first = self.posterior.points
        return np.array_equal(points[: len(first)], first) and (
            looked_at is self._looked_at or np.array_equal(looked_at, self._looked_at)
        )

    def grow(self, point: int) -> None:
        """Take a further observation."""
        points = np.array([point])
        self._growths.append(self.posterior.growth(points))
        self.posterior = self.posterior.with_points(points, self._growths[-1])

    def fitted(self, values: Floats) -> Floats:
        """Return the means at the observed points."""
        return self.posterior.fitted(values)

    def log_densities(self, values: Floats) -> Floats:
        """Return the log density of each observation given all others."""
        means, variances = self.posterior.left_out(values)
        away = (values - means) ** 2
        return np.asarray(-0.5 * (np.log(2 * np.pi * variances) + away / variances))

    def predictions(
        self, values: Floats, pending: Indices, at: Indices | None = None
    ) -> tuple[Floats, Floats]:
        """Return the means and the variances of candidates."""
        if at is None:
            self._catch_up()
            at, rows, variances = self._looked_at, self._rows, self._variances
        else:
            rows = self.posterior.single_rows(at)
            prior = self.posterior.kernel.variances(self.posterior.theta, at)
            variances = prior - np.einsum("ij,ij->j", rows, rows)
        scaled = (self.posterior.half @ values).astype(np.float32)
        means = (scaled @ rows).astype(np.float64)
        if len(pending):
            growth = self.posterior.growth(pending)
            further = self.posterior.further_rows(pending, growth, at, rows)
            variances = variances - (further**2).sum(axis=0)
        return means, np.maximum(variances, 1e-9)

    def _catch_up(self) -> None:
        """Work out what rows are missing: those of the first points at once, then one by one."""
        posterior, looked_at = self.posterior, self._looked_at
        if not len(self._rows):
            self._variances = posterior.kernel.variances(posterior.theta, looked_at)
            self._keep(posterior.of_first(self._first).rows(looked_at))
        for number in range(len(self._rows), len(posterior.points)):
            point = posterior.points[number : number + 1]
            growth = self._growths[number - self._first]
            self._keep(posterior.further_rows(point, growth, looked_at, self._rows))

    def _keep(self, rows: Floats) -> None:
        self._variances = self._variances - (rows**2).sum(axis=0)
        self._rows = np.concatenate([self._rows, rows.astype(np.float32)])
