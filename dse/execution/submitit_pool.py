"""A pool whose places are jobs that submitit starts."""

from __future__ import annotations

import pickle
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import submitit
from submitit.core.utils import FailedJobError, FailedSubmissionError

from dse.code import reason_of
from dse.errors import DseError
from dse.execution.job_files import JobFiles, SignsOfLife
from dse.execution.sealed_work import opened, sealed
from dse.execution.submitit_job import do_job
from dse.execution.task_pool import Result, Task, TaskPlace, TaskPool, Work
from dse.execution.worker_events import Began, Event, News, Stopped


@dataclass(frozen=True)
class _Rhythm:
    """How a cluster is watched, in seconds."""

    files: float
    """Between looks at what jobs tell."""
    states: float
    """Between looks at whether jobs run."""
    lag: float
    """Within which what a job told last appears, when it runs no more."""


RHYTHMS = {"slurm": _Rhythm(0.5, 5.0, 30.0), "local": _Rhythm(0.05, 0.2, 0.0)}
"""The clusters that there may be."""
_ENDING = 10.0
"""Seconds that jobs of this machine are given to end by themselves."""


@dataclass
class _Job:
    name: str
    job: submitit.Job[None]
    told: int = 0
    """The number of what it told last."""
    gone_since: float | None = None
    """When it was found that it does not run."""


class SubmititPool(TaskPool[Task, Result]):
    """Jobs, one a task.

    Args:
        work: what is done.
        places: where.
        folder: for the files of jobs; the pool has a directory of its own there.
        cluster: of `RHYTHMS`.
        parameters: of submitit's executor.
        patience: seconds of silence after which jobs end.
    """

    def __init__(
        self,
        work: Work[Task, Result],
        places: Sequence[TaskPlace],
        folder: str,
        cluster: str,
        parameters: Mapping[str, Any],
        patience: float,
    ) -> None:
        super().__init__(work, places)
        self._files = JobFiles(Path(folder).absolute() / uuid.uuid4().hex)
        self._cluster = cluster
        self._rhythm = RHYTHMS[cluster]
        self._patience = patience
        self._names = map("{:06}".format, count())
        self._jobs: dict[int, _Job] = {}
        self._ending: list[submitit.Job[None]] = []
        """Jobs that are not waited for any more, but may still run."""
        self._next_look = 0.0
        self._settings = parameters
        self._signs = SignsOfLife(self._files, patience)

    def _open(self) -> None:
        with ExitStack() as at_failure:
            at_failure.callback(self._files.remove)
            self._executor = _executor(self._files.submitted, self._cluster, self._settings)
            self._files.create(sealed(self._work))
            at_failure.pop_all()
        self._signs.begin()

    def _start(self, handed: Mapping[int, Task]) -> None:
        names = dict(zip(handed, self._names, strict=False))
        for place, task in handed.items():
            self._files.give(names[place], pickle.dumps(task))
        rhythm = (self._patience, self._rhythm.files)
        try:
            with self._executor.batch():
                jobs = {
                    place: self._executor.submit(
                        do_job, self._files, names[place], self._places[place], *rhythm
                    )
                    for place in handed
                }
        except (FailedJobError, FailedSubmissionError, OSError) as error:
            raise DseError(f"jobs cannot be submitted: {reason_of(error)}") from error
        self._jobs.update({place: _Job(names[place], job) for place, job in jobs.items()})

    def _wait(self, seconds: float | None) -> list[tuple[int, Event]]:
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            # Looked for before the files are read: what it told last is among them.
            gone = self._gone()
            heard = list(self._told())
            heard += [(place, self._stopped(place)) for place in gone if place in self._jobs]
            left = self._rhythm.files if until is None else until - time.monotonic()
            if heard or left <= 0:
                return heard
            time.sleep(min(left, self._rhythm.files))

    def _told(self) -> Iterator[tuple[int, Event]]:
        places = {job.name: place for place, job in self._jobs.items()}
        for name, number, event in self._files.heard():
            if name in places:
                place = places[name]
                self._jobs[place].told = number
                if not isinstance(event, Began | News):
                    self._ending.append(self._jobs.pop(place).job)
                yield place, opened(event)

    def _gone(self) -> list[int]:
        """Return the places whose jobs do not run, and nothing is to be heard of any more."""
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + self._rhythm.states
            for job in self._jobs.values():
                if job.gone_since is None and job.job.done():
                    job.gone_since = now
        return [
            place
            for place, job in self._jobs.items()
            if job.gone_since is not None and now - job.gone_since >= self._rhythm.lag
        ]

    def _stopped(self, place: int) -> Stopped:
        job = self._jobs.pop(place).job
        lines = (job.stderr() or "").split("\n")
        said = next((f": {line}" for line in reversed(lines) if line.strip()), "")
        return Stopped(f"ended as {job.state}{said}")

    def _answer(self, place: int, content: Any) -> None:
        job = self._jobs.get(place)
        # It may have ended by now, which is heard next.
        if job is not None:
            self._files.answer(job.name, job.told, pickle.dumps(content))

    def _end(self, place: int) -> None:
        job = self._jobs.pop(place)
        self._files.end(job.name)
        self._ending.append(job.job)
        if self._cluster == "slurm":
            # It may not have begun, and so not look for itself.
            job.job.cancel(check=False)

    def _close(self) -> None:
        for place in list(self._jobs):
            self._end(place)
        if self._cluster == "local":
            self._wait_for_the_ending()
        self._signs.end()
        self._files.remove()

    def _wait_for_the_ending(self) -> None:
        until = time.monotonic() + _ENDING
        while any(not job.done() for job in self._ending) and time.monotonic() < until:
            time.sleep(self._rhythm.files)
        for job in self._ending:
            if not job.done():
                job.cancel()


def _executor(folder: Path, cluster: str, parameters: Mapping[str, Any]) -> submitit.AutoExecutor:
    try:
        executor = submitit.AutoExecutor(folder, cluster=cluster)
    except RuntimeError as error:
        raise DseError(f"executor.cluster: {cluster!r} is not here: {reason_of(error)}") from error
    try:
        executor.update_parameters(**parameters)
    except (NameError, AssertionError, ValueError) as error:
        raise DseError(f"executor.parameters: {reason_of(error)}") from error
    return executor
