"""What samplers of pools by other libraries have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dse.search.samplers import CandidateSampler, Observations
from tests.rivals.encodings import Indices


class DrawnFirstSampler(CandidateSampler):
    """Draws the first candidates at random, and asks a model for the others.

    Args:
        candidates: the parameters of each, all of the same names.
        costs: taken as by other samplers of pools, and not looked at.
        ordered: which parameters stand in an order.
        seed: for reproducible suggestions.
        initial: candidates that are drawn before the model is asked.
    """

    def __init__(
        self,
        candidates: Sequence[Mapping[str, Any]],
        costs: ArrayLike | None = None,
        *,
        ordered: Mapping[str, bool] | None = None,
        seed: int | None = None,
        initial: int = 10,
    ) -> None:
        self._initial = initial
        super().__init__(candidates, costs, ordered=ordered, seed=seed)

    def start(self, seed: int) -> None:
        self._seed = seed

    def suggest(self, known: Observations) -> int | None:
        free = np.flatnonzero(~known.is_taken(len(self.candidates)))
        if not len(free):
            return None
        rng = np.random.default_rng((self._seed, len(known.points), len(known.pending)))
        if len(known.points) < max(self._initial, 2):
            return int(rng.choice(free))
        return self.chosen(known, free, rng)

    @abstractmethod
    def chosen(self, known: Observations, free: Indices, rng: np.random.Generator) -> int:
        """Return one of the free candidates."""
