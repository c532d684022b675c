"""Tasks on the machines of a Ray cluster."""

from __future__ import annotations

from dataclasses import dataclass

from dse.errors import DseError
from dse.execution.executor import Executor
from dse.execution.local_executor import processors
from dse.execution.task_pool import Result, Task, TaskPlace, TaskPool, Work
from dse.extras import require


@dataclass(frozen=True)
class RayExecutor(Executor):
    """Workers that Ray places where there is room for a trial.

    Ray starts none of them again by itself: what a lost machine took comes back as `Ended`, so
    that whoever counts attempts counts this one too, and no task runs twice at a time.
    """

    address: str | None = None
    """`auto` for a Ray that runs, `HOST:PORT` or `ray://HOST:PORT`; None starts one here."""
    gpus_per_trial: float = 0
    cpus_per_trial: float = 1

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        self._check_positive("cpus_per_trial")
        if self.gpus_per_trial < 0:
            raise DseError(f"executor.gpus_per_trial: {self.gpus_per_trial:g} is negative")

    def places(self, workers: int | None) -> int:
        """Return how many tasks run at once: by default, as many as there is room for."""
        if workers is not None:
            return workers
        if self.address is None and not self.gpus_per_trial:
            return max(1, int(processors() / self.cpus_per_trial))
        require("ray", "ray", "executor=ray")
        from dse.execution.ray_cluster import RayCluster

        with RayCluster(self.address) as cluster:
            return cluster.room(self.cpus_per_trial, self.gpus_per_trial)

    @property
    def device_kind(self) -> str:
        """`cuda` where a trial has a GPU."""
        return "cuda" if self.gpus_per_trial else "cpu"

    def _pool(self, work: Work[Task, Result], number: int | None) -> TaskPool[Task, Result]:
        require("ray", "ray", "executor=ray")
        from dse.execution.ray_pool import RayPool

        device = "cuda" if self.gpus_per_trial else "cpu"
        place = TaskPlace(device, max(1, int(self.cpus_per_trial)))
        return RayPool(
            work,
            [place] * self.places(number),
            self.address,
            cpus=self.cpus_per_trial,
            gpus=self.gpus_per_trial,
        )
