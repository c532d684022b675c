"""Predictions by a forest, with a variance that what its trees have not seen bears out."""

from __future__ import annotations

import itertools
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dse.search.samplers.forest import Forest, grow
from dse.search.samplers.pool_rows import Floats, Indices
from dse.search.samplers.readings import TreeColumns

SHARES = (0.5, 1.0, 2.0, 4.0)
NOISES = (1e-3, 0.01, 0.03, 0.1, 0.2, 0.4, 0.8)
"""Of the variance among trees, and what comes to it: the pair that explains best is taken."""


class GrownForest:
    """Trees whose splits were learned from the first observations, and which take further ones.

    A further observation comes into the leaves where it belongs, as often as a bootstrap would draw
    it, and the means of all leaves are those of the values that are given last.

    Args:
        columns: what trees ask of the candidates of a pool.
        looked_at: the candidates that are predicted.
        points: observed, that splits are learned from.
        values: of these.
        seed: of the trees.
    """

    def __init__(
        self,
        columns: TreeColumns,
        looked_at: Indices,
        points: Indices,
        values: Floats,
        seed: int,
    ) -> None:
        rng = np.random.default_rng((seed, len(points)))
        self.columns, self.looked_at, self.points = columns, looked_at, points
        self.values, self._seed = values, seed
        self.forest = grow(columns.rows(points), columns.ordered, values, rng)

    @cached_property
    def leaves(self) -> NDArray[np.int32]:
        """The leaf of each candidate that is looked at in each tree, (trees, candidates)."""
        return self.forest.leaves(self.columns.rows(self.looked_at))

    def goes_on(self, points: Indices, values: Floats, looked_at: Indices) -> bool:
        """Return whether the trees would be grown the same from some observations."""
        return (
            np.array_equal(points, self.points)
            and np.array_equal(values, self.values)
            and (looked_at is self.looked_at or np.array_equal(looked_at, self.looked_at))
        )

    def given(self, points: Indices, values: Floats) -> Forest:
        """Return the trees with what was observed since, and with values on their scale now."""
        further = points[len(self.points) :]
        if not len(further) and np.array_equal(values, self.values):
            return self.forest
        # A row of draws for each observation: however many there are, the first are the same.
        draws = np.random.default_rng((self._seed, len(self.points), 1))
        counts = draws.poisson(1.0, (len(further), len(self.forest.counts))).T
        return self.forest.with_values(self.columns.rows(points), counts, values)


class ForestModel:
    """A forest given observations.

    Args:
        grown: the trees.
        points: that were observed; the first are those that the trees grew from.
        values: of these.
    """

    def __init__(self, grown: GrownForest, points: Indices, values: Floats) -> None:
        self._grown, self._points = grown, points
        self._forest = grown.given(points, values)
        there = self._forest.predict(grown.columns.rows(points))
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

    def predictions(
        self, values: Floats, pending: Indices, at: Indices | None = None
    ) -> tuple[Floats, Floats]:
        """Return the means and the variances of candidates.

        Args:
            values: observed, in their order.
            pending: candidates that are taken to come out as predicted.
            at: the candidates; by default those that are looked at.
        """
        grown, forest = self._grown, self._forest
        asked = grown.columns.rows
        if len(pending):
            believed = forest.predict(asked(pending)).mean(axis=0)
            points = np.concatenate([self._points, pending])
            forest = grown.given(points, np.concatenate([values, believed]))
        leaves = grown.leaves if at is None else forest.leaves(asked(at))
        trees = forest.means[leaves]
        return trees.mean(axis=0), self._share * trees.var(axis=0) + self.noise

    def fitted(self, values: Floats) -> Floats:
        """Return the means at the observed points."""
        return np.asarray(self._fitted, dtype=np.float64)


def _by_unseen(trees: Floats, forest: Forest, values: Floats) -> tuple[Floats, Floats]:
    """Return means and variances of each observation by the trees that have not seen it."""
    unseen = forest.counts == 0
    number = np.maximum(unseen.sum(axis=0), 1)
    means = np.where(unseen.any(axis=0), (trees * unseen).sum(axis=0) / number, values.mean())
    return means, ((trees - means) ** 2 * unseen).sum(axis=0) / number
