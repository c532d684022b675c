"""Evaluates jobs in processes that may die or hang without taking the search with them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any

import torch

from dse.costs import COSTS, Cost, declared_costs
from dse.execution import GONE, ChildProcess, start_child
from dse.search.evaluation import Job, Outcome, evaluate, told_of_attempts
from dse.space import find_block


@dataclass
class _Worker:
    child: ChildProcess
    task: int = 0
    attempt: int = 1
    deadline: float | None = None
    is_ready: bool = False

    @property
    def connection(self) -> Connection:
        """The connection to its process."""
        return self.child.connection


class Workers:
    """A number of processes; a context that ends them when it is left.

    Args:
        number: of processes.
        time_limit: seconds that an evaluation may take, and None for no limit.
        attempts: how often an evaluation is tried that may pass when it is tried again.
    """

    def __init__(self, number: int, time_limit: float | None = None, attempts: int = 2) -> None:
        self._number = number
        self._time_limit = time_limit
        self._attempts = attempts
        self._idle: list[_Worker] = []
        self._started: list[_Worker] = []

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._started:
            worker.child.kill()

    def run(
        self,
        jobs: Sequence[Job],
        prunes: Callable[[int, int, float], bool],
        done: Callable[[int, Outcome], None],
    ) -> list[Outcome]:
        """Evaluate jobs, so many at a time as there are processes; outcomes in the jobs' order.

        Args:
            jobs: to evaluate.
            prunes: called with the number of a job, a step and a value that it reported; returns
                whether to give the job up.
            done: called with each job and its outcome as soon as there is one.
        """
        if jobs and not self._started:
            # All at once: each takes seconds to load PyTorch.
            self._idle = [self._start() for _ in range(min(self._number, len(jobs)))]
        outcomes: dict[int, Outcome] = {}
        waiting = [(task, 1) for task in reversed(range(len(jobs)))]
        running: dict[Any, _Worker] = {}
        while waiting or running:
            while waiting and len(running) < self._number:
                task, attempt = waiting.pop()
                worker = self._idle.pop() if self._idle else self._start()
                worker.task, worker.attempt = task, attempt
                if not worker.is_ready:
                    worker.child.await_ready("for evaluations")
                    worker.is_ready = True
                if self._time_limit is not None:
                    worker.deadline = time.monotonic() + self._time_limit
                worker.connection.send(jobs[task])
                running[worker.connection] = worker
            for worker in self._ready(running.values()):
                outcome = self._received(worker, prunes)
                if outcome is None:
                    continue
                del running[worker.connection]
                if outcome.may_pass and worker.attempt < self._attempts:
                    waiting.append((worker.task, worker.attempt + 1))
                    continue
                if outcome.failed is None and outcome.error is not None:
                    outcome.failed = jobs[worker.task].measures[0].name
                outcome = told_of_attempts(outcome, self._attempts)
                outcomes[worker.task] = outcome
                done(worker.task, outcome)
        return [outcomes[task] for task in range(len(jobs))]

    def _ready(self, running: Iterable[_Worker]) -> list[_Worker]:
        """Wait for news of a worker, or for the first deadline."""
        workers = {worker.connection: worker for worker in running}
        deadlines = [w.deadline for w in workers.values() if w.deadline is not None]
        left = max(0.0, min(deadlines) - time.monotonic()) if deadlines else None
        ready = [workers[connection] for connection in wait(list(workers), left)]  # type: ignore[index]
        if not ready:
            ready = [w for w in workers.values() if w.deadline and w.deadline <= time.monotonic()]
        return ready

    def _received(
        self, worker: _Worker, prunes: Callable[[int, int, float], bool]
    ) -> Outcome | None:
        """Return what came of a worker's job; None where it only reported a step."""
        if not worker.connection.poll():
            assert self._time_limit is not None
            self._end(worker)
            error = f"took longer than the time limit of {self._time_limit:g} s"
            return Outcome(error=error)
        try:
            message = worker.connection.recv()
        except GONE:
            return Outcome(error=f"its process {self._end(worker)}")
        if isinstance(message, Outcome):
            self._idle.append(worker)
            return message
        step, value = message
        worker.connection.send(prunes(worker.task, step, value))
        return None

    def _start(self) -> _Worker:
        threads = max(1, (os.cpu_count() or 1) // self._number)
        # Evaluations ask for costs by name; what they are was worked out here.
        declared = tuple(replace(COSTS[name], value=None) for name in declared_costs())
        worker = _Worker(start_child(_serve, threads, declared))
        self._started.append(worker)
        return worker

    def _end(self, worker: _Worker) -> str:
        """End a worker and say how it came to its end."""
        self._started.remove(worker)
        return worker.child.end()


def _serve(connection: Connection, threads: int, declared: tuple[Cost, ...]) -> None:
    """Evaluate what comes along the connection, until that ends."""
    torch.set_num_threads(threads)
    COSTS.update({cost.name: cost for cost in declared})
    connection.send("ready")
    while True:
        try:
            job: Job = connection.recv()
            assert job.point.candidate is not None
            for block in job.point.candidate.blocks:
                find_block(block.block, job.point.candidate.family, job.allow)

            def report(step: int, value: float) -> bool:
                connection.send((step, value))
                return bool(connection.recv())

            connection.send(evaluate(job, report))
        except GONE:
            return
