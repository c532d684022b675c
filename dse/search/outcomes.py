"""What is asked of measuring a candidate once, and what came of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dse.search.objective import Measure
from dse.space import CostedPoint

Report = Callable[[int, float], bool]
"""Takes a step and the value so far; returns whether the evaluation should be given up."""


class Pruned(Exception):
    """Raised by an objective that gives a candidate up, as its `report` told it to."""


@dataclass(frozen=True)
class Job:
    """What a process needs to measure a candidate."""

    point: CostedPoint
    measures: tuple[Measure, ...]
    device: str
    seed: int
    allow: tuple[str, ...] = ()
    checkpoint: str | None = None
    """A file in which an objective may keep its state; None where none is asked for. Its directory
    is made for an objective that takes it."""


@dataclass
class Outcome:
    """What came of measuring a candidate once."""

    numbers: dict[str, dict[str, float]] = field(default_factory=dict)
    """The numbers of each measure, by its name."""
    failed: str | None = None
    """The measure that failed; those after it were not tried."""
    error: str | None = None
    is_pruned: bool = False
    is_final: bool = False
    """Whether an error would come again: the objective refused the candidate, or returned what is
    no number."""
    steps: dict[int, float] = field(default_factory=dict)
    """What was reported, by step; one that goes on from a checkpoint begins with a later one."""
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each measure took."""

    @property
    def flat(self) -> dict[str, float]:
        """All numbers by name."""
        return {name: value for found in self.numbers.values() for name, value in found.items()}

    @property
    def may_pass(self) -> bool:
        """Whether another attempt may succeed where this one failed."""
        return self.error is not None and not self.is_pruned and not self.is_final

    def is_finished(self, measures: int) -> bool:
        """Return whether so many measures were all tried, up to one that failed."""
        return self.failed is not None or len(self.numbers) == measures

    def plain(self) -> dict[str, Any]:
        """Return it as plain values, without its steps."""
        held: dict[str, Any] = {"numbers": self.numbers, "seconds": self.seconds}
        if self.error is not None:
            held |= {"failed": self.failed, "error": self.error, "pruned": self.is_pruned}
        return held

    @staticmethod
    def of(plain: Mapping[str, Any]) -> Outcome:
        """Return what `plain` made."""
        return Outcome(
            {name: dict(numbers) for name, numbers in plain.get("numbers", {}).items()},
            plain.get("failed"),
            plain.get("error"),
            bool(plain.get("pruned")),
            seconds=dict(plain.get("seconds", {})),
        )

    def joined(self, later: Outcome) -> Outcome:
        """Return this outcome with what was measured later."""
        return replace(
            later,
            numbers={**self.numbers, **later.numbers},
            steps={**self.steps, **later.steps},
        )


def told_of_attempts(outcome: Outcome, attempts: int) -> Outcome:
    """Return an outcome whose error says how often it was tried."""
    if not outcome.may_pass or attempts == 1:
        return outcome
    return replace(outcome, error=f"{outcome.error} ({attempts} attempts)")


def depends_on_seed(measure: Measure) -> bool:
    """Return whether a measure has use for a seed: it asks for one, or for a network to start."""
    return not {"seed", "module"}.isdisjoint(inspect.signature(measure.function).parameters)
