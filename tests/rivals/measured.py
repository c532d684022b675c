"""Measured candidates whose values are seen, and perhaps scored by others that are not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dse.search.comparison import Contestant, Curve, run_curve
from dse.search.proposals import Proposer, SeenTrial
from dse.search.table_bounds import Bounds
from dse.search.tabulated import MeasuredTable
from dse.search.verdict import TrialVerdict

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ScoredTable:
    """A table of measured candidates, and what counts of them."""

    seen: MeasuredTable
    """What a sampler is told."""
    scored: Floats | None = None
    """What regret is taken in, where that is not what is seen: of shape (candidates,)."""

    def within(self, bounds: Bounds) -> ScoredTable:
        """Return the rows that bounds admit."""
        if self.scored is None:
            return ScoredTable(self.seen.within(bounds))
        scored = MeasuredTable(self.seen.pool, self.scored).within(bounds).values
        return ScoredTable(self.seen.within(bounds), scored)

    @property
    def scores(self) -> Floats:
        """What regret is taken in."""
        return self.seen.values if self.scored is None else self.scored


def regrets_of(seen: Floats, scores: Floats, order: NDArray[np.int64]) -> Floats:
    """Return the regret after each of some evaluations: of the candidate that looks best so far."""
    values = seen[order]
    leading = np.maximum.accumulate(values)
    # Of equals the first stays in the lead, as it does in a search.
    is_ahead = np.concatenate([[True], values[1:] > leading[:-1]])
    leader = np.maximum.accumulate(np.where(is_ahead, np.arange(len(order)), 0))
    return np.asarray(scores.max() - scores[order[leader]])


def run(
    table: ScoredTable, bounds: Bounds, contestant: Contestant, seed: int, evaluations: int
) -> Curve | None:
    """Return the curve of one sampler with one seed.

    None for one that proposes from the whole grid, where others are scored than it sees.
    """
    if table.scored is None:
        return run_curve(table.seen, bounds, contestant, seed, evaluations)
    if contestant.is_plain:
        return None
    within = table.within(bounds)
    pool, values = within.seen.pool, within.seen.values
    proposer = Proposer(pool, contestant.make(), ["maximize"], seed, key_of=lambda choices: -1)
    trials: list[SeenTrial] = []
    for place in range(min(evaluations, len(pool))):
        proposed = proposer.propose(trials)
        verdict = TrialVerdict([float(values[proposed.index])])
        trials.append(SeenTrial(proposed.index, verdict, place, proposed.notes))
    order = np.array([trial.index for trial in trials], dtype=np.int64)
    return Curve(contestant.name, str(bounds), seed, regrets_of(values, within.scores, order))
