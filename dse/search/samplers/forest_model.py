"""Predictions by a forest, with a variance that what its trees have not seen bears out."""

from __future__ import annotations

import itertools

import numpy as np

from dse.search.samplers.forest import Forest, Singles, Truths, grow
from dse.search.samplers.gaussian_kernels import Floats, Indices

SHARES = (0.5, 1.0, 2.0, 4.0)
NOISES = (1e-3, 0.01, 0.03, 0.1, 0.2, 0.4, 0.8)
"""Of the variance among trees, and what comes to it: the pair that explains best is taken."""


class ForestModel:
    """A forest given observations.

    Args:
        asked: what trees ask of the candidates of a pool, of shape (candidates, columns).
        ordered: whether a column is asked for a threshold, or for one of its values.
        looked_at: the candidates that are predicted.
        points: that were observed.
        values: of these.
        seed: of the trees.
    """

    def __init__(
        self,
        asked: Singles,
        ordered: Truths,
        looked_at: Indices,
        points: Indices,
        values: Floats,
        seed: int,
    ) -> None:
        self._asked, self._ordered, self._seed = asked, ordered, seed
        self._looked_at, self._points = looked_at, points
        self._forest = self._grown(points, values)
        self._trees = self._forest.predict(asked[looked_at])
        there = self._forest.predict(asked[points])
        self._fitted = there.mean(axis=0)
        means, variances = _by_unseen(there, self._forest, values)
        away = (values - means) ** 2
        logs = [
            (-0.5 * (np.log(2 * np.pi * total) + away / total), share, noise)
            for share, noise in itertools.product(SHARES, NOISES)
            for total in (share * variances + noise,)
        ]
        self._logs, self._share, self._noise = max(logs, key=lambda each: each[0].sum())

    @property
    def noise(self) -> float:
        """The variance of an observation around the function that is predicted.

        Half of what the trees leave unexplained is taken to be of the observations.
        """
        return 0.5 * self._noise

    def log_densities(self, values: Floats) -> Floats:
        """Return the log density of each observation by the trees that have not seen it."""
        return self._logs

    def predictions(self, values: Floats, pending: Indices) -> tuple[Floats, Floats]:
        """Return the means and the variances of all candidates.

        Args:
            values: observed, in their order.
            pending: candidates that are taken to come out as predicted.
        """
        trees = self._trees
        if len(pending):
            believed = self._forest.predict(self._asked[pending]).mean(axis=0)
            points = np.concatenate([self._points, pending])
            grown = self._grown(points, np.concatenate([values, believed]))
            trees = grown.predict(self._asked[self._looked_at])
        return trees.mean(axis=0), self._share * trees.var(axis=0) + self.noise

    def fitted(self, values: Floats) -> Floats:
        """Return the means at the observed points."""
        return np.asarray(self._fitted, dtype=np.float64)

    def _grown(self, points: Indices, values: Floats) -> Forest:
        rng = np.random.default_rng((self._seed, len(points)))
        return grow(self._asked[points], self._ordered, values, rng)


def _by_unseen(trees: Floats, forest: Forest, values: Floats) -> tuple[Floats, Floats]:
    """Return means and variances of each observation by the trees that have not seen it."""
    unseen = forest.unseen
    number = np.maximum(unseen.sum(axis=0), 1)
    means = np.where(unseen.any(axis=0), (trees * unseen).sum(axis=0) / number, values.mean())
    return means, ((trees - means) ** 2 * unseen).sum(axis=0) / number
