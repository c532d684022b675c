"""Regularized evolution, as an Optuna sampler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dse.search.samplers.candidate_sampler import Beyond, CandidateSampler
from dse.search.samplers.observations import Observations
from dse.search.samplers.pool_rows import Indices


class EvolutionSampler(CandidateSampler):
    """Regularized evolution (arXiv:1802.01548) over a finite pool, no candidate twice.

    The youngest `population` trials take part in tournaments of `sample`; one parameter of the
    winner changes. Where no such mutant is left in the pool, the mutants that are nearest to the
    winner are drawn from; of a pool that is not listed whole, any that differ in two. It optimises
    the first objective.

    Args:
        candidates: the parameters of each, all of the same names.
        costs: taken as by other samplers of pools, and not looked at.
        ordered: likewise.
        seed: for reproducible suggestions; None for a seed of the system's.
        beyond: tells of candidates that are not listed.
        population: trials that are alive.
        sample: trials that compete to be the parent.
    """

    def __init__(
        self,
        candidates: Sequence[Mapping[str, Any]],
        costs: ArrayLike | None = None,
        *,
        ordered: Mapping[str, bool] | None = None,
        seed: int | None = None,
        beyond: Beyond | None = None,
        population: int = 20,
        sample: int = 5,
    ) -> None:
        if not 0 < sample <= population:
            raise ValueError(f"sample: {sample} is not between 1 and population, {population}")
        self._population, self._sample = population, sample
        super().__init__(candidates, costs, ordered=ordered, seed=seed, beyond=beyond)

    def start(self, seed: int) -> None:
        """Set up the draws."""
        self._seed = seed

    def suggest(self, known: Observations) -> int | Indices | None:
        """Return a mutant of the winner of a tournament."""
        is_taken = known.is_taken(len(self.rows))
        free = np.flatnonzero(~is_taken[: len(self.candidates)])
        if not len(free) and not self.graph.is_open:
            return None
        taken = int(is_taken.sum())
        rng = np.random.default_rng((self._seed, taken, len(known.points)))
        alive = np.arange(len(known.points))[-self._population :]
        if len(alive) < min(self._population, len(self.candidates)) and len(free):
            return int(rng.choice(free))
        competing = rng.choice(alive, self._sample, replace=False)
        parent = known.points[competing[np.argmax(known.values[competing, 0])]]
        if self.graph.is_open:
            mutant = self._reached(parent, is_taken, rng)
            if mutant is not None or not len(free):
                return mutant
        changed = (self.choices[free] != self.rows.choices[parent]).sum(axis=1)
        return int(rng.choice(free[changed == changed.min()]))

    def _reached(
        self, parent: int, is_taken: NDArray[np.bool_], rng: np.random.Generator
    ) -> int | Indices | None:
        """Return a mutant that may be listed or not, of one change if there is one."""
        with self.graph.looking_around():
            found = self.graph.neighbours(parent, rng)
            left = found[~np.append(is_taken, False)[np.minimum(found, len(is_taken))]]
            if not len(left):
                return None
            changed = (self.rows.choices[left] != self.rows.choices[parent]).sum(axis=1)
            mutant = int(rng.choice(left[changed == changed.min()]))
            is_listed = mutant < len(self.candidates)
            return mutant if is_listed else self.rows.choices[mutant].astype(np.int64)
