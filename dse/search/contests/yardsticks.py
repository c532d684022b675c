"""How far what a search has found is from the best of a table: its regret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dse.dominance import distinct_front
from dse.errors import DseError
from dse.search.hypervolume import hypervolume
from dse.search.measured_tables import MeasuredTable

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BestRow:
    """Regret of one value: the best score of a table less that of the best value so far."""

    values: Floats
    """By which the best so far is chosen, of shape (candidates,); of equal ones the first."""
    scores: Floats
    """By which it is judged, likewise; more is better of both."""

    def regrets(self, found: Sequence[int]) -> Floats:
        """Return the regret after each candidate, of shape (found,).

        Args:
            found: positions in the table, in the order in which they were found.
        """
        order = np.array(found, dtype=np.int64)
        values = self.values[order]
        before = np.concatenate([[-np.inf], np.maximum.accumulate(values)[:-1]])
        places = np.where(values > before[: len(values)], np.arange(len(order)), 0)
        best = order[np.maximum.accumulate(places)]
        regrets: Floats = self.scores.max() - self.scores[best]
        return regrets


@dataclass(frozen=True)
class FrontShare:
    """Regret of several values: the share of the ideal hypervolume that is not covered yet.

    The ideal is that of the front of the whole table, between it and the worst of each value.
    """

    losses: Floats
    """The values, of which less is better, of shape (candidates, goals)."""
    worst: Floats
    """Of shape (goals,)."""
    ideal: float

    def regrets(self, found: Sequence[int]) -> Floats:
        """Return the regret after each candidate, as `BestRow` does."""
        regrets = []
        front = np.zeros((0, self.losses.shape[1]))
        covered = 0.0
        for place in found:
            point = self.losses[place]
            if not (front <= point).all(axis=1).any():
                front = np.vstack([front[~(point <= front).all(axis=1)], point])
                covered = hypervolume(front, self.worst)
            regrets.append(max(1.0 - covered / self.ideal, 0.0))
        return np.array(regrets)


Yardstick = BestRow | FrontShare


def yardstick_of(table: MeasuredTable) -> Yardstick:
    """Return how far candidates of a table are from its best: its own, within some bounds.

    Raises:
        DseError: for several values whose front covers nothing, as where all rows are equal in one.
    """
    gains = table.gains
    if gains.shape[1] == 1:
        values = gains[:, 0]
        return BestRow(values, values if table.scores is None else table.scores)
    losses = -gains
    worst = losses.max(axis=0)
    ideal = hypervolume(losses[distinct_front(list(losses.T))], worst)
    if not ideal > 0:
        raise DseError("the front covers no hypervolume: each of its rows is the worst in a value")
    return FrontShare(losses, worst, ideal)
