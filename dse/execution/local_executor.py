"""Tasks in child processes of this one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Any

from dse.execution.child_process import ChildProcess, start_child
from dse.execution.executor import Executor
from dse.execution.task_pool import Handle, Result, Task, TaskPlace, TaskPool, Work
from dse.execution.worker_events import Event, Ready, Stopped


@dataclass(frozen=True)
class LocalExecutor(Executor):
    """Processes of this machine, which share its devices and its processors."""

    devices: tuple[str, ...] = ("auto",)
    """As PyTorch names them; handed round."""
    per_device: int = 1
    """Tasks at a time on one device, where no other number is asked for."""

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        self._check_positive("per_device")

    def places(self, workers: int | None) -> int:
        """Return how many tasks run at once: by default, those that the devices take."""
        return len(self.devices) * self.per_device if workers is None else workers

    @property
    def device_kind(self) -> str:
        """The kind of the devices, such as `cuda`."""
        return self.devices[0].partition(":")[0]

    def _pool(self, work: Work[Task, Result], number: int | None) -> TaskPool[Task, Result]:
        places = number or processors()
        threads = max(1, processors() // places)
        devices = [self.devices[place % len(self.devices)] for place in range(places)]
        return LocalPool(work, [TaskPlace(device, threads) for device in devices])


class LocalPool(TaskPool[Task, Result]):
    """Child processes that are kept from task to task."""

    def __init__(
        self, work: Work[Task, Result], places: Sequence[TaskPlace], are_copies: bool = False
    ) -> None:
        super().__init__(work, places)
        self._are_copies = are_copies
        self._children: dict[int, ChildProcess] = {}
        self._unsent: dict[int, Task] = {}
        """Tasks whose children are not ready yet."""

    def _open(self) -> None:
        """Children are started with the first tasks."""

    def _start(self, handed: Mapping[int, Task]) -> None:
        for place, task in handed.items():
            if place in self._children:
                self._children[place].send(task)
                continue
            self._unsent[place] = task
            work, where = self._work, self._places[place]
            self._children[place] = start_child(
                work.make,
                where,
                *work.arguments,
                path=work.path,
                loads=work.loads,
                is_copy=self._are_copies,
            )

    def _wait(self, seconds: float | None) -> Iterator[tuple[int, Event]]:
        sources: dict[Any, int] = {}
        for place, child in self._children.items():
            sources |= {child.connection: place, child.process.sentinel: place}
        for place in sorted({sources[source] for source in wait(list(sources), seconds)}):
            event = self._children[place].hear()
            if isinstance(event, Ready):
                self._children[place].send(self._unsent.pop(place))
                continue
            if isinstance(event, Stopped):
                del self._children[place]
                self._unsent.pop(place, None)
            yield place, event

    def _answer(self, place: int, content: Any) -> None:
        self._children[place].send(content)

    def _end(self, place: int) -> None:
        self._children.pop(place).kill()

    def _close(self) -> None:
        while self._children:
            self._children.popitem()[1].kill()


def pool_of_copies(
    make: Callable[..., Handle[Task, Result]], *arguments: Any, what: str, number: int
) -> TaskPool[Task, Result]:
    """Return a pool of forks of this process, which have all that it has loaded and made.

    They start at once, and must not use what is of this process alone: connections, devices. Where
    `can_be_copied` says no, there may be none.

    Args:
        make: as for `Executor.pool`; like its arguments, it need not be pickled.
        arguments: of `make`.
        what: as for `Executor.pool`.
        number: of tasks at once.
    """
    places = [TaskPlace("cpu", threads=1)] * number
    return LocalPool(Work(make, arguments, what), places, are_copies=True)


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
