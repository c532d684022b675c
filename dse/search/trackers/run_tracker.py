"""A trial as a run of a tool: what MLflow, Weights & Biases and TensorBoard have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Generic, TypeVar

from dse.search.trackers.tracker import StudyTracker, TrackedStudy, TrackedTrial

REPORTED = "reported"
"""The name of what evaluations report step by step."""

Run = TypeVar("Run")


class RunTracker(StudyTracker, Generic[Run]):
    """Writes each trial as a run; the next attempt goes on with the run of the one before.

    A subclass says how a run is opened, written to and closed, and which ends the tool holds.
    """

    def __init__(self) -> None:
        self._open: dict[int, Run] = {}
        self._reported: dict[int, set[tuple[int, float]]] = {}
        self._ended: dict[int, int] = {}
        self._study: TrackedStudy

    @abstractmethod
    def ended_attempt(self, trial: TrackedTrial) -> int:
        """Return the last attempt at a trial whose end the tool holds; 0 for none."""

    @abstractmethod
    def opened(self, trial: TrackedTrial) -> Run:
        """Return the run of a trial: the one that there is, or else a new one."""

    @abstractmethod
    def log(self, run: Run, step: int, value: float) -> None:
        """Add what an evaluation reported to its run."""

    @abstractmethod
    def close(self, run: Run, trial: TrackedTrial) -> None:
        """Note what came of a trial, and that its run has ended."""

    @abstractmethod
    def leave(self, run: Run) -> None:
        """Let go of a run that this process does not end; another attempt may go on with it."""

    def trial_began(self, trial: TrackedTrial) -> None:
        """Open the run of a trial."""
        if trial.key not in self._open and not self._holds(trial):
            self._open[trial.key] = self.opened(trial)

    def reported(self, trial: TrackedTrial, step: int, value: float) -> None:
        """Add what a trial reported to its run."""
        if trial.key in self._open:
            self._log(self._open[trial.key], trial, step, value)

    def trial_ended(self, trial: TrackedTrial) -> None:
        """Close the run of a trial; one that began elsewhere is written as a whole."""
        run = self._open.pop(trial.key, None)
        if run is None:
            if self._holds(trial):
                return
            run = self.opened(trial)
        for step, value in trial.steps.items():
            self._log(run, trial, step, value)
        self.close(run, trial)
        self._reported.pop(trial.key, None)
        self._ended[trial.key] = trial.attempt

    def end(self) -> None:
        """Let go of the runs that are open."""
        while self._open:
            self.leave(self._open.popitem()[1])

    def results(self, trial: TrackedTrial) -> Mapping[str, float]:
        """Return everything that was measured, and the value of each goal."""
        goals = zip(self._study.goals, trial.values or (), strict=False)
        return {**trial.numbers, **dict(goals)}

    def _holds(self, trial: TrackedTrial) -> bool:
        here = self._ended.get(trial.key, 0)
        return here >= trial.attempt or self.ended_attempt(trial) >= trial.attempt

    def _log(self, run: Run, trial: TrackedTrial, step: int, value: float) -> None:
        logged = self._reported.setdefault(trial.key, set())
        if (step, value) not in logged:
            logged.add((step, value))
            self.log(run, step, value)
