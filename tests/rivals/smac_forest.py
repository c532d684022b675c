"""SMAC's random forest and its expected improvement, over every free candidate of a pool."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from dse.search.samplers import Observations
from tests.rivals.drawn_first import DrawnFirstSampler
from tests.rivals.encodings import Floats, Indices, scaled, sizes, varied

DRAWN = 0.2
"""The share of proposals that are drawn at random, as the facade draws one in five."""


class SmacSampler(DrawnFirstSampler):
    """The parts of SMAC3's `HyperparameterOptimizationFacade` (arXiv:2109.09831) on a pool.

    Its forest of ten trees learns the logarithm of the loss, scaled as the facade's encoder does;
    its expected improvement is worked out for each free candidate; and one proposal in five is
    drawn at random, as the facade does.
    """

    is_pyrfr = False

    def start(self, seed: int) -> None:
        super().start(seed)
        self._kept = varied(self.choices)
        self._columns = scaled(self.choices, self.ordered)[:, self._kept]

    def chosen(self, known: Observations, free: Indices, rng: np.random.Generator) -> int:
        from smac.acquisition.function.expected_improvement import EI

        if rng.random() < DRAWN:
            return int(rng.choice(free))
        losses = log_scaled(-known.values[:, 0])
        forest = self._forest(int(rng.integers(2**31)))
        forest.train(self._columns[known.points], losses[:, None])
        improvement = EI(log=True)
        improvement.update(model=forest, eta=float(losses.min()))
        scores = improvement._compute(self._columns[free])[:, 0]
        # Trees give many candidates the same score.
        return int(rng.choice(free[scores == scores.max()]))

    @cached_property
    def _space(self) -> Any:
        from ConfigSpace import Categorical, ConfigurationSpace, Float

        counts = sizes(self.choices)
        return ConfigurationSpace(
            {
                name: Float(name, (0.0, 1.0))
                if self.ordered[axis]
                else Categorical(name, list(range(counts[axis])))
                for name, axis in ((f"x{axis:03}", axis) for axis in self._kept.tolist())
            }
        )

    def _forest(self, seed: int) -> Any:
        """Return the model as the facade sets it up."""
        options = {"n_trees": 10, "ratio_features": 1.0, "max_depth": 2**20, "log_y": True}
        leaves = {"min_samples_split": 2, "min_samples_leaf": 1}
        if self.is_pyrfr:
            from smac.model.random_forest.pyrfr.random_forest_pyrfr import PyrfrRandomForest

            trees = {"n_points_per_tree": -1, "bootstrapping": True, "pca_components": None}
            return PyrfrRandomForest(self._space, **options, **leaves, **trees, seed=seed)
        from smac.model.random_forest import RandomForest

        return RandomForest(self._space, **options, **leaves, n_jobs=1, seed=seed)


class PyrfrSampler(SmacSampler):
    """The same with the trees of pyrfr, which split categories into any two groups.

    Those that SMAC comes with take categories for numbers.
    """

    is_pyrfr = True


def log_scaled(losses: Floats) -> Floats:
    """Return losses on SMAC's scale: the logarithm of their share of a widened range."""
    least = losses.min()
    start = 2 * least - np.percentile(losses, 5) - 1e-10
    return np.asarray(np.log((losses - start) / max(losses.max() - start, 1e-10)))
