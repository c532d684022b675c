"""What a sampler knows of the candidates of a pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dse.search.samplers.pool_rows import Floats, Indices, PoolRows
from dse.search.spread import Spread, variances_of_means


@dataclass(frozen=True)
class KnownObjective:
    """An objective that is a cost, and known of every candidate."""

    candidates: PoolRows
    cost: int
    sign: float
    """Of the cost; more is better of what comes."""

    def __getitem__(self, points: Indices) -> Floats:
        """Return the objective of some candidates."""
        return np.asarray(self.sign * self.candidates.costs[points, self.cost])


@dataclass(frozen=True)
class Observations:
    """What is known of some candidates, in the order of the results; more is always better."""

    points: NDArray[np.int64]
    values: NDArray[np.float64]
    """Of shape (points, objectives)."""
    violations: NDArray[np.float64]
    """Of shape (points, constraints): at most 0 where a constraint is met; NaN where unknown."""
    pending: NDArray[np.int64]
    """Candidates that are being evaluated."""
    excluded: NDArray[np.int64]
    """Further candidates that must not be suggested, such as those that failed."""
    spreads: tuple[Spread | None, ...] = ()
    """How the replicates of each point differ, where there are several of any."""
    exact: Mapping[int, KnownObjective] = field(default_factory=dict)
    """Objectives that are known of all candidates, by their numbers."""

    @property
    def noise(self) -> NDArray[np.float64] | None:
        """Variances of the values, of their shape, where replicates tell them."""
        found = variances_of_means(self.spreads)
        return None if found is None else np.array(found, dtype=np.float64)

    def first(self, number: int) -> Observations:
        """Return what was known after so many points."""
        return self if number == len(self.points) else self._at(np.arange(number))

    def only(self, which: NDArray[np.bool_]) -> Observations:
        """Return what is known without some of the points; nothing of their noise."""
        return replace(self._at(np.flatnonzero(which)), spreads=())

    def _at(self, places: NDArray[np.int64]) -> Observations:
        return replace(
            self,
            points=self.points[places],
            values=self.values[places],
            violations=self.violations[places],
            spreads=tuple(self.spreads[at] for at in places) if self.spreads else (),
        )

    def is_taken(self, candidates: int) -> NDArray[np.bool_]:
        """Return which of so many candidates must not be suggested."""
        taken = np.zeros(candidates, dtype=bool)
        for some in (self.points, self.pending, self.excluded):
            taken[some] = True
        return taken
