"""SMAC's random forest and its expected improvement, over every free candidate of a pool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dse.search.samplers import CandidateSampler, Observations
from tests.rivals.encodings import Floats, scaled, sizes, varied


class SmacSampler(CandidateSampler):
    """The parts of SMAC3's `HyperparameterOptimizationFacade` (arXiv:2109.09831) on a pool.

    Its forest of ten trees learns the logarithm of the loss, scaled as the facade's encoder does;
    its expected improvement is worked out for each free candidate; and one proposal in five is
    drawn at random, as the facade does.

    Args:
        candidates: the parameters of each, all of the same names.
        costs: taken as by other samplers of pools, and not looked at.
        ordered: which parameters stand in an order.
        seed: for reproducible suggestions.
        initial: candidates that are drawn before the forest is asked.
        random: the share of proposals that are drawn thereafter.
        pyrfr: whether the trees are those of pyrfr, which split categories into any two groups;
            those that SMAC comes with take categories for numbers.
    """

    def __init__(
        self,
        candidates: Sequence[Mapping[str, Any]],
        costs: ArrayLike | None = None,
        *,
        ordered: Mapping[str, bool] | None = None,
        seed: int | None = None,
        initial: int = 10,
        random: float = 0.2,
        pyrfr: bool = False,
    ) -> None:
        self._initial, self._random, self._pyrfr = initial, random, pyrfr
        super().__init__(candidates, costs, ordered=ordered, seed=seed)

    def start(self, seed: int) -> None:
        self._seed = seed
        self._kept = varied(self.choices)
        self._columns = scaled(self.choices, self.ordered)[:, self._kept]

    def suggest(self, known: Observations) -> int | None:
        from smac.acquisition.function.expected_improvement import EI

        free = np.flatnonzero(~known.is_taken(len(self.candidates)))
        if not len(free):
            return None
        rng = np.random.default_rng((self._seed, len(known.points), len(known.pending)))
        if len(known.points) < self._initial or rng.random() < self._random:
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
        if self._pyrfr:
            from smac.model.random_forest.pyrfr.random_forest_pyrfr import PyrfrRandomForest

            trees = {"n_points_per_tree": -1, "bootstrapping": True, "pca_components": None}
            return PyrfrRandomForest(self._space, **options, **leaves, **trees, seed=seed)
        from smac.model.random_forest import RandomForest

        return RandomForest(self._space, **options, **leaves, n_jobs=1, seed=seed)


def log_scaled(losses: Floats) -> Floats:
    """Return losses on SMAC's scale: the logarithm of their share of a widened range."""
    least = losses.min()
    start = 2 * least - np.percentile(losses, 5) - 1e-10
    return np.asarray(np.log((losses - start) / max(losses.max() - start, 1e-10)))
