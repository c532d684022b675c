"""Stores candidates that were worked out as trials of a study, many in one transaction."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from dse.search.evaluations import TrialRecorder, evaluate, pool_point, verdict_of
from dse.search.outcomes import Job, Outcome
from dse.search.pools import Pool
from dse.space import CostedPoint
from dse.store import NO_TRAINING, Ending, StudyWorker, now

_TOGETHER = 500
"""Trials of a transaction; others wait for its end."""


def store_found(
    worker: StudyWorker, recorder: TrialRecorder, pool: Pool, there: Collection[int]
) -> None:
    """Store the candidates of a pool as trials that have ended, in its order.

    Args:
        worker: this process, as the study knows it.
        recorder: of measurements, which costs are here: nothing is run for them.
        pool: the candidates.
        there: keys of networks that are known or that the study has, which are left as they are.
    """
    keys = [key for key in pool.keys.tolist() if key not in there]
    for start in range(0, len(keys), _TOGETHER):
        _store(worker, recorder, pool, keys[start : start + _TOGETHER])


def _store(worker: StudyWorker, recorder: TrialRecorder, pool: Pool, keys: list[int]) -> None:
    points = [pool_point(recorder.space, pool, key) for key in keys]
    outcomes = [_measured(recorder, point) for point in points]

    def write(connection: Connection) -> None:
        for point, some in zip(points, outcomes, strict=True):
            recorder.put(connection, point)
            for seed, outcome in zip(recorder.seeds, some, strict=True):
                recorder.put_outcome(connection, point, seed, outcome)

    started = now()
    endings = [_ending(recorder, some, started) for some in outcomes]
    worker.put_ended(list(zip(keys, endings, strict=True)), NO_TRAINING, write)
    for point in points:
        recorder.is_stored(point)


def _measured(recorder: TrialRecorder, point: CostedPoint) -> list[Outcome]:
    measures, device = recorder.objective.measures, recorder.device
    return [
        evaluate(Job(point, measures, device, seed), lambda step, value: False)
        for seed in recorder.seeds
    ]


def _ending(recorder: TrialRecorder, outcomes: list[Outcome], started: str) -> Ending:
    verdict = verdict_of(recorder.objective, outcomes)
    return Ending(verdict.state, [one.plain() for one in outcomes], verdict.error, started)
