"""A surrogate that averages over readings of the candidates, each weighed by how it predicts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import logsumexp

from dse.search.samplers.forest_model import ForestModel, GrownForest
from dse.search.samplers.gaussian_kernels import Kernel
from dse.search.samplers.gaussian_process import condition, drawn
from dse.search.samplers.pool_model import PoolModel, ProcessModel
from dse.search.samplers.pool_rows import Floats, Indices
from dse.search.samplers.readings import TreeColumns

FITTED = 110
"""Observations that hyperparameters are learned from at most: the best half, and others."""

GROWTH = 1.25
"""Hyperparameters are learned anew once there are so many times the observations."""

FRESH = 5
"""Of many observations, every so manyeth learning starts from the prior: whoever joins late has
few to repeat."""

USED = 400
"""Observations that predictions are made from at most when hyperparameters were learned, and those
since: the best half, and others. A process takes time with the cube of their number."""

DRAWS = 4
"""Of the hyperparameters of each reading."""

FEWER_DRAWS = 2
"""Where there are more observations than hyperparameters are learned from."""

STEPS = 6
"""Of the chain from one draw to the next."""

WARMING = 20
"""Steps of a chain that starts from the prior."""

GROWS = 16
"""Of more observations than hyperparameters are learned from, the splits of trees are learned anew
with so many parts of them more."""

LEAST_WEIGHT = 0.03
"""Readings of less weight are left out."""

RESAMPLED = 64
"""Times that the observations are weighed anew, to weigh the readings."""


@dataclass(frozen=True)
class Evidence:
    """What a surrogate learns from."""

    points: Indices
    """The observed candidates, in the order of the observations."""
    values: Floats
    """What was observed, on a scale of mean 0 and variance 1."""
    noise: Floats | None = None
    """Variances of the values that are known, on that scale."""

    def at(self, places: Indices) -> Evidence:
        """Return some of it."""
        noise = None if self.noise is None else self.noise[places]
        return Evidence(self.points[places], self.values[places], noise)

    def is_same(self, other: Evidence) -> bool:
        """Return whether both hold the same."""
        return np.array_equal(self.points, other.points) and np.array_equal(
            self.values, other.values
        )


First = Callable[[int], Evidence]
"""What is known after so many observations, the first of them."""


@dataclass(frozen=True)
class Averaged:
    """Models to average over."""

    models: list[PoolModel]
    weights: Floats
    """Of each model; they sum to 1."""
    used: Indices
    """The observations that the models are given, by their places."""


@dataclass
class Surrogate:
    """Models of one quantity, which follow from the observations and their order alone.

    Whoever sees the same observations has the same models, whether it saw them one by one or all at
    once: what is kept from one call to the next is what would be worked out again.

    Args:
        kernels: the readings.
        trees: what trees read.
        seed: of the draws.
        initial: observations from which hyperparameters are learned first.
    """

    kernels: Sequence[Kernel]
    trees: TreeColumns
    seed: int
    initial: int = 2
    _learned: tuple[Evidence, list[list[Floats]]] | None = None
    _held: dict[tuple[int, int], ProcessModel] = field(default_factory=dict)
    _grown: GrownForest | None = None

    def models(self, observed: int, first: First, looked_at: Indices) -> Averaged:
        """Return models by each reading that matters.

        The weights are those of pseudo-Bayesian model averaging with a Bayesian bootstrap: the
        exponential of the summed log densities of the observations, each left out, where the
        observations are weighed at random (10.1214/17-BA1091, section 3.4). Few observations tell
        little of which reading is right, and the weights say so.

        Args:
            observed: how many observations there are.
            first: gives what is known after the first of them.
            looked_at: the candidates that are predicted.
        """
        everything = first(observed)
        learned, thetas = self._hyperparameters(observed, first)
        chosen, size = self._best_and_others(learned.values, USED), len(learned.points)
        used = np.concatenate([np.sort(chosen), np.arange(size, observed)])
        known, base = everything.at(used), learned.at(np.sort(chosen))
        found: list[list[PoolModel]] = []
        found += [
            [self._given((i, j), theta, base, known, looked_at) for j, theta in enumerate(draws)]
            for i, draws in enumerate(thetas)
        ]
        late = (observed - size) % (max(len(chosen) // GROWS, 1) if size > FITTED else 1)
        grown = first(observed - late).at(used[: len(used) - late])
        found.append([self._forest(grown, known, looked_at)])
        densities = np.array([_log_densities(models, known.values) for models in found])
        weights = self._weights(densities)
        kept = np.flatnonzero(weights >= LEAST_WEIGHT)
        flat = [(model, weights[i] / len(found[i])) for i in kept for model in found[i]]
        shares = np.array([share for _, share in flat])
        return Averaged([model for model, _ in flat], shares / shares.sum(), used)

    def _weights(self, densities: Floats) -> Floats:
        """Return the weight of each reading, from densities of shape (readings, observations)."""
        number = densities.shape[1]
        rng = np.random.default_rng((self.seed, number))
        weighed = rng.dirichlet(np.ones(number), RESAMPLED) * number @ densities.T
        return np.asarray(np.exp(weighed - logsumexp(weighed, axis=1)[:, None]).mean(axis=0))

    def _hyperparameters(self, observed: int, first: First) -> tuple[Evidence, list[list[Floats]]]:
        """Return what hyperparameters were learned from last, and those of each reading."""
        sizes = learning_sizes(observed, self.initial)
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

    def _given(
        self,
        place: tuple[int, int],
        theta: Floats,
        base: Evidence,
        known: Evidence,
        looked_at: Indices,
    ) -> ProcessModel:
        """Return a model that grows by one observation after the other."""
        kernel = self.kernels[place[0]]
        # What is known of the noise changes with each observation.
        if known.noise is not None:
            return ProcessModel(condition(kernel, theta, known.points, known.noise), looked_at)
        held = self._held.get(place)
        if held is None or not held.goes_on(known.points, looked_at):
            held = ProcessModel(condition(kernel, theta, base.points), looked_at)
        for point in known.points[len(held.posterior.points) :]:
            held.grow(point)
        self._held[place] = held
        return held

    def _forest(self, grown: Evidence, known: Evidence, looked_at: Indices) -> ForestModel:
        """Return a forest whose splits were learned from the first observations."""
        given = grown.points, grown.values
        if self._grown is None or not self._grown.goes_on(*given, looked_at):
            self._grown = GrownForest(self.trees, looked_at, *given, self.seed)
        return ForestModel(self._grown, known.points, known.values)

    def _fit(self, known: Evidence) -> tuple[Evidence, list[list[Floats]]]:
        points, values = known.points, known.values
        rng = np.random.default_rng((self.seed, len(points)))
        chosen = self._best_and_others(values, FITTED)
        number = DRAWS if len(points) <= FITTED else FEWER_DRAWS
        noise = None if known.noise is None else known.noise[chosen]
        draws = []
        for index, kernel in enumerate(self.kernels):
            start = None if self._learned is None else self._learned[1][index][-1]
            given = points[chosen], values[chosen]
            if start is None:
                (start,) = drawn(kernel, *given, None, 1, WARMING, rng, noise)
            draws.append(drawn(kernel, *given, start, number, STEPS, rng, noise))
        return known, draws

    def _best_and_others(self, values: Floats, most: int) -> Indices:
        """Return the places of all observations, or of the best half of so many and of others."""
        if len(values) <= most:
            return np.arange(len(values))
        order = np.argsort(-values)
        rng = np.random.default_rng((self.seed, len(values), most))
        rest = rng.permutation(order[most // 2 :])
        return np.concatenate([order[: most // 2], rest[: most - most // 2]])


def _log_densities(models: Sequence[PoolModel], values: Floats) -> Floats:
    """Return the log density of each observation given all others, over models together."""
    logs = [model.log_densities(values) for model in models]
    return np.asarray(logsumexp(logs, axis=0) - np.log(len(logs)))


def learning_sizes(observed: int, initial: int) -> list[int]:
    """Return after how many observations hyperparameters are learned, up to the last time."""
    if observed < initial:
        return [observed]
    sizes, learned = [initial], 1
    while (following := min(math.ceil(GROWTH * sizes[-1]), sizes[-1] + USED // 4)) <= observed:
        if following > FITTED and learned % FRESH == 0:
            sizes.clear()
        sizes.append(following)
        learned += 1
    return sizes
