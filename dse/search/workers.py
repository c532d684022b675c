"""Evaluates jobs in processes that may die or hang without taking the search with them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch

from dse.costs import COSTS, Cost, declared_costs
from dse.execution import Ended, LocalExecutor, TaskPlace, TaskPool, Tell
from dse.search.evaluation import Job, Outcome, evaluate, told_of_attempts
from dse.space import check_trusted


@dataclass(frozen=True)
class _Attempt:
    task: int
    job: Job
    number: int = 1


class Workers:
    """Evaluates jobs in the processes of a pool.

    Args:
        pool: of `evaluators`.
        attempts: how often an evaluation is tried that may pass when it is tried again.
    """

    def __init__(self, pool: TaskPool[_Attempt, Outcome], attempts: int = 2) -> None:
        self._pool = pool
        self._attempts = attempts

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
        outcomes: dict[int, Outcome] = {}
        waiting = deque(_Attempt(task, job) for task, job in enumerate(jobs))

        def answer(attempt: _Attempt, report: tuple[int, float]) -> bool:
            return prunes(attempt.task, *report)

        def next_attempt() -> _Attempt | None:
            return waiting.popleft() if waiting else None

        for attempt, found in self._pool.run(next_attempt, answer):
            outcome = _outcome_of(found)
            if outcome.may_pass and attempt.number < self._attempts:
                waiting.appendleft(replace(attempt, number=attempt.number + 1))
                continue
            if outcome.failed is None and outcome.error is not None:
                outcome.failed = attempt.job.measures[0].name
            outcomes[attempt.task] = told_of_attempts(outcome, self._attempts)
            done(attempt.task, outcomes[attempt.task])
        return [outcomes[task] for task in range(len(jobs))]


def evaluators(number: int, time_limit: float | None = None) -> TaskPool[_Attempt, Outcome]:
    """Return a pool of processes that evaluate; a context that ends them when it is left.

    Args:
        number: of processes.
        time_limit: seconds that an evaluation may take, and None for no limit.
    """
    # Evaluations ask for costs by name; what they are was worked out here.
    declared = tuple(replace(COSTS[name], value=None) for name in declared_costs())
    return LocalExecutor().pool(
        _evaluator, declared, what="for evaluations", number=number, time_limit=time_limit
    )


def _outcome_of(found: Outcome | Ended) -> Outcome:
    if isinstance(found, Outcome):
        return found
    return Outcome(error=found.reason if found.took_too_long else f"its process {found.reason}")


def _evaluator(place: TaskPlace, declared: tuple[Cost, ...]) -> Callable[[_Attempt, Tell], Outcome]:
    """Return what evaluates jobs in a process of its own."""
    if place.threads is not None:
        torch.set_num_threads(place.threads)
    COSTS.update({cost.name: cost for cost in declared})

    def evaluated(attempt: _Attempt, tell: Tell) -> Outcome:
        candidate = attempt.job.point.candidate
        assert candidate is not None
        check_trusted(candidate, attempt.job.allow)
        return evaluate(attempt.job, lambda step, value: bool(tell((step, value))))

    return evaluated
