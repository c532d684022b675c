"""A trial that a process has claimed: what is known of it, and what is left to evaluate."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

from dse.search.evaluations import Attempt, TrialRecorder
from dse.search.outcomes import Job, Outcome, told_of_attempts
from dse.search.pools import key_of_trial
from dse.space import CostedPoint
from dse.store import StoredTrial


@dataclass
class HeldTrial:
    """A trial that this process has claimed."""

    claim: StoredTrial
    point: CostedPoint
    claimed: int
    """The attempt at which it was claimed."""
    outcomes: list[Outcome]
    """Of each replicate."""
    waiting: deque[int]
    """Replicates that are to be evaluated."""
    under_way: int = 0
    tries: Counter[int] = field(default_factory=Counter)
    """How often each replicate was tried."""
    steps: dict[int, float] = field(default_factory=dict)
    """What was reported so far."""
    started: str | None = None
    """When the first replicate began."""

    @staticmethod
    def of(
        claim: StoredTrial, point: CostedPoint, outcomes: list[Outcome], measures: int
    ) -> HeldTrial:
        """Return a trial of which something may be known: what is left waits."""
        missing = [n for n, one in enumerate(outcomes) if not one.is_finished(measures)]
        return HeldTrial(claim, point, claim.attempt, outcomes, deque(missing))

    @property
    def is_finished(self) -> bool:
        """Whether no replicate waits or is evaluated."""
        return not self.waiting and not self.under_way

    def attempt(self, recorder: TrialRecorder, checkpoints: Path | None) -> Attempt:
        """Return the next replicate to evaluate, which is under way from now on.

        Args:
            recorder: says what is measured, and with which seeds.
            checkpoints: a directory for states of evaluations; None for none.
        """
        replicate = self.waiting.popleft()
        self.under_way += 1
        self.tries[replicate] += 1
        measured, seed = self.outcomes[replicate].numbers, recorder.seeds[replicate]
        name = f"{key_of_trial(self.claim):016x}-{seed}.pt"
        job = Job(
            self.point,
            tuple(each for each in recorder.objective.measures if each.name not in measured),
            recorder.device,
            seed,
            recorder.space.grid.family.allow,
            None if checkpoints is None else str(checkpoints / name),
        )
        return Attempt(self.claim.id, self.claimed, replicate, job)

    def take(self, attempt: Attempt, outcome: Outcome, attempts: int) -> Outcome:
        """Take over what came of a replicate; return it with what is to be told of it."""
        told = told_of_attempts(outcome, attempts)
        if told.failed is None and told.error is not None:
            told.failed = attempt.job.measures[0].name
        before = self.outcomes[attempt.replicate]
        self.outcomes[attempt.replicate] = before.joined(told)
        return told
