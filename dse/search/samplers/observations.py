"""What a sampler knows of the candidates of a pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Observations:
    """What is known of some candidates, in the order of their trials; more is always better."""

    points: NDArray[np.int64]
    values: NDArray[np.float64]
    """Of shape (points, objectives)."""
    violations: NDArray[np.float64]
    """Of shape (points, constraints): at most 0 where a constraint is met; NaN where unknown."""
    pending: NDArray[np.int64]
    """Candidates that are being evaluated."""
    excluded: NDArray[np.int64]
    """Further candidates that must not be suggested, such as those that failed."""
    noise: NDArray[np.float64] | None = None
    """Variances of the values, of their shape, where replicates tell them."""

    def is_taken(self, candidates: int) -> NDArray[np.bool_]:
        """Return which of so many candidates must not be suggested."""
        taken = np.zeros(candidates, dtype=bool)
        for some in (self.points, self.pending, self.excluded):
            taken[some] = True
        return taken
