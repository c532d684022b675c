"""What an executor is: the options of a page of `conf/executor/`, and pools made by them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from dse.errors import DseError
from dse.execution.task_pool import Handle, Result, Task, TaskPool, Work


class Executor(ABC):
    """Where tasks run; a frozen dataclass of the options that a page holds."""

    @abstractmethod
    def places(self, workers: int | None) -> int:
        """Return how many tasks run at once.

        Args:
            workers: how many are asked for; None for as many as the options name.
        """

    @property
    @abstractmethod
    def device_kind(self) -> str:
        """The kind of device that tasks run on, such as `cuda`; `auto` is not known yet."""

    def pool(
        self,
        make: Callable[..., Handle[Task, Result]],
        *arguments: Any,
        what: str,
        number: int | None = None,
        time_limit: float | None = None,
        path: Sequence[str] = (),
        loads: Sequence[str] = (),
    ) -> TaskPool[Task, Result]:
        """Return a pool of workers; a context that ends them when it is left.

        Entering it raises a `DseError` where there is no such cluster, or no room for a task.

        Args:
            make: called in each worker, with its place and the arguments; returns what it does
                with a task. A function of a module, as all that goes to a worker is pickled.
            arguments: of `make`.
            what: the workers are for, such as `for evaluations`, as messages say it.
            number: of tasks at once; None for as many as there is room for.
            time_limit: seconds that a task may take, and None for no limit.
            path: directories of modules that the workers need, beside those of this process.
            loads: modules that take long to load and that the workers need beside that of `make`.

        Raises:
            DseError: where it cannot be used here, as without its extra.
        """
        return self._pool(
            Work(make, arguments, what, time_limit, tuple(path), tuple(loads)), number
        )

    @abstractmethod
    def _pool(self, work: Work[Task, Result], number: int | None) -> TaskPool[Task, Result]:
        """Return a pool that does some work, of a number of places or as many as there are."""

    def _check_positive(self, *names: str) -> None:
        """Refuse options that are no positive numbers.

        Raises:
            DseError: naming the first.
        """
        for name in names:
            value = getattr(self, name)
            if value <= 0:
                raise DseError(f"executor.{name}: {value!r} is not positive")
