"""Work as bytes, for processes that pass it on and load nothing of what it needs."""

from __future__ import annotations

import contextlib
import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dse.execution.task_pool import TaskPlace, Tell, Work
from dse.execution.worker_events import Done, Event, News

_OWN = "DSE_"
"""What the environment variables begin with that dse reads, such as those of limits."""


@dataclass(frozen=True)
class SealedWork:
    """The work of a pool, and what a worker on another machine shares with this process."""

    content: bytes
    path: tuple[str, ...]
    loads: tuple[str, ...]
    directory: str
    variables: dict[str, str]


def sealed(work: Work[Any, Any]) -> SealedWork:
    """Return work as it is sent to a process that only passes it on to its child."""
    return SealedWork(
        pickle.dumps((work.make, work.arguments)),
        work.path,
        work.loads,
        os.getcwd(),
        {name: value for name, value in os.environ.items() if name.startswith(_OWN)},
    )


def opened(event: Event) -> Event:
    """Return what was heard of a worker of sealed work, with its content opened."""
    match event:
        case News(content):
            return News(pickle.loads(content))
        case Done(result):
            return Done(pickle.loads(result))
    return event


def handler(place: TaskPlace, work: SealedWork) -> Callable[[bytes, Tell], bytes]:
    """Return what does sealed tasks; the `make` of the child that does them."""
    os.environ.update(work.variables)
    # Where the machines do not share it, relative paths mean nothing there.
    with contextlib.suppress(OSError):
        os.chdir(work.directory)
    make, arguments = pickle.loads(work.content)
    handle = make(place, *arguments)

    def done(task: bytes, tell: Tell) -> bytes:
        return pickle.dumps(
            handle(pickle.loads(task), lambda news: pickle.loads(tell(pickle.dumps(news))))
        )

    return done
