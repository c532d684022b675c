"""Processes share a study: each trial is evaluated once, whatever becomes of who holds it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from dse.errors import DseError
from dse.store import (
    NO_TRAINING,
    Ending,
    StoredStudy,
    StoredTrial,
    StudyWorker,
    changed_trials,
    enter_study,
    find_study,
    join_study,
    open_store,
    read_studies,
    start_run,
    trial_reports,
)
from dse.store.opening.database import reading, writing

DONE = Ending("done", [{"numbers": {"score": {"score": 1.0}}}])


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    engine = open_store(store_url)
    yield engine
    engine.dispose()


def entered(engine: Engine, trials: int = 100) -> StoredStudy:
    run = start_run(engine, "dse search", {}, {})
    return enter_study(engine, 7, "f: score", "f", {"seed": 0}, [3, 4], trials, run)


def joined(engine: Engine, study: StoredStudy, lease: float = 60, **options: object) -> StudyWorker:
    return join_study(engine, study.id, study.run_id, lease, **options)  # type: ignore[arg-type]


def claimed(worker: StudyWorker, key: int, attempts: int = 2) -> StoredTrial | None:
    seen = {"trials": 0, "last": 0, "claims": []}
    return worker.claim_new(key, NO_TRAINING, seen, {}, attempts, "cpu", lambda connection: None)


def ended(worker: StudyWorker, claim: StoredTrial, ending: Ending = DONE) -> bool:
    return worker.end(claim, ending, lambda connection: None) is not None


def trials(engine: Engine, study: StoredStudy) -> list[StoredTrial]:
    return changed_trials(engine, study.id, 0)[1]


def test_a_study_is_entered_once_and_grows_with_what_is_asked(engine: Engine) -> None:
    first, second = entered(engine, 20), entered(engine, 10)
    assert (first.id, first.known, second.trials) == (second.id, (3, 4), 20)
    assert entered(engine, 30).trials == 30
    assert find_study(engine, first.id).name == "f: score"
    with pytest.raises(DseError, match=f"no study 99; the store holds ids from {first.id}"):
        find_study(engine, 99)


def test_a_candidate_is_claimed_once_and_no_more_than_are_wanted(engine: Engine) -> None:
    study = entered(engine, 2)
    one, other = joined(engine, study), joined(engine, study)
    first = claimed(one, 11)
    assert first is not None
    assert (first.number, first.attempt) == (0, 1)
    assert claimed(other, 11) is None
    assert claimed(other, 12) is not None
    assert claimed(one, 13) is None, "the study is to have two trials"
    assert ended(one, first)
    assert claimed(other, 11) is None, "it is done"
    assert [each.state for each in trials(engine, study)] == ["done", "claimed"]


def test_what_changed_is_read_in_the_order_in_which_it_did(engine: Engine) -> None:
    study = entered(engine)
    worker = joined(engine, study)
    claims = [claimed(worker, key) for key in (21, 22, 23)]
    change, found = changed_trials(engine, study.id, 0)
    assert [one.key for one in found] == [21, 22, 23]
    assert changed_trials(engine, study.id, change) == (change, [])
    for claim in (claims[2], claims[0]):
        assert claim is not None
        assert ended(worker, claim)
    _, found = changed_trials(engine, study.id, change)
    by_end = sorted(found, key=lambda one: one.ended or 0)
    assert [one.key for one in by_end] == [23, 21]


@pytest.mark.parametrize("attempts", [2, 3])
def test_a_trial_whose_worker_is_silent_is_given_again_as_often_as_it_may_be(
    engine: Engine, attempts: int
) -> None:
    study = entered(engine)
    held = []
    for attempt in range(1, attempts + 1):
        silent = joined(engine, study, lease=0.05)
        claim = claimed(silent, 31, attempts) if attempt == 1 else silent.claim_left("cpu")
        assert claim is not None
        assert claim.attempt == attempt
        held.append((silent, claim))
        time.sleep(0.1)
    for silent, claim in held[:-1]:
        assert not ended(silent, claim), "a result of an older attempt is refused"
        assert silent.try_again(claim) is None
    assert joined(engine, study).claim_left("cpu") is None
    (found,) = trials(engine, study)
    assert (found.state, found.attempt) == ("failed", attempts)
    assert found.error == f"its worker gave no sign of life ({attempts} attempts)"


def test_who_shows_signs_of_life_keeps_what_it_holds(engine: Engine) -> None:
    study = entered(engine)
    worker, other = joined(engine, study, lease=0.4), joined(engine, study)
    claim = claimed(worker, 41)
    assert claim is not None
    for _ in range(4):
        time.sleep(0.2)
        worker.renew()
        assert other.claim_left("cpu") is None
    worker.begin(claim, "2026-01-01T00:00:00.000000Z")
    assert [one.state for one in trials(engine, study)] == ["running"]
    assert ended(worker, claim)


def test_who_leaves_gives_back_what_it_holds_and_the_attempt_does_not_count(
    engine: Engine,
) -> None:
    study = entered(engine)
    for attempt in range(1, 5):
        worker = joined(engine, study)
        claim = claimed(worker, 51) or worker.claim_left("cpu")
        assert claim is not None
        assert (claim.attempt, claim.attempts) == (attempt, attempt + 1)
        worker.leave()
        assert not ended(worker, claim), "it was given back"


def test_an_attempt_that_failed_is_followed_by_the_next(engine: Engine) -> None:
    study = entered(engine)
    worker = joined(engine, study)
    first = claimed(worker, 61)
    assert first is not None
    worker.report(first, 1, 0.25, None)
    second = worker.try_again(first)
    assert second is not None
    assert second.attempt == 2
    assert not ended(worker, first)
    worker.report(second, 1, 0.5, {"trial": {"rung": 1}})
    assert ended(worker, second)
    (found,) = trials(engine, study)
    assert trial_reports(engine, [found.id]) == {found.id: {1: 0.5}}
    assert found.notes == {"trial": {"rung": 1}}


def test_only_who_is_alone_opens_trials_again(engine: Engine) -> None:
    study = entered(engine)
    worker = joined(engine, study)
    for key, ending in ((71, DONE), (72, Ending("failed", [{"error": "it broke"}], "it broke"))):
        claim = claimed(worker, key)
        assert claim is not None
        assert ended(worker, claim, ending)
    joined(engine, study, again=("failed",)).leave()
    assert [one.state for one in trials(engine, study)] == ["done", "failed"]
    worker.leave()
    alone = joined(engine, study, again=("failed",), attempts=2)
    assert [one.state for one in trials(engine, study)] == ["done", "waiting"]
    claim = alone.claim_left("cpu")
    assert claim is not None
    assert (claim.key, claim.attempt, claim.attempts) == (72, 2, 3)


def test_studies_are_listed_with_who_works_on_them(engine: Engine) -> None:
    study = entered(engine)
    worker, gone = joined(engine, study), joined(engine, study, lease=0.01)
    for key in (81, 82):
        claim = claimed(worker, key)
        assert claim is not None
    assert ended(worker, claim)
    assert claimed(gone, 83) is not None
    time.sleep(0.05)
    (row,) = read_studies(engine)
    assert (row["done"], row["claimed"], row["workers"]) == (1, 2, 1)


def start(url: str, *numbers: float) -> subprocess.Popen[str]:
    words = [url, *map(str, numbers)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.study_worker", *words],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    )


def told(processes: list[subprocess.Popen[str]]) -> list[list[str]]:
    """Return what processes said, word by word, once they have ended."""
    lines = [line for each in processes for line in each.communicate()[0].splitlines()]
    return [line.split() for line in lines]


def measured(engine: Engine) -> list[int]:
    with reading(engine) as connection:
        return list(connection.execute(text("select key from replicate order by key")).scalars())


def test_killed_stopped_and_disconnected_processes_lose_and_repeat_nothing(
    store_url: str, engine: Engine
) -> None:
    disturb(store_url, engine, random.Random(store_url.partition(":")[0]))


def disturb(url: str, engine: Engine, draw: random.Random) -> None:
    """Kill, stop and disconnect processes that share a study; check that it ends as it should."""
    networks, lease = 60, 0.8
    study = entered(engine, networks)
    running = [start(url, study.id, networks, 0.03, lease) for _ in range(3)]
    for each in running:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    gone, stopped = [], []
    for what in draw.sample(("kill", "stop", "disconnect", "kill", "stop"), 5):
        time.sleep(draw.uniform(0.02, 0.15))
        victim = running.pop(0)
        if what == "disconnect":
            running.append(victim)
            if engine.dialect.name == "postgresql":
                with writing(engine) as connection:
                    connection.execute(text(TERMINATE))
            continue
        victim.send_signal(signal.SIGKILL if what == "kill" else signal.SIGSTOP)
        (gone if what == "kill" else stopped).append(victim)
        running.append(start(url, study.id, networks, 0.03, lease))
    time.sleep(1.5 * lease)
    for each in stopped:
        each.send_signal(signal.SIGCONT)
    words = [said for said in told([*gone, *running, *stopped]) if len(said) > 1]
    assert all(each.returncode == 0 for each in (*running, *stopped))
    found = trials(engine, study)
    assert [(one.number, one.state) for one in found] == [(n, "done") for n in range(networks)]
    assert measured(engine) == list(range(1, networks + 1))
    stored = Counter(key for what, key, _ in words if what == "stored")
    assert set(stored.values()) == {1}, "no finished evaluation is repeated"
    claims = Counter((key, attempt) for what, key, attempt in words if what == "claimed")
    assert set(claims.values()) == {1}, "no attempt is held by two"


TERMINATE = """select pg_terminate_backend(pid) from pg_stat_activity
    where pid <> pg_backend_pid() and datname = current_database()"""
