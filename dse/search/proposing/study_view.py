"""The trials of a study as proposals see them: now, or as they once did."""

from __future__ import annotations

from collections.abc import Iterable

from dse.errors import DseError
from dse.search.evaluations import TrialVerdict, verdict_of
from dse.search.objective import Objective
from dse.search.outcomes import Outcome
from dse.search.pools import Pool, key_of_trial
from dse.search.proposing.proposals import CHOICES, SeenTrial
from dse.search.proposing.study_trials import Seen, StudyTrials
from dse.store import StoredTrial

_UNSEEN = TrialVerdict(error="was tried again later")


class StudyView:
    """What proposals see of a study.

    Args:
        trials: of the study.
        known: what was measured before the study began, of candidates of the pool.
        pool: the candidates.
        objective: what is measured of them.
    """

    def __init__(
        self, trials: StudyTrials, known: Iterable[SeenTrial], pool: Pool, objective: Objective
    ) -> None:
        self.trials, self.known = trials, list(known)
        self._pool, self._objective = pool, objective
        self._shown: list[SeenTrial] = []

    def update(self) -> list[StoredTrial]:
        """Read what changed in the store; return those trials."""
        changed = self.trials.update()
        for each in changed:
            self.show(each)
        return changed

    def add(self, trial: StoredTrial) -> list[StoredTrial]:
        """Take over a change that this process made; return what is new by it."""
        if not self.trials.add(trial):
            return []
        self.show(trial)
        return [trial]

    def show(self, trial: StoredTrial) -> None:
        """Let what follows see a trial as it is."""
        shown = self._seen(trial, is_claimed=not trial.has_ended)
        if trial.number < len(self._shown):
            self._shown[trial.number] = shown
        else:
            self._shown.append(shown)

    def now(self) -> list[SeenTrial]:
        """Return every trial as it is, those known beforehand first."""
        return [*self.known, *self._shown]

    def for_proposal(self, seen: Seen) -> list[SeenTrial]:
        """Return the trials as the next proposal sees them, those known beforehand first."""
        if self.trials.batch is None or not seen.claims:
            return self.now()
        # What of the same batch has ended is not known yet.
        first = seen.claims[0]
        claimed = [SeenTrial(one.index, notes=one.notes) for one in self._shown[first:]]
        return [*self.known, *self._shown[:first], *claimed]

    def as_it_was(self, seen: Seen) -> list[SeenTrial]:
        """Return the trials as a proposal saw them that was made earlier.

        One that had ended without a result, and was tried again since, is one that failed.
        """
        claimed = set(seen.claims)
        shown = []
        for trial in self.trials.trials[: seen.trials]:
            is_claimed = trial.number in claimed
            was_seen = trial.ended is not None and trial.ended <= seen.last
            one = self._seen(trial, is_claimed)
            if not is_claimed and not was_seen:
                one = SeenTrial(one.index, _UNSEEN, one.place, one.notes)
            shown.append(one)
        return [*self.known, *shown]

    def _seen(self, trial: StoredTrial, is_claimed: bool) -> SeenTrial:
        index = self._pool.index_of_key.get(key_of_trial(trial))
        if index is None and CHOICES in trial.notes:
            index = self._pool.take(trial.notes[CHOICES])
        if index is None or self._pool.key_at(index) != key_of_trial(trial):
            raise DseError(
                f"trial {trial.number} of study {self.trials.study_id} is of a network that this "
                "space does not have: other code searched it"
            )
        steps = dict(self.trials.reports.get(trial.id, {}))
        verdict = None
        if not is_claimed:
            outcomes = [Outcome.of(one) for one in trial.outcomes]
            verdict = verdict_of(self._objective, outcomes)
        return SeenTrial(index, verdict, self.trials.place(trial), trial.notes, steps)
