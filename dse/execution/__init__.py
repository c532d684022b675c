"""Where work runs: processes of this machine, workers of Ray, jobs of SLURM.

It knows neither spaces nor stores.
"""

from dse.execution.child_process import can_be_copied
from dse.execution.executor import Executor
from dse.execution.executor_registry import EXECUTORS
from dse.execution.local_executor import LocalExecutor, pool_of_copies, processors
from dse.execution.ray_executor import RayExecutor
from dse.execution.submitit_executor import SubmititExecutor
from dse.execution.task_pool import Ended, TaskPlace, TaskPool, Tell

__all__ = [
    "EXECUTORS",
    "Ended",
    "Executor",
    "LocalExecutor",
    "RayExecutor",
    "SubmititExecutor",
    "TaskPlace",
    "TaskPool",
    "Tell",
    "can_be_copied",
    "pool_of_copies",
    "processors",
]
