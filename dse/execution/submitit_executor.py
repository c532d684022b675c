"""Tasks in jobs of SLURM, by submitit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dse.errors import DseError, nearest
from dse.execution.executor import Executor
from dse.execution.task_pool import Result, Task, TaskPlace, TaskPool, Work
from dse.extras import require

CLUSTERS = ("slurm", "local")


@dataclass(frozen=True)
class SubmititExecutor(Executor):
    """Jobs of a SLURM cluster, one a task; those that are started at once are one array."""

    cluster: str = "slurm"
    """Or `local`, for processes of this machine that are started as jobs are."""
    folder: str = "outputs/jobs"
    """For files of the jobs, on a file system that all machines share."""
    jobs: int = 4
    """At a time, where no other number is asked for."""
    partition: str | None = None
    gpus_per_trial: int = 0
    cpus_per_trial: int = 1
    timeout_min: int = 1440
    """Minutes after which SLURM ends a job."""
    patience: float = 60.0
    """Seconds without a sign of life of this process after which jobs end by themselves."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """More of what submitit takes, such as `mem_gb` or `slurm_account`."""

    def __post_init__(self) -> None:
        """Refuse what no cluster takes."""
        self._check_positive("jobs", "cpus_per_trial", "timeout_min", "patience")
        if self.gpus_per_trial < 0:
            raise DseError(f"executor.gpus_per_trial: {self.gpus_per_trial} is negative")
        if self.cluster not in CLUSTERS:
            hint = nearest(self.cluster, CLUSTERS)
            raise DseError(f"executor.cluster: unknown {self.cluster!r}; {hint}")

    def places(self, workers: int | None) -> int:
        """Return how many jobs there are at a time."""
        return self.jobs if workers is None else workers

    @property
    def device_kind(self) -> str:
        """`cuda` where a trial has a GPU."""
        return "cuda" if self.gpus_per_trial else "cpu"

    def _pool(self, work: Work[Task, Result], number: int | None) -> TaskPool[Task, Result]:
        require("submitit", "submitit", "executor=submitit")
        from dse.execution.submitit_pool import SubmititPool

        device = "cuda" if self.gpus_per_trial else "cpu"
        return SubmititPool(
            work,
            [TaskPlace(device, self.cpus_per_trial)] * self.places(number),
            folder=self.folder,
            cluster=self.cluster,
            parameters=self._settings(),
            patience=self.patience,
        )

    def _settings(self) -> dict[str, Any]:
        named = {
            "name": "dse",
            "timeout_min": self.timeout_min,
            "cpus_per_task": self.cpus_per_trial,
            "gpus_per_node": self.gpus_per_trial or None,
            "slurm_partition": self.partition,
            # A job that SLURM started again by itself would be one that nobody has counted.
            "slurm_additional_parameters": {"no_requeue": True},
        }
        given = {key: value for key, value in named.items() if value is not None}
        return {**given, **self.parameters}
