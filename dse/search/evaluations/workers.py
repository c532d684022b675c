"""Where evaluations run: in this process, or in others that may die or hang."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from dse.code import directories_of
from dse.costs import COSTS, Cost
from dse.counting import FIRST_DISPATCH
from dse.execution import Ended, Executor, TaskPlace, TaskPool, Tell
from dse.search.evaluations.evaluation import evaluate
from dse.search.evaluations.readiness import usable_device
from dse.search.outcomes import Job, Outcome
from dse.space import check_trusted


@dataclass(frozen=True)
class Attempt:
    """One run of an evaluation."""

    trial: int
    """The id of the trial."""
    claimed: int
    """The attempt at which its process claimed it, which may be lost, and come back as another."""
    replicate: int
    job: Job


News = tuple[int, float] | None
"""That an evaluation has begun, or a step and the value so far."""

Next = Callable[[], Attempt | None]
Told = Callable[[Attempt, News], bool]
"""Takes news of an attempt; returns whether to give it up."""


class Evaluator(ABC):
    """Runs attempts, here or elsewhere."""

    @abstractmethod
    def run(self, next_attempt: Next, told: Told) -> Iterator[tuple[Attempt, Outcome]]:
        """Yield attempts with their outcomes as there are any.

        Args:
            next_attempt: called where one can begin; None where there is none at the moment. It is
                asked again after each outcome.
            told: takes news.
        """


class InThisProcess(Evaluator):
    """Runs one attempt after the other.

    Args:
        device: on which networks are.
    """

    def __init__(self, device: str) -> None:
        self._device = device

    def run(self, next_attempt: Next, told: Told) -> Iterator[tuple[Attempt, Outcome]]:
        """Yield attempts with their outcomes."""
        while (attempt := next_attempt()) is not None:
            placed = replace(attempt, job=replace(attempt.job, device=self._device))
            yield attempt, _evaluated(placed, functools.partial(told, attempt))


class InProcesses(Evaluator):
    """Runs attempts in the processes of a pool, which may die or hang.

    Args:
        pool: of `evaluators`.
    """

    def __init__(self, pool: TaskPool[Attempt, Outcome]) -> None:
        self._pool = pool

    def run(self, next_attempt: Next, told: Told) -> Iterator[tuple[Attempt, Outcome]]:
        """Yield attempts with their outcomes, that of a lost process included."""
        for attempt, found in self._pool.run(next_attempt, told):
            yield attempt, _outcome_of(found)


def _evaluated(attempt: Attempt, tell: Callable[[News], bool]) -> Outcome:
    tell(None)
    return evaluate(attempt.job, lambda step, value: bool(tell((step, value))))


def evaluators(
    executor: Executor,
    number: int,
    time_limit: float | None = None,
    allow: Sequence[str] = (),
) -> TaskPool[Attempt, Outcome]:
    """Return a pool of workers that evaluate; a context that ends them when it is left.

    Args:
        executor: where they are.
        number: of evaluations at once.
        time_limit: seconds that an evaluation may take, and None for no limit.
        allow: modules of the user's own that evaluations may need.
    """
    # Evaluations ask for costs by name; what they are was worked out here.
    declared = tuple(replace(cost, value=None) for cost in COSTS.values() if cost.is_declared)
    return executor.pool(
        _evaluator,
        declared,
        what="for evaluations",
        number=number,
        time_limit=time_limit,
        loads=(FIRST_DISPATCH,),
        path=directories_of(allow),
    )


def _outcome_of(found: Outcome | Ended) -> Outcome:
    if isinstance(found, Outcome):
        return found
    return Outcome(error=found.reason if found.took_too_long else f"its process {found.reason}")


def _evaluator(place: TaskPlace, declared: tuple[Cost, ...]) -> Callable[[Attempt, Tell], Outcome]:
    """Return what evaluates jobs in a process of its own."""
    import torch

    if place.threads is not None:
        torch.set_num_threads(place.threads)
    device = usable_device(place.device)
    COSTS.update({cost.name: cost for cost in declared})

    def evaluated(attempt: Attempt, tell: Tell) -> Outcome:
        candidate = attempt.job.point.candidate
        assert candidate is not None
        check_trusted(candidate, attempt.job.allow)
        return _evaluated(replace(attempt, job=replace(attempt.job, device=device)), tell)

    return evaluated
