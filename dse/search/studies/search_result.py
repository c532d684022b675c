"""What came of a search: each evaluation, and the best of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dse.costs import Costs
from dse.search.evaluations import TrialVerdict
from dse.search.exact_answers import Solved
from dse.search.objective import Objective
from dse.search.pools import Pool
from dse.search.proposing import Hint
from dse.search.spread import Spread
from dse.space import CostedPoint, Family


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A candidate with what came of its evaluation."""

    point: CostedPoint
    candidate_id: int
    values: list[float] | None
    """Of each goal; None where the evaluation failed."""
    numbers: Mapping[str, float]
    """Everything that was measured."""
    violations: Mapping[str, float]
    """By how much each limit on a measurement is broken; at most 0 where it is met."""
    error: str | None
    """Why it failed, or one of its replicates did."""
    was_stored: bool
    is_pruned: bool = False
    spread: Spread | None = None
    """How its replicates differ, where there are several."""

    @property
    def verdict(self) -> TrialVerdict:
        """What came of it."""
        told = (self.values, self.numbers, self.violations, self.error, self.is_pruned, self.spread)
        return TrialVerdict(*told)

    @property
    def is_admitted(self) -> bool:
        """Whether it has values and meets the limits."""
        return self.values is not None and all(v <= 0 for v in self.violations.values())

    @staticmethod
    def of(point: CostedPoint, id: int, verdict: TrialVerdict, was_stored: bool) -> Evaluated:
        """Return a candidate with a verdict on it."""
        return Evaluated(
            point,
            id,
            verdict.values,
            verdict.numbers,
            verdict.violations,
            verdict.error,
            was_stored,
            verdict.is_pruned,
            verdict.spread,
        )


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The evaluations of a search in order, and the best of them."""

    evaluations: list[Evaluated]
    objective: Objective
    family: Family
    pool: Pool
    """The distinct candidates that the budget admits."""
    warm: list[Evaluated] = field(default_factory=list)
    """What was known before the search began."""
    solved: Solved | None = None
    """The best candidates or the front of the space, where it was worked out from costs."""
    study: int = 0
    """The id of the study."""
    of_other_code: int = 0
    """Networks that other code of the objective has measured, which are not known here."""
    hints: Sequence[Hint] = ()
    """What of the store the sampler was told of the candidates."""

    def finished(self) -> list[Evaluated]:
        """Return what has values and meets all limits, the earlier ones included."""
        return [e for e in (*self.warm, *self.evaluations) if e.is_admitted]

    def best(self, number: int) -> list[Evaluated]:
        """Return the best candidates by the first goal, the cheaper ones first where equal."""

        def rank(evaluated: Evaluated) -> tuple[float, int]:
            costs = evaluated.point.costs
            assert isinstance(costs, Costs)
            return -self.objective.signed(evaluated.values or [])[0], costs.macs

        return sorted(self.finished(), key=rank)[:number]
