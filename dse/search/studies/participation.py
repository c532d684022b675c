"""A process that takes part in a study: it claims trials, evaluates them and stores what came."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from dse.errors import DseError
from dse.search.evaluations import (
    Attempt,
    Evaluator,
    TrialRecorder,
    TrialVerdict,
    pool_point,
    verdict_of,
)
from dse.search.outcomes import Outcome
from dse.search.pools import key_of_trial
from dse.search.proposing import Proposal, Proposer, Seen, StudyView, promoted
from dse.search.studies.held_trial import HeldTrial
from dse.search.studies.lease_keeper import SIGNS_A_LEASE, LeaseKeeper
from dse.search.studies.tracking import tracked_trial
from dse.search.trackers import StudyTracker, TrackedTrial, Trackers
from dse.space import CostedPoint
from dse.store import Ending, StoredTrial, StudyWorker, canonical_json, is_measured, now

_log = logging.getLogger("dse.search")

_LONGEST_WAIT = 1.0
"""Seconds between two looks at what others do, where nothing else is to be done."""


class Participant:
    """Takes part in a study until it has ended.

    Args:
        worker: as the store knows this process.
        view: of the study.
        proposer: asks the sampler.
        recorder: of measurements.
        attempts: how often an evaluation is tried that may pass when it is tried again.
        most: how many trials the study is to have.
        has_pruner: whether evaluations may be given up.
        checkpoints: a directory for the states of evaluations that may go on later; with it, those
            that were given up do so where the pruner would let them.
        trackers: told of the trials that this process evaluates.
        progressed: called with the trials that have ended and that this process has not seen.
    """

    def __init__(
        self,
        worker: StudyWorker,
        view: StudyView,
        proposer: Proposer,
        recorder: TrialRecorder,
        attempts: int,
        most: int,
        has_pruner: bool = False,
        progressed: Callable[[list[StoredTrial]], None] = lambda ended: None,
        trackers: Trackers | None = None,
        checkpoints: Path | None = None,
    ) -> None:
        self.worker, self.view, self.proposer, self.recorder = worker, view, proposer, recorder
        self.trials = view.trials
        self._attempts, self._most, self._has_pruner = attempts, most, has_pruner
        self._progressed = progressed
        self._trackers = trackers
        self._checkpoints = checkpoints
        # The change after which nothing was left to promote; None where nothing ever is.
        self._promotes = -1 if checkpoints is not None and has_pruner else None
        self._held: dict[int, HeldTrial] = {}
        self._ended: set[int] = set()
        self._looked = 0.0
        self._lease = LeaseKeeper(worker)

    def work(self, evaluator: Evaluator) -> None:
        """Evaluate until every trial of the study has ended.

        Raises:
            DseError: where the store is lost, the sampler fails, or a limit is on what nothing
                measures.
        """
        wait = 0.05
        with self._lease:
            while True:
                worked = False
                for attempt, outcome in evaluator.run(self._next, self._told):
                    self._done(attempt, outcome)
                    worked = True
                self._update()
                if self._is_over():
                    return
                wait = 0.05 if worked else min(1.5 * wait, _LONGEST_WAIT)
                time.sleep(wait)

    def look(self) -> int:
        """Learn what the study is; return its last change."""
        self._update()
        return self.trials.change

    def leave(self) -> None:
        """Give back what is held; others may go on with it."""
        self.worker.leave()

    def _is_over(self) -> bool:
        is_full = len(self.trials) >= self._most or self._is_exhausted()
        return is_full and not self.trials.open

    def _is_exhausted(self) -> bool:
        return len(self.trials) + len(self.view.known) >= self.proposer.pool.most

    def _update(self) -> None:
        """Learn what others did."""
        self._noticed(self.view.update())

    def _noticed(self, changed: list[StoredTrial]) -> None:
        ended = [one for one in changed if one.has_ended and one.number not in self._ended]
        self._ended |= {one.number for one in ended}
        if ended:
            self._progressed(ended)

    def _next(self) -> Attempt | None:
        """Return what to evaluate next, or None where there is nothing at the moment."""
        self._lease.check()
        while True:
            for held in self._held.values():
                if held.waiting:
                    return held.attempt(self.recorder, self._checkpoints)
            if not (self._take_over() or self._promote() or self._claim_new()):
                return None

    def _take_over(self) -> bool:
        """Claim a trial that nobody works on any more, if it is time to look for one."""
        if self._looked and time.monotonic() - self._looked < self.worker.lease / SIGNS_A_LEASE:
            is_idle = not self._held and len(self.trials) >= self._most
            if not is_idle:
                return False
        self._looked = time.monotonic()
        claim = self.worker.claim_left(self.recorder.device)
        if claim is None:
            return False
        self._looked = 0.0
        self._noticed(self.view.add(claim))
        point = self._point(self.proposer.pool.index_of_key[key_of_trial(claim)])
        self._hold(claim, point, self.recorder.known(point, is_again=True))
        return True

    def _promote(self) -> bool:
        """Go on with an evaluation that was given up, if one would not be any more."""
        if self._promotes is None or self._promotes == self.trials.change:
            return False
        for trial in promoted(self.proposer, self.view, self.recorder.is_larger_better):
            claim = self.worker.go_on(trial, self.recorder.device)
            if claim is not None:
                self._noticed(self.view.add(claim))
                point = self._point(self.proposer.pool.index_of_key[key_of_trial(claim)])
                self._hold(claim, point, self.recorder.known(point, is_again=True))
                return True
        self._promotes = self.trials.change
        return False

    def _claim_new(self) -> bool:
        """Claim a candidate that the sampler proposes; return whether one was claimed."""
        while True:
            self._update()
            if len(self.trials) >= self._most or self._is_exhausted():
                return False
            if not self.trials.is_batch_open:
                return False
            seen = self.trials.seen()
            proposal = self.proposer.propose(self.view.for_proposal(seen))
            if self._claimed(proposal, seen):
                return True

    def _claimed(self, proposal: Proposal, seen: Seen) -> bool:
        recorder, point = self.recorder, self._point(proposal.index)
        measured = False

        def write(connection: Connection) -> None:
            nonlocal measured
            recorder.put(connection, point)
            measured = is_measured(connection, point.key)

        claim = self.worker.claim_new(
            point.key,
            canonical_json(point.training),
            seen.plain(),
            proposal.notes,
            self._attempts * recorder.objective.replicates,
            recorder.device,
            write,
        )
        if claim is None:
            return False
        recorder.is_stored(point)
        self._noticed(self.view.add(claim))
        self._hold(claim, point, recorder.known(point) if measured else recorder.unknown)
        return True

    def _point(self, index: int) -> CostedPoint:
        pool = self.proposer.pool
        return pool_point(self.recorder.space, pool, pool.key_at(index))

    def _hold(self, claim: StoredTrial, point: CostedPoint, outcomes: list[Outcome]) -> None:
        measures = len(self.recorder.objective.measures)
        held = self._held[claim.id] = HeldTrial.of(claim, point, outcomes, measures)
        self._track(lambda each, trial: each.trial_began(trial), held)
        if held.is_finished:
            if self._has_pruner:
                # Others are compared with what it reported when it was evaluated.
                for step, value in outcomes[0].steps.items():
                    self.worker.report(claim, step, value, None)
            self._write(held, lambda connection: None, was_known=True)

    def _held_of(self, attempt: Attempt) -> HeldTrial | None:
        """Return the trial that an attempt is at; None where its claim was lost."""
        held = self._held.get(attempt.trial)
        return held if held is not None and held.claimed == attempt.claimed else None

    def _told(self, attempt: Attempt, news: tuple[int, float] | None) -> bool:
        """Take news of an evaluation: that it has begun, or a step and the value so far.

        Returns:
            whether to give it up.
        """
        held = self._held_of(attempt)
        if held is None:
            return True
        if news is None:
            held.started = held.started or now()
            self._lease.begun(held.claim, held.started)
            return False
        step, value = news
        held.steps[step] = value
        self._track(lambda each, trial: each.reported(trial, step, value), held)
        if attempt.replicate > 0:
            # A study takes one report of a trial for each step.
            return False
        if not self._has_pruner:
            self.worker.report(held.claim, step, value, None)
            return False
        return self._is_given_up(held, step, value)

    def _is_given_up(self, held: HeldTrial, step: int, value: float) -> bool:
        self._update()
        trial = self.trials.trials[held.claim.number]
        # An attempt that begins anew has not come as far as the one before.
        reported = self.trials.reports.get(trial.id, {})
        before = {at: each for at, each in reported.items() if at < step}
        self.trials.reports[trial.id] = before | {step: value}
        self.view.show(trial)
        place = len(self.view.known) + trial.number
        given_up, notes = self.proposer.prunes(self.view.now(), place)
        self.worker.report(held.claim, step, value, None if notes == trial.notes else notes)
        return given_up

    def _done(self, attempt: Attempt, outcome: Outcome) -> None:
        held = self._held_of(attempt)
        if held is None:
            return
        held.under_way -= 1
        if outcome.may_pass and held.tries[attempt.replicate] < self._attempts:
            claim = self.worker.try_again(held.claim)
            if claim is None:
                self._refused(held)
                return
            held.claim = claim
            held.waiting.append(attempt.replicate)
            return
        outcome = held.take(attempt, outcome, self._attempts)
        seed = self.recorder.seeds[attempt.replicate]
        self._write(
            held,
            lambda connection: self.recorder.put_outcome(connection, held.point, seed, outcome),
        )

    def _write(
        self, held: HeldTrial, write: Callable[[Connection], None], was_known: bool = False
    ) -> None:
        """Store an outcome, and the end of its trial where it was the last one."""
        if not held.is_finished:
            if not self.worker.keep(held.claim, write):
                self._refused(held)
            return
        try:
            verdict = verdict_of(self.recorder.objective, held.outcomes)
        except DseError:
            # What was measured is kept, whatever is asked of it.
            self.worker.keep(held.claim, write)
            raise
        plain = [{**one.plain(), "known": was_known} for one in held.outcomes]
        ending = Ending(verdict.state, plain, verdict.error, held.started)
        ended = self.worker.end(held.claim, ending, write)
        if ended is None:
            self._refused(held)
            return
        del self._held[held.claim.id]
        self._track(lambda each, trial: each.trial_ended(trial), held, ended, verdict)
        self._noticed(self.view.add(ended))

    def _track(
        self,
        tell: Callable[[StudyTracker, TrackedTrial], None],
        held: HeldTrial,
        trial: StoredTrial | None = None,
        verdict: TrialVerdict | None = None,
    ) -> None:
        if self._trackers is not None:
            id = self.recorder.id_of(held.point)
            told = tracked_trial(held.point, id, trial or held.claim, verdict, held.steps)
            self._trackers.tell(lambda each: tell(each, told))

    def _refused(self, held: HeldTrial) -> None:
        claim = held.claim
        _log.warning(
            "trial %d, attempt %d: the result is refused, as another process has taken it over, "
            "or what was measured of it is forgotten",
            *(claim.number, claim.attempt),
        )
        self._held.pop(claim.id, None)
