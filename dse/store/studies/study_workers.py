"""How processes share a study: each claims trials, and shows that it is alive.

A claim belongs to a worker and an attempt. Where a worker shows no sign of life before its time is
over, whoever looks for work takes the trial over under the next attempt; a result that arrives
under an older one changes nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    and_,
    or_,
    select,
    update,
)

from dse.store.clock import now
from dse.store.dialects import insert_into, moment_in
from dse.store.opening import lasting, reading, writing
from dse.store.schema import report, study, trial, worker
from dse.store.studies import study_statements
from dse.store.studies.provenance import has_ended, this_machine
from dse.store.studies.study_rows import StoredTrial, stored_trial
from dse.store.studies.trial_endings import Ending, at_change, given_ending

Write = Callable[[Connection], None]
"""Writes further rows in the transaction of a change."""


@dataclass(frozen=True)
class StudyWorker:
    """A process that takes part in a study; other processes see what it holds and does."""

    engine: Engine
    study_id: int
    run_id: int
    id: int
    lease: float
    """Seconds without a sign of life after which others take over what it holds."""

    def renew(self) -> None:
        """Show that the process is alive."""
        values = {"expires": moment_in(self.lease)}
        self._change_self(values)

    def leave(self) -> None:
        """Take part no more; what is held waits for others, and the attempt does not count."""
        held = and_(trial.c.worker_id == self.id, trial.c.state.in_(("claimed", "running")))
        values = {"state": "waiting", "attempts": trial.c.attempts + 1}

        def given_back() -> None:
            with writing(self.engine) as connection:
                changed, _ = self._next_change(connection)
                connection.execute(update(trial).where(held).values(values | {"changed": changed}))

        lasting(given_back)
        self._change_self({"left": now()})

    def _change_self(self, values: Mapping[str, Any]) -> None:
        def change() -> None:
            with writing(self.engine) as connection:
                connection.execute(update(worker).where(worker.c.id == self.id).values(values))

        lasting(change)

    def claim_new(
        self,
        key: int,
        training: str,
        seen: Mapping[str, Any],
        notes: Mapping[str, Any],
        attempts: int,
        device: str | None,
        write: Write,
    ) -> StoredTrial | None:
        """Claim a candidate; None where the study has it, or all the trials that it is to have.

        Args:
            key: of the candidate.
            training: its training settings, as canonical JSON.
            seen: what was known when it was proposed.
            notes: of the sampler.
            attempts: how often it may be tried.
            device: on which it is evaluated.
            write: further rows of the same transaction, kept whether it is claimed or not.
        """
        values: dict[str, Any] = {"new_key": key, "new_training": training, "new_device": device}
        values |= {"new_seen": dict(seen), "new_notes": dict(notes), "new_worker_id": self.id}
        values |= {"new_attempt": 1, "new_attempts": attempts, "in_study": self.study_id}

        def claim() -> StoredTrial | None:
            with writing(self.engine) as connection:
                # The study is locked last, and so for the shortest time.
                write(connection)
                changed, most = self._next_change(connection)
                row = values | {"new_changed": changed, "new_claimed": now(), "most": most}
                statement = study_statements.claim_new(connection.dialect.name)
                found = connection.execute(statement, row).first()
                if found is not None:
                    return stored_trial(found)
                return self._kept(connection, trial.c.key == key, trial.c.training == training)

        return lasting(claim)

    def _kept(self, connection: Connection, *where: ColumnElement[bool]) -> StoredTrial | None:
        """Return what this process claims, by a transaction that was kept.

        That happens where the connection was lost at its end; then it is told of once.
        """
        held = connection.execute(
            select(trial).where(
                *(trial.c.study_id == self.study_id, trial.c.worker_id == self.id),
                *(trial.c.state == "claimed", trial.c.attempt == 1, *where),
            )
        ).first()
        return None if held is None else stored_trial(held)

    def claim_left(self, device: str | None) -> StoredTrial | None:
        """Claim a trial that waits, or whose worker shows no sign of life, if there is one.

        One that was tried as often as it may be is stored as failed.
        """
        lasting(self._note_ended_processes)
        while True:
            found = lasting(self._one_left)
            if found is None:
                return None
            claim = lasting(partial(self._take_over, found, device))
            if claim is not None:
                return claim

    def _note_ended_processes(self) -> None:
        """Note which processes of this machine have ended: nobody has to wait for those."""
        here = and_(worker.c.study_id == self.study_id, worker.c.machine == this_machine())
        alive = select(worker.c.id, worker.c.process).where(here, worker.c.left.is_(None))
        with reading(self.engine) as connection:
            rows = connection.execute(alive).all()
        ended = [row.id for row in rows if has_ended(row.process)]
        if ended:
            with writing(self.engine) as connection:
                gone = update(worker).where(worker.c.id.in_(ended)).values(left=now())
                connection.execute(gone)

    def _one_left(self) -> Row[Any] | None:
        """Return a trial that nobody works on; reading alone keeps writers free."""
        gone = or_(worker.c.left.is_not(None), worker.c.expires < moment_in(0))
        lost = and_(trial.c.state.in_(("claimed", "running")), gone)
        query = select(trial).join(worker, worker.c.id == trial.c.worker_id)
        query = query.where(
            trial.c.study_id == self.study_id, or_(trial.c.state == "waiting", lost)
        )
        with reading(self.engine) as connection:
            return connection.execute(query.order_by(trial.c.number).limit(1)).first()

    def _take_over(self, of: Row[Any], device: str | None) -> StoredTrial | None:
        unchanged = and_(
            trial.c.id == of.id,
            trial.c.attempt == of.attempt,
            trial.c.state == of.state,
            trial.c.worker_id == of.worker_id,
        )
        with writing(self.engine) as connection:
            changed, _ = self._next_change(connection)
            held = connection.execute(select(trial).where(trial.c.id == of.id)).one()
            if held.worker_id == self.id and held.attempt == of.attempt + 1:
                return stored_trial(held)
            if of.attempt >= of.attempts and of.state != "waiting":
                error = f"its worker gave no sign of life ({of.attempt} attempts)"
                lost = {"state": "failed", "error": error, "finished": now(), "ended": changed}
                lost |= {"changed": changed, "outcomes": [{"error": error}]}
                connection.execute(update(trial).where(unchanged).values(lost))
                return None
            values: dict[str, Any] = {"state": "claimed", "attempt": of.attempt + 1}
            values |= {
                "worker_id": self.id,
                "claimed": now(),
                "started": None,
                "changed": changed,
                "device": device,
            }
            taken = update(trial).where(unchanged).values(values).returning(trial)
            row = connection.execute(taken).first()
            return None if row is None else stored_trial(row)

    def go_on(self, of: StoredTrial, device: str | None) -> StoredTrial | None:
        """Claim a trial that was given up, to go on with it; None where it is not any more."""

        def claim() -> StoredTrial | None:
            same = trial.c.id == of.id, trial.c.attempt == of.attempt, trial.c.state == "pruned"
            values: dict[str, Any] = {"state": "claimed", "attempt": of.attempt + 1}
            values |= {"attempts": of.attempts + 1, "worker_id": self.id, "claimed": now()}
            values |= {"started": None, "finished": None, "device": device, "ended": None}
            with writing(self.engine) as connection:
                changed, _ = self._next_change(connection)
                further = {"changed": changed, "outcomes": None, "error": None}
                statement = update(trial).where(*same).values(values | further)
                row = connection.execute(statement.returning(trial)).first()
                if row is not None:
                    return stored_trial(row)
                kept = trial.c.attempt == of.attempt + 1, trial.c.worker_id == self.id
                held = select(trial).where(trial.c.id == of.id, *kept, trial.c.state == "claimed")
                row = connection.execute(held).first()
                return None if row is None else stored_trial(row)

        return lasting(claim)

    def try_again(self, claim: StoredTrial) -> StoredTrial | None:
        """Begin the next attempt at a trial that is held; None where it is held no more."""

        def again() -> StoredTrial | None:
            with writing(self.engine) as connection:
                changed, _ = self._next_change(connection)
                held = self._row(connection, trial.c.id == claim.id)
                if held is not None and held.attempt == claim.attempt + 1:
                    return stored_trial(held) if held.worker_id == self.id else None
                values = {"attempt": claim.attempt + 1, "changed": changed, "claimed": now()}
                statement = update(trial).where(self._holds(claim)).values(values)
                row = connection.execute(statement.returning(trial)).first()
                return None if row is None else stored_trial(row)

        return lasting(again)

    def begin(self, claim: StoredTrial, moment: str) -> None:
        """Note that the evaluation of a trial has begun."""

        def begun() -> None:
            with writing(self.engine) as connection:
                changed, _ = self._next_change(connection)
                values = {"state": "running", "started": moment, "changed": changed}
                connection.execute(update(trial).where(self._holds(claim)).values(values))

        lasting(begun)

    def report(
        self, claim: StoredTrial, step: int, value: float, notes: Mapping[str, Any] | None
    ) -> None:
        """Note what an evaluation reported, and what the pruner noted where that changed."""
        row = {"trial_id": claim.id, "attempt": claim.attempt, "step": step, "value": value}

        def reported() -> None:
            with writing(self.engine) as connection:
                statement = insert_into(connection, report).values(row | {"created": now()})
                connection.execute(statement.on_conflict_do_nothing())
                if notes is not None:
                    changed, _ = self._next_change(connection)
                    values = {"notes": dict(notes), "changed": changed}
                    connection.execute(update(trial).where(self._holds(claim)).values(values))

        lasting(reported)

    def keep(self, claim: StoredTrial, write: Write) -> bool:
        """Store rows of an evaluation while its trial goes on; nothing where it is held no more.

        Returns:
            whether it is held.
        """

        def kept() -> bool:
            with writing(self.engine) as connection:
                # Nobody takes the trial over, or forgets what was measured of it, before the end.
                of = select(trial.c.id).join(study, study.c.id == trial.c.study_id)
                query = of.where(self._holds(claim)).with_for_update(read=True)
                held = connection.execute(query).first()
                if held is not None:
                    write(connection)
                return held is not None

        return lasting(kept)

    def end(self, claim: StoredTrial, ending: Ending, write: Write) -> StoredTrial | None:
        """Store the last rows of an evaluation, and how its trial ended.

        Returns:
            the trial; None where others took it over, and nothing was stored.
        """
        values = given_ending(ending) | self._held(claim.id, claim.attempt)

        def ended() -> StoredTrial | None:
            with contextlib.suppress(_Refused), writing(self.engine) as connection:
                write(connection)
                changed, _ = self._next_change(connection)
                row = connection.execute(
                    study_statements.end_trial(), values | at_change(changed)
                ).first()
                if row is None:
                    raise _Refused
                return stored_trial(row)
            with reading(self.engine) as connection:
                # Of a transaction that was kept although its connection was lost.
                same = trial.c.id == claim.id, trial.c.attempt == claim.attempt
                done = trial.c.worker_id == self.id, trial.c.state == ending.state
                row = connection.execute(select(trial).where(*same, *done)).first()
                return None if row is None else stored_trial(row)

        return lasting(ended)

    def put_ended(self, several: Sequence[tuple[int, Ending]], training: str, write: Write) -> None:
        """Store trials that have ended already, as one change of the study.

        Those of candidates that the study has stay as they are, and those beyond the number that it
        is to have are left out.

        Args:
            several: the keys of candidates, each with how its trial ended.
            training: their training settings, as canonical JSON.
            write: further rows of the same transaction.
        """

        def put() -> None:
            with writing(self.engine) as connection:
                write(connection)
                changed, most = self._next_change(connection)
                claim = study_statements.claim_new(connection.dialect.name)
                of_all = {
                    "in_study": self.study_id,
                    "most": most,
                    "new_training": training,
                    "new_worker_id": self.id,
                    "new_changed": changed,
                    "new_seen": {},
                    "new_notes": {},
                    "new_device": None,
                    "new_attempt": 1,
                    "new_attempts": 1,
                }
                for key, ending in several:
                    one = of_all | {"new_key": key, "new_claimed": now()}
                    row = connection.execute(claim, one).first()
                    if row is not None:
                        values = given_ending(ending) | at_change(changed) | self._held(row.id, 1)
                        connection.execute(study_statements.end_trial(), values)

        lasting(put)

    def _next_change(self, connection: Connection) -> tuple[int, int]:
        """Return the number of this change, and how many trials the study is to have.

        Whoever changes a study locks its row, so that changes are numbered in the order in which
        they can be seen.
        """
        parameters = {"in_study": self.study_id}
        row = connection.execute(study_statements.next_change(), parameters).one()
        return row.changes, row.trials

    def _row(self, connection: Connection, *where: ColumnElement[bool]) -> Row[Any] | None:
        ours = trial.c.study_id == self.study_id
        return connection.execute(select(trial).where(ours, *where)).first()

    def _holds(self, claim: StoredTrial) -> ColumnElement[bool]:
        return study_statements.is_held(claim.id, claim.attempt, self.id)

    def _held(self, trial_id: int, attempt: int) -> dict[str, Any]:
        """Return the parameters that say which trial is held."""
        return {"of_trial": trial_id, "at_attempt": attempt, "by_worker": self.id}


class _Refused(Exception):
    """A trial is held no more: what was written of it is undone."""
