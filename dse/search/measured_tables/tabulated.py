"""A table of measured candidates, to compare samplers on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dse.search.measured_tables.table_bounds import Bounds
from dse.search.pools import Pool

if TYPE_CHECKING:
    from dse.search.objective import Direction

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MeasuredTable:
    """Every row of a table as a candidate, with its values."""

    pool: Pool
    """Its keys are the numbers of the candidates in the whole table."""
    values: Floats
    """What a search measures, as it stands in the table, of shape (candidates, goals)."""
    directions: tuple[Direction, ...] = ("maximize",)
    """Of each goal."""
    scores: Floats | None = None
    """Of shape (candidates,), more of which is better: what a candidate is judged by in the end,
    where that is another column than the one value of the search."""
    known: Mapping[int, str] = field(default_factory=dict)
    """Goals that are costs, by their numbers."""
    name: str = ""

    @property
    def gains(self) -> Floats:
        """The values with such signs that more is better, of shape (candidates, goals)."""
        return self.values * np.where(np.array(self.directions) == "maximize", 1.0, -1.0)

    def __len__(self) -> int:
        return len(self.pool)

    def within(self, bounds: Bounds) -> MeasuredTable:
        """Return the rows that bounds admit."""
        if not bounds:
            return self
        kept = np.flatnonzero(bounds.admits(self.pool.costs))
        costs = {name: column[kept] for name, column in self.pool.costs.items()}
        choices, keys = self.pool.choices[kept], self.pool.keys[kept]
        pool = replace(self.pool, choices=choices, costs=costs, keys=keys)
        scores = None if self.scores is None else self.scores[kept]
        return replace(self, pool=pool, values=self.values[kept], scores=scores)
