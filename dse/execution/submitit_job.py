"""A job: passes its task on to a child process, and what that tells to the one who submitted it."""

from __future__ import annotations

import os
import time

from dse.execution.child_process import ChildProcess, start_child
from dse.execution.job_files import JobFiles
from dse.execution.sealed_work import handler
from dse.execution.task_pool import TaskPlace
from dse.execution.worker_events import Began, News, Ready


def do_job(files: JobFiles, job: str, place: TaskPlace, patience: float, pause: float) -> None:
    """Do the task of a job, as long as that is wanted and the one who wants it lives.

    Args:
        files: of the jobs.
        job: its name.
        place: where it runs.
        patience: seconds without a sign of life of the one who submitted it after which it ends.
        pause: seconds between looks at the files.
    """
    work = files.work()
    watch = _Watch(files, job, patience)
    child = start_child(handler, place, work, path=work.path, loads=work.loads)
    try:
        _pass_on(files, job, child, watch, pause)
    finally:
        child.kill()


def _pass_on(files: JobFiles, job: str, child: ChildProcess, watch: _Watch, pause: float) -> None:
    number, awaits_answer = 0, False
    while watch.is_wanted():
        if awaits_answer:
            for content in files.answered(job, number):
                child.send(content)
                awaits_answer = False
        event = child.hear_within(pause)
        if event is None:
            continue
        if isinstance(event, Ready):
            child.send(files.task(job))
            continue
        number += 1
        files.tell(job, number, event)
        awaits_answer = isinstance(event, News)
        if not isinstance(event, Began | News):
            return


class _Watch:
    """Looks whether a job is wanted by a process that lives."""

    def __init__(self, files: JobFiles, job: str, patience: float) -> None:
        self._files = files
        self._job = job
        self._patience = patience
        self._sign = self._last_sign()
        self._seen = time.monotonic()

    def is_wanted(self) -> bool:
        sign, now = self._last_sign(), time.monotonic()
        if sign not in (None, self._sign):
            self._sign, self._seen = sign, now
        return now - self._seen < self._patience and self._files.is_wanted(self._job)

    def _last_sign(self) -> int | None:
        try:
            # Opened, as of a file that is not open its attributes of some time ago may be known.
            with self._files.alive.open("rb") as file:
                return os.fstat(file.fileno()).st_mtime_ns
        except OSError:
            return None
