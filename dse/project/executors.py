"""From a page of `conf/executor/` to an executor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dse.execution import Executor, LocalExecutor


def read_executor(name: str, content: Mapping[str, Any]) -> Executor:
    """Return the executor that a page describes."""
    devices = content.get("devices", "auto")
    return LocalExecutor((devices,) if isinstance(devices, str) else tuple(devices))
