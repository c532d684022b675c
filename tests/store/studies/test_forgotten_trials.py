"""What is forgotten while a trial that stands on it is held: the trial is evaluated anew."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, event

from dse.store import (
    NO_TRAINING,
    Context,
    Ending,
    Replicate,
    StoredTrial,
    StudyWorker,
    changed_trials,
    enter_study,
    forget,
    join_study,
    made_place,
    open_store,
    put_replicates,
    start_run,
)

WAITING = 0.5
"""Seconds that a replicate has to be stored in, where nothing keeps it waiting."""

OF = Context({"objective": "score"})


@pytest.fixture
def stores(empty: Engine, store_url: str) -> Iterator[list[Engine]]:
    """One store, as a search has opened it and as somebody has who forgets."""
    engines = [open_store(store_url) for _ in range(2)]
    yield engines
    for engine in engines:
        engine.dispose()


def joined(store: Engine) -> StudyWorker:
    run = start_run(store, "search", {}, {})
    study = enter_study(store, 1, "f: score", "f", {}, (), 9, run)
    return join_study(store, study.id, run, 60)


def claimed(worker: StudyWorker, key: int) -> StoredTrial:
    claim = worker.claim_new(key, NO_TRAINING, {}, {}, 2, "cpu", lambda connection: None)
    assert claim is not None
    return claim


def measured(worker: StudyWorker, claim: StoredTrial, label: str, value: float | None) -> bool:
    """Store a replicate of a trial that goes on."""
    place = made_place(worker.engine, OF, "mine.score")
    error = None if value is not None else "out of memory"
    one = Replicate("f", claim.key, "score", value, label, error=error)
    return worker.keep(claim, lambda c: put_replicates(c, worker.run_id, [one], place))


def test_a_replicate_of_a_trial_that_goes_on(stores: list[Engine]) -> None:
    worker = joined(stores[0])
    claim, other = claimed(worker, 7), claimed(worker, 8)
    assert measured(worker, claim, "1", 0.5)
    assert measured(worker, other, "1", 0.25)
    assert forget(stores[1], [("f", 7)], "score") == 1
    # The first replicate is part of how it would end.
    assert not measured(worker, claim, "2", 0.5)
    done = Ending("done", [{"numbers": {"score": {"score": 0.5}}}] * 2)
    assert worker.end(claim, done, lambda connection: None) is None
    again = worker.claim_left("cpu")
    assert again is not None
    assert (again.key, again.attempt, again.attempts) == (7, 2, 3)
    assert worker.end(again, done, lambda connection: None) is not None
    assert worker.end(other, done, lambda connection: None) is not None
    states = {one.key: one.state for one in changed_trials(stores[0], worker.study_id, 0)[1]}
    assert states == {7: "done", 8: "done"}


def test_a_trial_of_which_nothing_was_measured_goes_on(stores: list[Engine]) -> None:
    worker = joined(stores[0])
    claim, other = claimed(worker, 7), claimed(worker, 8)
    assert measured(worker, other, "1", 0.25)
    assert forget(stores[1], [("f", 7), ("f", 8)], "score") == 1
    assert worker.end(claim, Ending("done"), lambda connection: None) is not None


def test_a_failure_of_another_replicate_than_the_outcome_that_is_forgotten(
    stores: list[Engine],
) -> None:
    worker = joined(stores[0])
    claim = claimed(worker, 7)
    assert measured(worker, claim, "1", 0.5)
    assert forget(stores[1], [("f", 7)], "score", "failed") == 0
    assert measured(worker, claim, "2", None)
    assert forget(stores[1], [("f", 7)], "score", "failed") == 1
    assert worker.end(claim, Ending("failed"), lambda connection: None) is None


def test_a_replicate_that_is_stored_while_its_network_is_forgotten(stores: list[Engine]) -> None:
    worker = joined(stores[0])
    claim = claimed(worker, 7)
    kept: list[bool] = []
    keeping = threading.Thread(target=lambda: kept.append(measured(worker, claim, "1", 0.5)))

    @event.listens_for(stores[1], "before_cursor_execute")
    def keep_first(*given: object) -> None:
        if str(given[2]).startswith("DELETE"):
            keeping.start()
            keeping.join(WAITING)

    number = forget(stores[1], [("f", 7)], "score")
    keeping.join()
    ended = worker.end(claim, Ending("done"), lambda connection: None)
    # Either it was not there to be forgotten, or the trial does not stand on it.
    assert kept == [True]
    assert (number, ended is None) in [(0, False), (1, True)]
