"""Costs every candidate of a design space and stores it; what is stored already is not repeated."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Engine

from dse.costs import Costs
from dse.space import Budget, CostedPoint, DesignSpace, Invalid
from dse.store import CandidateRow, insert_candidates, known_keys, stored_candidates

CHUNK = 50_000
"""Candidates a transaction: what a killed sweep loses at most."""

Keep = Literal["all", "feasible"]


@dataclass(slots=True)
class SweepSummary:
    """What a sweep found and did."""

    candidates: int = 0
    """Distinct networks of the grid."""
    repeats: int = 0
    """Points of the grid whose network another point has too."""
    present: int = 0
    """Networks that the store had before."""
    stored: int = 0
    invalid: int = 0
    feasible: int = 0
    blocks: int = 0
    """Distinct blocks that were traced."""
    networks: int = 0
    """Networks of a callable that were traced whole."""


def sweep(
    space: DesignSpace,
    budget: Budget,
    engine: Engine,
    run_id: int,
    keep: Keep = "all",
    advance: Callable[[int], None] = lambda points: None,
) -> SweepSummary:
    """Cost and store the candidates of a space.

    Args:
        space: the candidates.
        budget: which of them are feasible; counted, and the only ones stored with `keep`.
        engine: of the store.
        run_id: the run that the new rows belong to.
        keep: `all`, or `feasible` to store only what the budget admits.
        advance: called with the number of points done since its last call.

    Raises:
        DseError: before anything is stored, where the grid is empty or nothing meets the budget.
    """
    if space.grid.family.is_callable:
        recall(space, engine)
    recalled = space.blocks.callables
    space.require_feasible(budget)
    summary = SweepSummary()
    known = known_keys(engine, space.grid.family.name, space.conditions)
    seen: set[int] = set()
    rows: list[CandidateRow] = []
    unreported, reported = 0, time.monotonic()
    for point in space.points():
        unreported += 1
        if point.key in seen:
            summary.repeats += 1
        else:
            seen.add(point.key)
            _tally(summary, point, budget)
            if point.key in known:
                summary.present += 1
            elif keep == "all" or _is_feasible(point, budget):
                rows.append(candidate_row(space, point))
        if len(rows) >= CHUNK or time.monotonic() - reported > 0.5:
            summary.stored += insert_candidates(engine, run_id, rows)
            rows = []
            advance(unreported)
            unreported, reported = 0, time.monotonic()
    summary.stored += insert_candidates(engine, run_id, rows)
    advance(unreported)
    summary.blocks = len(space.blocks)
    summary.networks = space.blocks.callables - recalled
    return summary


def recall(space: DesignSpace, engine: Engine) -> None:
    """Take the costs that the store has of a callable family's candidates as known."""
    for row in stored_candidates(engine, space.grid.family.name, space.conditions):
        costs = row.costs if row.costs is not None else Invalid(str(row.invalid))
        space.blocks.remember(row.key, costs)


def candidate_row(space: DesignSpace, point: CostedPoint) -> CandidateRow:
    """Return the row that the store keeps of a costed point."""
    invalid = point.costs.reason if isinstance(point.costs, Invalid) else None
    # A resolved candidate has only the settings that make a difference to it.
    settings = point.settings if point.candidate is None else point.candidate.settings
    return CandidateRow(
        key=point.key,
        family=space.grid.family.name,
        conditions=space.conditions,
        settings=dict(settings),
        costs=point.costs if isinstance(point.costs, Costs) else None,
        invalid=invalid,
    )


def _is_feasible(point: CostedPoint, budget: Budget) -> bool:
    return isinstance(point.costs, Costs) and budget.admits(point.costs)


def _tally(summary: SweepSummary, point: CostedPoint, budget: Budget) -> None:
    summary.candidates += 1
    summary.invalid += isinstance(point.costs, Invalid)
    summary.feasible += _is_feasible(point, budget)
