"""Tasks in workers elsewhere, none of which takes this process along when it dies or hangs."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from dse.errors import DseError
from dse.execution.worker_events import Began, Done, Event, News, Raised, Stopped, Unmade

Task = TypeVar("Task")
Result = TypeVar("Result")

Tell = Callable[[Any], Any]
"""Sends news of a task to the pool's process and returns what that answers."""
Handle = Callable[[Task, Tell], Result]
"""What a worker does with each task."""

_STARTS = 3
"""Workers that may end before they have begun one and the same task."""


@dataclass(frozen=True)
class Ended:
    """A task that has no result.

    It was tried once: whether it is tried again is for the caller to say, who knows how often it
    may be, and holds what a second attempt needs.
    """

    reason: str
    """Such as `was killed by SIGKILL`, or that it took too long."""
    took_too_long: bool = False


@dataclass(frozen=True)
class TaskPlace:
    """Where a task runs."""

    device: str
    """As PyTorch names it; `auto` is for the one who uses it to find."""
    threads: int | None
    """Threads that are its share of the processors; None where that is not known."""


@dataclass(frozen=True)
class Work(Generic[Task, Result]):
    """What the workers of a pool are for."""

    make: Callable[..., Handle[Task, Result]]
    """Called in each worker with its place and the arguments; returns what it does with a task. A
    function of a module, as all that goes to a worker is pickled."""
    arguments: tuple[Any, ...]
    what: str
    """Such as `for evaluations`, as messages say it."""
    time_limit: float | None = None
    """Seconds that a task may take."""
    path: tuple[str, ...] = ()
    """Directories of modules that `make`, its arguments and the tasks need."""
    loads: tuple[str, ...] = ()
    """Modules that workers need beside that of `make`."""


@dataclass
class _Running(Generic[Task]):
    task: Task
    starts: int = 1
    """Workers that were given it."""
    has_begun: bool = False
    deadline: float | None = None


class TaskPool(ABC, Generic[Task, Result]):
    """A number of places for tasks; a context that ends all that it started when it is left.

    A kind of executor says how a task is started in a place, what is heard of it, how it is told
    answers, and how it is ended; what follows from that is the same for all.

    Args:
        work: what is done.
        places: where. Each has one task at a time.
    """

    def __init__(self, work: Work[Task, Result], places: Sequence[TaskPlace]) -> None:
        self.number = len(places)
        self._work = work
        self._places = places
        self._running: dict[int, _Running[Task]] = {}
        self._heard: deque[tuple[int, Event | _Late]] = deque()
        self._again: deque[_Running[Task]] = deque()
        """Tasks whose workers ended before they had begun."""
        self._can_begin = False
        """Whether any worker has begun a task, so that there is nothing wrong with the work."""

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def run(
        self,
        next_task: Callable[[], Task | None],
        answer: Callable[[Task, Any], Any] = lambda task, news: None,
    ) -> Iterator[tuple[Task, Result | Ended]]:
        """Yield tasks with their results as they are done.

        A worker that dies costs its task alone; another one takes its place.

        Args:
            next_task: called where a place is free; None where there is no task at the moment.
                It is asked again after each result, so that a task may follow from another one.
            answer: called with the news that a task tells; what it returns is told to the task.

        Raises:
            DseError: where `make` raises an error, or no worker comes to begin a task.
        """
        while True:
            self._hand_out(next_task)
            if not self._running:
                return
            if not self._heard:
                self._heard.extend(self._listen())
            while self._heard:
                place, event = self._heard.popleft()
                if place not in self._running:
                    continue
                task = self._running[place].task
                for found in self._outcome(place, event, answer):
                    del self._running[place]
                    yield task, found

    @abstractmethod
    def _open(self) -> None:
        """Make ready what tasks are started by; where it fails, leave nothing of it."""

    @abstractmethod
    def _start(self, handed: Mapping[int, Task]) -> None:
        """Start tasks that are handed out at once, by the number of their place."""

    @abstractmethod
    def _wait(self, seconds: float | None) -> Iterable[tuple[int, Event]]:
        """Return what is heard of places, at the latest after some seconds; None is for ever."""

    @abstractmethod
    def _answer(self, place: int, content: Any) -> None:
        """Tell the task of a place the answer to its news."""

    @abstractmethod
    def _end(self, place: int) -> None:
        """End the task of a place at once, so that nothing is heard of it any more."""

    @abstractmethod
    def _close(self) -> None:
        """End all that was started."""

    def _hand_out(self, next_task: Callable[[], Task | None]) -> None:
        handed: dict[int, Task] = {}
        for place in range(self.number):
            if place not in self._running:
                running = self._again.popleft() if self._again else _asked(next_task)
                if running is None:
                    break
                self._running[place] = running
                handed[place] = running.task
        if handed:
            self._start(handed)

    def _listen(self) -> Iterator[tuple[int, Event | _Late]]:
        """Yield what is heard, at the latest at the first deadline, and whose task is too late."""
        deadlines = [r.deadline for r in self._running.values() if r.deadline is not None]
        heard = list(self._wait(max(0.0, min(deadlines) - time.monotonic()) if deadlines else None))
        yield from heard
        now = time.monotonic()
        ended = {place for place, event in heard if not isinstance(event, Began | News)}
        for place, running in self._running.items():
            if running.deadline is not None and running.deadline <= now and place not in ended:
                yield place, _Late()

    def _outcome(
        self, place: int, event: Event | _Late, answer: Callable[[Task, Any], Any]
    ) -> tuple[Result | Ended, ...]:
        """Return what came of a place's task, in a tuple; an empty one where it goes on."""
        running = self._running[place]
        match event:
            case Began():
                running.has_begun = self._can_begin = True
                if self._work.time_limit is not None:
                    running.deadline = time.monotonic() + self._work.time_limit
            case News(content):
                self._answer(place, answer(running.task, content))
            case Done(result):
                return (result,)
            case Raised(reason):
                return (Ended(f"failed: {reason}"),)
            case Unmade(reason):
                raise DseError(f"a process {self._work.what} cannot start: {reason}")
            case Stopped(how) if running.has_begun:
                return (Ended(how),)
            case Stopped(how) if running.starts < _STARTS:
                del self._running[place]
                self._again.append(replace(running, starts=running.starts + 1))
            case Stopped(how) if self._can_begin:
                return (Ended(how),)
            case Stopped(how):
                raise DseError(f"a process {self._work.what} {how}")
            case _Late():
                self._end(place)
                reason = f"took longer than the time limit of {self._work.time_limit:g} s"
                return (Ended(reason, took_too_long=True),)
        return ()


def _asked(next_task: Callable[[], Task | None]) -> _Running[Task] | None:
    task = next_task()
    return None if task is None else _Running(task)


@dataclass(frozen=True)
class _Late:
    """The time limit of a task has passed."""
