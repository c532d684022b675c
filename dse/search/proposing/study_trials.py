"""The trials of a study as one process sees them, brought up to date by what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine

from dse.search.pools import key_of_trial
from dse.store import StoredTrial, changed_trials, trial_reports


@dataclass(frozen=True, slots=True)
class Seen:
    """What a proposal knows: the results up to a change of the study, and what is claimed."""

    trials: int
    """How many there are."""
    last: int
    """The change of the last result."""
    claims: tuple[int, ...]
    """The numbers of the trials that somebody works on."""

    def plain(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"trials": self.trials, "last": self.last, "claims": list(self.claims)}

    @staticmethod
    def of(plain: Mapping[str, Any]) -> Seen:
        """Return what `plain` made."""
        return Seen(int(plain["trials"]), int(plain["last"]), tuple(plain["claims"]))


@dataclass
class StudyTrials:
    """The trials of a study.

    Args:
        engine: of the store.
        study_id: of the study.
        batch: how many proposals know the same results, in a fixed order; None where each knows
            what has ended by then.
        with_reports: whether what trials report is read as well.
    """

    engine: Engine
    study_id: int
    batch: int | None = None
    with_reports: bool = False
    trials: list[StoredTrial] = field(default_factory=list)
    """In the order of their numbers, which count from 0."""
    reports: dict[int, dict[int, float]] = field(default_factory=dict)
    """What trials reported, by their ids: values by step."""
    open: set[int] = field(default_factory=set)
    """The numbers of those that have not ended."""
    change: int = 0

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.trials)

    @property
    def keys(self) -> set[int]:
        """The keys of their candidates."""
        return {key_of_trial(each) for each in self.trials}

    def update(self) -> list[StoredTrial]:
        """Read what changed; return those trials."""
        self.change, changed = changed_trials(self.engine, self.study_id, self.change)
        for each in changed:
            self._put(each)
        if self.with_reports and changed:
            ids = [each.id for each in changed]
            self.reports |= trial_reports(self.engine, ids)
        return changed

    def add(self, trial: StoredTrial) -> bool:
        """Take over a change that this process made; False where others changed something before.

        What it leaves out is read by the next `update`.
        """
        if trial.changed != self.change + 1:
            return False
        self.change = trial.changed
        self._put(trial)
        return True

    def _put(self, trial: StoredTrial) -> None:
        (self.open.discard if trial.has_ended else self.open.add)(trial.number)
        if trial.number < len(self.trials):
            self.trials[trial.number] = trial
        else:
            self.trials.append(trial)

    @property
    def is_batch_open(self) -> bool:
        """Whether a proposal may be made: all results that it has to know are there."""
        if self.batch is None:
            return True
        return not self.open or min(self.open) >= self._known_by_batch()

    def _known_by_batch(self) -> int:
        assert self.batch is not None
        return len(self.trials) // self.batch * self.batch

    def seen(self) -> Seen:
        """Return what a proposal knows at this moment."""
        if self.batch is not None:
            claims = tuple(range(self._known_by_batch(), len(self.trials)))
        else:
            claims = tuple(sorted(self.open))
        return Seen(len(self.trials), self.change, claims)

    def place(self, trial: StoredTrial) -> int:
        """Return the place of a trial that has ended among the results.

        In a fixed order results follow each other as their trials do, else as they ended.
        """
        return trial.number if self.batch is not None else trial.ended or 0
