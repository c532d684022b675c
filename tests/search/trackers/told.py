"""A study and its trials, as trackers are told of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from dse.search import StudyTracker, TrackedStudy, TrackedTrial

BEGAN = datetime(2025, 3, 1, 12, 0, 0)
ENDED = BEGAN + timedelta(seconds=90)

STUDY = TrackedStudy(
    id=3,
    name="mlp: score",
    goals={"score": "maximize"},
    axes={"width": [8, 16, 32], "dropout": [0, 0.5], "norm": ["none", "batch"]},
    config={"trials": 3, "budget": {"latency_ms": 20}},
)


def running(number: int, **settings: object) -> TrackedTrial:
    """Return a trial that has begun."""
    return TrackedTrial(
        number=number,
        key=2**62 + number,
        id=10 + number,
        settings={"width": 8, "dropout": 0, "norm": "none", **settings},
        costs={"params": 682, "macs": 656},
        started=BEGAN,
    )


DONE = replace(
    running(0, dropout=0.5),
    state="done",
    finished=ENDED,
    values=[0.75],
    numbers={"score": 0.75, "latency_ms": 25.0},
    violations={"latency_ms <= 20": 0.25},
    steps={1: 0.5, 2: 0.625},
)
FAILED = replace(
    running(1, width=16), state="failed", finished=ENDED, error="MemoryError: none left"
)
PRUNED = replace(
    running(2, norm="batch"),
    state="pruned",
    finished=ENDED,
    steps={1: 0.25},
    error="pruned after step 1",
)
TRIALS = (DONE, FAILED, PRUNED)


def tell(tracker: StudyTracker, trials: Iterable[TrackedTrial] = TRIALS) -> None:
    """Tell of trials from their begin to their end, as a process does that evaluates them."""
    tracker.begin(STUDY)
    for trial in trials:
        begun = replace(running(trial.number or 0), settings=trial.settings, attempt=trial.attempt)
        tracker.trial_began(begun)
        for step, value in trial.steps.items():
            tracker.reported(begun, step, value)
        tracker.trial_ended(trial)
    tracker.end()
