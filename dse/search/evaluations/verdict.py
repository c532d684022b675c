"""What the runs of a candidate say of it: values of the goals, limits, and their noise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dse.search.spread import Spread, spread_of

if TYPE_CHECKING:
    from dse.search.objective import Objective
    from dse.search.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class TrialVerdict:
    """What came of evaluating a candidate: the means over its replicates that were done."""

    values: list[float] | None = None
    """Of each goal; None where the evaluation failed."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """Everything that was measured."""
    violations: Mapping[str, float] = field(default_factory=dict)
    """By how much each limit on a measurement is broken; at most 0 where it is met."""
    error: str | None = None
    """Why it failed, or one of its replicates did."""
    is_pruned: bool = False
    spread: Spread | None = None
    """How its replicates differ, where there are several."""

    @property
    def state(self) -> str:
        """`done`, `failed` or `pruned`."""
        if self.is_pruned:
            return "pruned"
        return "failed" if self.values is None else "done"


def verdict_of(objective: Objective, outcomes: Sequence[Outcome]) -> TrialVerdict:
    """Return what the replicates of a candidate say of it.

    Raises:
        DseError: for a limit on what nothing measures.
    """
    done = [outcome for outcome in outcomes if outcome.error is None]
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    error = errors[0] if errors else None
    if not done:
        is_pruned = any(outcome.is_pruned for outcome in outcomes)
        return TrialVerdict(error=error, is_pruned=is_pruned)
    numbers = means(done)
    spread = spread_of([objective.values(outcome.flat) for outcome in done])
    violations = objective.violations(numbers)
    return TrialVerdict(objective.values(numbers), numbers, violations, error, spread=spread)


def means(outcomes: Iterable[Outcome]) -> dict[str, float]:
    """Return the mean of each number over the outcomes that have it."""
    found: dict[str, list[float]] = {}
    for outcome in outcomes:
        if outcome.error is None:
            for name, value in outcome.flat.items():
                found.setdefault(name, []).append(value)
    return {name: sum(values) / len(values) for name, values in found.items()}
