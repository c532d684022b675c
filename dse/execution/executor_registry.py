"""The executors by name; each loads what it runs on when it is used."""

from __future__ import annotations

from dse.execution.executor import Executor
from dse.execution.local_executor import LocalExecutor

EXECUTORS: dict[str, type[Executor]] = {"local": LocalExecutor}
"""By the name of their page in `conf/executor/`."""
