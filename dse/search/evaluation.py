"""Measures one candidate; whatever goes wrong becomes an error with its reason."""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from dse.search.objective import Measure
from dse.space import CostedPoint, build_network

Report = Callable[[int, float], bool]
"""Takes a step and the value so far; returns whether the evaluation should be given up."""


PRUNED = "pruned"
"""How the error of an evaluation begins that was given up."""


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


@dataclass
class Outcome:
    """What came of measuring a candidate."""

    numbers: dict[str, dict[str, float]] = field(default_factory=dict)
    """The numbers of each measure, by its name."""
    failed: str | None = None
    """The measure that failed; those after it were not tried."""
    error: str | None = None
    is_pruned: bool = False
    steps: list[float] = field(default_factory=list)
    """What was reported, step by step."""
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each measure took."""

    @property
    def flat(self) -> dict[str, float]:
        """All numbers by name."""
        return {name: value for found in self.numbers.values() for name, value in found.items()}

    def is_finished(self, measures: int) -> bool:
        """Return whether so many measures were all tried, up to one that failed."""
        return self.failed is not None or len(self.numbers) == measures

    def joined(self, later: Outcome) -> Outcome:
        """Return this outcome with what was measured later."""
        numbers = {**self.numbers, **later.numbers}
        steps = [*self.steps, *later.steps]
        return Outcome(numbers, later.failed, later.error, later.is_pruned, steps, later.seconds)


def evaluate(job: Job, report: Report) -> Outcome:
    """Run the measures of a job one after the other, until one fails."""
    outcome = Outcome()

    def reported(step: int, value: float) -> bool:
        outcome.steps.append(float(value))
        return report(step, float(value))

    for measure in job.measures:
        started = time.perf_counter()
        try:
            numbers = _measured(job, measure, reported)
            unusable = {n: v for n, v in numbers.items() if not math.isfinite(v)}
            if unusable:
                outcome.error = "the objective returned " + ", ".join(
                    str(v) if n == measure.name else f"{n} {v}" for n, v in unusable.items()
                )
            else:
                outcome.numbers[measure.name] = numbers
        except Pruned as error:
            outcome.error, outcome.is_pruned = f"{PRUNED} {error}".rstrip(), True
        except Exception as error:  # noqa: BLE001  an objective is anybody's code; the search goes on
            outcome.error = f"{type(error).__name__}: {error}"
        outcome.seconds[measure.name] = time.perf_counter() - started
        if outcome.error is not None:
            outcome.failed = measure.name
            break
    return outcome


def _measured(job: Job, measure: Measure, report: Report) -> dict[str, float]:
    candidate = job.point.candidate
    assert candidate is not None
    wanted = inspect.signature(measure.function).parameters
    given: Mapping[str, Any] = {
        "candidate": job.point,
        "device": job.device,
        "seed": job.seed,
        "report": report,
    }
    arguments = {name: value for name, value in given.items() if name in wanted}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(job.seed)
        if "module" in wanted:
            arguments["module"] = build_network(candidate).to(job.device)
        return measure.named(measure.function(**arguments, **measure.options))
