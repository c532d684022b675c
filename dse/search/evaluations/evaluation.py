"""Measures one candidate; whatever goes wrong becomes an error with its reason."""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dse.errors import DseError
from dse.search.objective import Measure
from dse.search.outcomes import Job, Outcome, Pruned, Report


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
            outcome.error, outcome.is_final = str(error), True
        # An objective is anybody's code, which may even end the program; the search goes on.
        except (Exception, SystemExit) as error:  # noqa: BLE001
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
        "checkpoint": job.checkpoint,
        "allow": job.allow,
    }
    arguments = {name: value for name, value in given.items() if name in wanted}
    if "checkpoint" in wanted and job.checkpoint is not None:
        Path(job.checkpoint).parent.mkdir(parents=True, exist_ok=True)
    settings = {*job.point.settings, *candidate.settings, *job.point.training}
    options = {**measure.options, **measure.taken(job.point.training)}
    if measure.runs_nothing:
        return measure.named(measure.function(**arguments, **options), settings)
    with _seeded(job.seed):
        if "module" in wanted:
            from dse.space import build_network

            arguments["module"] = build_network(candidate).to(job.device)
        return measure.named(measure.function(**arguments, **options), settings)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Have PyTorch draw from a seed, and go on as before behind it."""
    # What runs nothing does without.
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
