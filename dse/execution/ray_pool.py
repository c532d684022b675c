"""A pool whose places are actors of Ray."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import (
    OutOfMemoryError,
    RayActorError,
    RayTaskError,
    RuntimeEnvSetupError,
)

from dse.execution.child_process import start_child
from dse.execution.ray_cluster import RayCluster
from dse.execution.sealed_work import SealedWork, handler, opened, sealed
from dse.execution.task_pool import Result, Task, TaskPlace, TaskPool, Work
from dse.execution.worker_events import Began, Event, News, Ready, Stopped, Unmade

_ENDING = 5.0
"""Seconds that actors are given to end their children."""


class RayWorker:
    """An actor of Ray, whose child does tasks; it passes on one thing at a time.

    It ends its child when it is told to: Ray, where it ends an actor, leaves some processes behind.

    Args:
        place: where it is, as the child is told.
        work: what is done.
    """

    def __init__(self, place: TaskPlace, work: SealedWork) -> None:
        self._child = start_child(handler, place, work, path=work.path, loads=work.loads)

    def hear(self, content: bytes | None = None) -> Event:
        """Send the child a task or an answer, if any, and return the next that is heard of it."""
        if content is not None:
            self._child.send(content)
        event = self._child.hear_within(None)
        assert event is not None
        return event

    def end(self) -> None:
        """End the child and all that it has started, also while something is to be heard of it."""
        self._child.kill()


@dataclass(eq=False)
class _Actor:
    handle: Any
    has_child: bool = False
    place: int | None = None
    """Whose task it has."""


class RayPool(TaskPool[Task, Result]):
    """Actors that are kept from task to task.

    A task goes to the first actor that is free, wherever that is: one that Ray finds no room for,
    as when a machine was lost, keeps no task waiting.

    Args:
        work: what is done.
        places: how many actors there may be.
        address: of Ray.
        cpus: of each.
        gpus: of each.
    """

    def __init__(
        self,
        work: Work[Task, Result],
        places: Sequence[TaskPlace],
        address: str | None,
        cpus: float,
        gpus: float,
    ) -> None:
        super().__init__(work, places)
        self._cluster = RayCluster(address, work.path, at_least=cpus * len(places))
        self._needs = {"num_cpus": cpus, "num_gpus": gpus}
        self._actors: set[_Actor] = set()
        self._idle: list[_Actor] = []
        self._heard_of: dict[Any, _Actor] = {}
        """Actors by what is to be heard of them, which is there sooner or later."""
        self._waiting: deque[tuple[int, bytes]] = deque()
        """Tasks that no actor has yet, with their places."""

    def _open(self) -> None:
        with ExitStack() as stack:
            stack.enter_context(self._cluster)
            self._cluster.room(*self._needs.values())
            self._opened = stack.pop_all()
        options = {"max_restarts": 0, "max_task_retries": 0, "max_concurrency": 2}
        self._kind = ray.remote(**options, **self._needs)(RayWorker)
        self._sealed = ray.put(sealed(self._work))

    def _start(self, handed: Mapping[int, Task]) -> None:
        self._waiting.extend((place, pickle.dumps(task)) for place, task in handed.items())
        self._give_out()

    def _give_out(self) -> None:
        while self._waiting and self._idle:
            actor = self._idle.pop()
            actor.place, task = self._waiting.popleft()
            self._listen_to(actor, task)
        starting = sum(actor.place is None for actor in self._heard_of.values())
        for _ in range(min(len(self._waiting) - starting, self.number - len(self._actors))):
            actor = _Actor(self._kind.remote(self._places[0], self._sealed))
            self._actors.add(actor)
            self._listen_to(actor)

    def _listen_to(self, actor: _Actor, content: bytes | None = None) -> None:
        self._heard_of[actor.handle.hear.remote(content)] = actor

    def _wait(self, seconds: float | None) -> Iterator[tuple[int, Event]]:
        ready, _ = ray.wait(list(self._heard_of), num_returns=1, timeout=seconds)
        for reference in ready:
            actor = self._heard_of.pop(reference)
            actor.has_child = True
            yield from self._taken(actor, _event(reference))

    def _taken(self, actor: _Actor, event: Event) -> Iterator[tuple[int, Event]]:
        place = actor.place
        match event:
            case Stopped() | Unmade():
                # Its child has ended, or cannot be told to.
                actor.has_child = False
                self._remove(actor)
                if place is not None:
                    # It had its task, though that it began may be lost with it.
                    yield place, Began()
                elif self._waiting:
                    # It was started for one of those that wait.
                    place, _ = self._waiting.popleft()
            case Began():
                self._listen_to(actor)
            case News():
                pass
            case _:
                actor.place = None
                self._idle.append(actor)
                self._give_out()
        if place is not None and not isinstance(event, Ready):
            yield place, opened(event)

    def _answer(self, place: int, content: Any) -> None:
        self._listen_to(self._actor_at(place), pickle.dumps(content))

    def _end(self, place: int) -> None:
        self._remove(self._actor_at(place))

    def _close(self) -> None:
        self._remove(*self._actors)
        self._opened.close()

    def _actor_at(self, place: int) -> _Actor:
        return next(actor for actor in self._actors if actor.place == place)

    def _remove(self, *actors: _Actor) -> None:
        ending = [actor.handle.end.remote() for actor in actors if actor.has_child]
        if ending:
            ray.wait(ending, num_returns=len(ending), timeout=_ENDING)
        for actor in actors:
            ray.kill(actor.handle)
        self._actors.difference_update(actors)
        self._idle = [actor for actor in self._idle if actor not in actors]
        self._heard_of = {r: a for r, a in self._heard_of.items() if a not in actors}


def _event(reference: Any) -> Event:
    try:
        event: Event = ray.get(reference)
        return event
    except OutOfMemoryError:
        return Stopped("was killed by Ray, as its machine ran out of memory")
    except (RayActorError, RayTaskError, RuntimeEnvSetupError) as error:
        # The message has ids of Ray's, and is another one each time.
        if isinstance(error, RayActorError) and not error.actor_init_failed:
            return Stopped("was lost with its machine or by Ray")
        return Unmade(str(error).strip().splitlines()[-1].strip())
