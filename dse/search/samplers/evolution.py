"""Regularized evolution, as an Optuna sampler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dse.search.samplers.candidate_sampler import CandidateSampler
from dse.search.samplers.observations import Observations


class EvolutionSampler(CandidateSampler):
    """Regularized evolution (arXiv:1802.01548) over a finite pool, no candidate twice.

    The youngest `population` trials take part in tournaments of `sample`; one parameter of the
    winner changes. Where no such mutant is left in the pool, the mutants that are nearest to the
    winner are drawn from. It optimises the first objective.

    Args:
        candidates: the parameters of each, all of the same names.
        costs: taken as by other samplers of pools, and not looked at.
        ordered: likewise.
        seed: for reproducible suggestions; None for a seed of the system's.
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
        population: int = 20,
        sample: int = 5,
    ) -> None:
        if not 0 < sample <= population:
            raise ValueError(f"sample: {sample} is not between 1 and population, {population}")
        self._population, self._sample = population, sample
        super().__init__(candidates, costs, ordered=ordered, seed=seed)

    def start(self, seed: int) -> None:
        """Set up the draws."""
        self._seed = seed

    def suggest(self, known: Observations) -> int | None:
        """Return the index of a mutant of the winner of a tournament."""
        free = np.flatnonzero(~known.is_taken(len(self.candidates)))
        if not len(free):
            return None
        taken = len(self.candidates) - len(free)
        rng = np.random.default_rng((self._seed, taken, len(known.points)))
        alive = np.arange(len(known.points))[-self._population :]
        if len(alive) < min(self._population, len(self.candidates)):
            return int(rng.choice(free))
        competing = rng.choice(alive, self._sample, replace=False)
        parent = known.points[competing[np.argmax(known.values[competing, 0])]]
        changed = (self.choices[free] != self.choices[parent]).sum(axis=1)
        return int(rng.choice(free[changed == changed.min()]))
