"""Costs every candidate of a design space and stores it; what is stored already is not repeated."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from dse.costs import Costs, declared_costs
from dse.search.pools import candidate_row, scope_of
from dse.search.sweeps.kept import FrontGoal, Keep
from dse.search.sweeps.sweep_writer import CHUNK, Progress
from dse.search.sweeps.table_sweep import sweep_tables
from dse.space import (
    Budget,
    CallableSpace,
    CostedPoint,
    DesignSpace,
    Invalid,
    context_of,
    remember,
    require_feasible,
    traced,
)
from dse.store import (
    CandidateRow,
    insert_candidates,
    known_blocks,
    known_keys,
    store_blocks,
    stored_candidates,
    trusted,
)


@dataclass(slots=True)
class SweepSummary:
    """What a sweep found and did."""

    candidates: int = 0
    """Distinct networks among the points that are kept."""
    repeats: int = 0
    """Points that are kept and whose network another point has too."""
    present: int = 0
    """Networks that the store had before."""
    completed: int = 0
    """Of these, the ones that got values of costs that were declared since."""
    stored: int = 0
    invalid: int = 0
    feasible: int = 0
    blocks: int = 0
    """Distinct blocks that were traced."""
    networks: int = 0
    """Networks of a callable that were traced whole."""
    left_out: int = 0
    """Where the front is kept: of its networks, those for which the limit had no room."""
    continued_at: int = 0
    """Points of the grid that an earlier run of the same sweep had done."""


def sweep(
    space: DesignSpace,
    budget: Budget,
    engine: Engine,
    run_id: int,
    keep: Keep = "all",
    goals: Sequence[FrontGoal] = (),
    limit: int | None = None,
    advance: Callable[[int], None] = lambda points: None,
) -> SweepSummary:
    """Cost and store the candidates of a space.

    Args:
        space: the candidates.
        budget: which of them are feasible; counted, and the only ones stored with `keep`.
        engine: of the store.
        run_id: the run that the new rows belong to.
        keep: `all`, `feasible` to store only what the budget admits, or `pareto` for what nothing
            else dominates of that.
        goals: for `pareto`: costs to be small or large.
        limit: candidates to keep at most.
        advance: called with the number of points done since its last call.

    Raises:
        DseError: before anything is stored, where the grid is empty or nothing meets the budget.
    """
    if isinstance(space, CallableSpace):
        return _sweep_callables(space, budget, engine, run_id, keep, advance)
    require_feasible(space, budget)
    keep_blocks(space, engine)
    progress = sweep_tables(space, budget, engine, run_id, keep, goals, limit, advance)
    return _summary(progress, space, progress.left_out if keep == "pareto" else 0)


def _summary(progress: Progress, space: DesignSpace, left_out: int) -> SweepSummary:
    tallies = progress.tallies
    completed = completed_of(space, tallies.candidates, progress.present, progress.stored)
    return SweepSummary(
        candidates=tallies.candidates,
        repeats=tallies.repeats,
        present=progress.present + completed,
        completed=completed,
        stored=progress.stored,
        invalid=tallies.invalid,
        feasible=tallies.feasible,
        blocks=len(space.blocks.traced_blocks()),
        left_out=left_out,
        continued_at=progress.started_at,
    )


def completed_of(space: DesignSpace, candidates: int, present: int, stored: int) -> int:
    """Return how many candidates were there before without values of all declared costs.

    Args:
        space: that was swept.
        candidates: that were swept.
        present: of them, those that were there with all values.
        stored: of them, those that are new.
    """
    return candidates - present - stored if declared_costs() or space.blocks.given else 0


def recall_blocks(space: DesignSpace, engine: Engine) -> None:
    """Take the costs of blocks that the store has as known."""
    with trusted(engine):
        remember(space.blocks, known_blocks(engine, _context(space)))


def keep_blocks(space: DesignSpace, engine: Engine) -> None:
    """Store the costs of the blocks that were traced, so that the next run traces none of them."""
    store_blocks(engine, _context(space), traced(space.all_blocks()))


def _context(space: DesignSpace) -> str:
    """Return what traces of blocks depend on, which the figures of a device are no part of."""
    return context_of(space.conditions, space.tracing_code)


def _sweep_callables(
    space: CallableSpace,
    budget: Budget,
    engine: Engine,
    run_id: int,
    keep: Keep,
    advance: Callable[[int], None],
) -> SweepSummary:
    recall(space, engine)
    recalled = len(space.networks)
    require_feasible(space, budget)
    summary = SweepSummary()
    known = known_keys(engine, scope_of(space))
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
            _store(space, summary, engine, run_id, rows)
            rows = []
            advance(unreported)
            unreported, reported = 0, time.monotonic()
    _store(space, summary, engine, run_id, rows)
    advance(unreported)
    keep_blocks(space, engine)
    summary.networks = len(space.networks) - recalled
    return summary


def _store(
    space: CallableSpace,
    summary: SweepSummary,
    engine: Engine,
    run_id: int,
    rows: Sequence[CandidateRow],
) -> None:
    stored = insert_candidates(engine, run_id, rows, space.blocks.number_tables)
    completed = completed_of(space, len(rows), 0, stored)
    summary.stored += stored
    summary.completed += completed
    summary.present += completed


def recall(space: CallableSpace, engine: Engine) -> None:
    """Take the costs that the store has of a callable family's candidates as known."""
    known = known_keys(engine, scope_of(space))
    for row in stored_candidates(engine, scope_of(space)):
        if row.costs is None:
            space.networks.remember(row.key, Invalid(str(row.invalid)))
        elif row.key in known:
            values = dict(row.costs.declared)
            names = (*declared_costs(), *(name for name in values if name in space.blocks.given))
            declared = tuple((name, values[name]) for name in names)
            space.networks.remember(row.key, replace(row.costs, declared=declared))


def _is_feasible(point: CostedPoint, budget: Budget) -> bool:
    return isinstance(point.costs, Costs) and budget.admits(point.costs)


def _tally(summary: SweepSummary, point: CostedPoint, budget: Budget) -> None:
    summary.candidates += 1
    summary.invalid += isinstance(point.costs, Invalid)
    summary.feasible += _is_feasible(point, budget)
