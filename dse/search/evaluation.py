"""Measures one candidate; whatever goes wrong becomes an error with its reason."""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from dse.errors import DseError
from dse.search.objective import Measure
from dse.space import CostedPoint, build_network

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


def evaluate(job: Job, report: Report) -> Outcome:
    """Run the measures of a job one after the other, until one fails."""
    outcome = Outcome()

    def reported(step: int, value: float) -> bool:
        outcome.steps[step] = float(value)
        return report(step, float(value))

    for measure in job.measures:
        started = time.perf_counter()
        try:
            numbers = _measured(job, measure, reported)
            unusable = {n: v for n, v in numbers.items() if not math.isfinite(v)}
            if unusable:
                outcome.is_final = True
                outcome.error = "the objective returned " + ", ".join(
                    str(v) if n == measure.name else f"{n} {v}" for n, v in unusable.items()
                )
            else:
                outcome.numbers[measure.name] = numbers
        except Pruned as error:
            outcome.error, outcome.is_pruned = f"pruned {error}".rstrip(), True
        except DseError as error:
            outcome.error, outcome.is_final = f"{type(error).__name__}: {error}", True
        # An objective is anybody's code, which may even end the program; the search goes on.
        except (Exception, SystemExit) as error:  # noqa: BLE001
            outcome.error = f"{type(error).__name__}: {error}"
        outcome.seconds[measure.name] = time.perf_counter() - started
        if outcome.error is not None:
            outcome.failed = measure.name
            break
    return outcome


def told_of_attempts(outcome: Outcome, attempts: int) -> Outcome:
    """Return an outcome whose error says how often it was tried."""
    if not outcome.may_pass or attempts == 1:
        return outcome
    return replace(outcome, error=f"{outcome.error} ({attempts} attempts)")


def depends_on_seed(measure: Measure) -> bool:
    """Return whether a measure has use for a seed: it asks for one, or for a network to start."""
    return not {"seed", "module"}.isdisjoint(inspect.signature(measure.function).parameters)


def _measured(job: Job, measure: Measure, report: Report) -> dict[str, float]:
    candidate = job.point.candidate
    assert candidate is not None
    wanted = inspect.signature(measure.function).parameters
    given: Mapping[str, Any] = {
        "candidate": job.point,
        "device": job.device,
        "seed": job.seed,
        "report": report,
        "checkpoint": job.checkpoint,
    }
    arguments = {name: value for name, value in given.items() if name in wanted}
    if "checkpoint" in wanted and job.checkpoint is not None:
        Path(job.checkpoint).parent.mkdir(parents=True, exist_ok=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(job.seed)
        if "module" in wanted:
            arguments["module"] = build_network(candidate).to(job.device)
        options = {**measure.options, **measure.taken(job.point.training)}
        return measure.named(measure.function(**arguments, **options))
