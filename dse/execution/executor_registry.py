"""The executors by name; each loads what it runs on when it is used."""

from __future__ import annotations

from dse.execution.executor import Executor
from dse.execution.local_executor import LocalExecutor
from dse.execution.ray_executor import RayExecutor
from dse.execution.submitit_executor import SubmititExecutor

EXECUTORS: dict[str, type[Executor]] = {
    "local": LocalExecutor,
    "ray": RayExecutor,
    "submitit": SubmititExecutor,
}
"""By the name of their page in `conf/executor/`."""
