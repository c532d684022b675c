"""Tasks in child processes, none of which takes this one along when it dies or hangs."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Generic, TypeVar

from dse.errors import DseError
from dse.execution.child_process import GONE, ChildProcess, start_child

Task = TypeVar("Task")
Result = TypeVar("Result")

Tell = Callable[[Any], Any]
"""Sends news of a task to the pool's process and returns what that answers."""
Handle = Callable[[Task, Tell], Result]
"""What a child does with each task."""


@dataclass(frozen=True)
class Ended:
    """A task that has no result."""

    reason: str
    """Such as `was killed by SIGKILL`, or that it took too long."""
    took_too_long: bool = False


@dataclass
class _Worker(Generic[Task]):
    child: ChildProcess
    tasks: list[Task] = field(default_factory=list)
    """The one that it works on, if any."""
    deadline: float | None = None
    is_ready: bool = False


class ProcessPool(Generic[Task, Result]):
    """A number of child processes; a context that ends them when it is left.

    Args:
        make: called in each child, with the arguments; returns what it does with a task. A
            function of a module, as all that goes to a child is pickled.
        arguments: of `make`.
        what: the processes are for, such as `for evaluations`, as messages say it.
        number: of processes; None for one a processor.
        time_limit: seconds that a task may take, and None for no limit.
    """

    def __init__(
        self,
        make: Callable[..., Handle[Task, Result]],
        *arguments: Any,
        what: str,
        number: int | None = None,
        time_limit: float | None = None,
    ) -> None:
        self.number = number or os.cpu_count() or 1
        self._make = make
        self._arguments = arguments
        self._what = what
        self._time_limit = time_limit
        self._workers: list[_Worker[Task]] = []

    def __enter__(self) -> ProcessPool[Task, Result]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.child.kill()

    def run(
        self,
        next_task: Callable[[], Task | None],
        answer: Callable[[Task, Any], Any] = lambda task, news: None,
    ) -> Iterator[tuple[Task, Result | Ended]]:
        """Yield tasks with their results as they are done.

        A process that dies costs its task alone; another one takes its place.

        Args:
            next_task: called where a process is free; None where there is no task at the moment.
                It is asked again after each result, so that a task may follow from another one.
            answer: called with the news that a task tells; what it returns is told to the task.

        Raises:
            DseError: where a process ends before it can take a task.
        """
        while True:
            self._give_out(next_task)
            busy = {worker.child.connection: worker for worker in self._workers if worker.tasks}
            if not busy:
                return
            for worker in self._with_news(busy):
                found = self._received(worker, answer)
                if found:
                    yield worker.tasks.pop(), found[0]

    def _give_out(self, next_task: Callable[[], Task | None]) -> None:
        while True:
            idle = next((worker for worker in self._workers if not worker.tasks), None)
            if idle is None and len(self._workers) == self.number:
                return
            task = next_task()
            if task is None:
                return
            if idle is None:
                idle = _Worker(start_child(self._make, *self._arguments))
                self._workers.append(idle)
            idle.tasks.append(task)
            if idle.is_ready:
                self._send(idle)

    def _send(self, worker: _Worker[Task]) -> None:
        # That a process has ended is found when its answer is received.
        with contextlib.suppress(*GONE):
            worker.child.connection.send(worker.tasks[0])
        if self._time_limit is not None:
            worker.deadline = time.monotonic() + self._time_limit

    def _with_news(self, busy: dict[Connection, _Worker[Task]]) -> list[_Worker[Task]]:
        """Wait for news of a worker, or for the first deadline."""
        deadlines = [worker.deadline for worker in busy.values() if worker.deadline is not None]
        left = max(0.0, min(deadlines) - time.monotonic()) if deadlines else None
        ready = [busy[connection] for connection in wait(list(busy), left)]  # type: ignore[index]
        if not ready:
            now = time.monotonic()
            ready = [w for w in busy.values() if w.deadline is not None and w.deadline <= now]
        return ready

    def _received(
        self, worker: _Worker[Task], answer: Callable[[Task, Any], Any]
    ) -> tuple[Result | Ended, ...]:
        """Return what came of a worker's task, in a tuple; an empty one where it goes on."""
        connection = worker.child.connection
        if not connection.poll():
            self._end(worker)
            reason = f"took longer than the time limit of {self._time_limit:g} s"
            return (Ended(reason, took_too_long=True),)
        try:
            message = connection.recv()
        except GONE as error:
            how = self._end(worker)
            if not worker.is_ready:
                raise DseError(f"a process {self._what} {how}") from error
            return (Ended(how),)
        if not worker.is_ready:
            worker.is_ready = True
            self._send(worker)
            return ()
        is_result, content = message
        if is_result:
            worker.deadline = None
            return (content,)
        connection.send(answer(worker.tasks[0], content))
        return ()

    def _end(self, worker: _Worker[Task]) -> str:
        """End a worker and say how it came to its end."""
        self._workers.remove(worker)
        return worker.child.end()
