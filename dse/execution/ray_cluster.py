"""A Ray that tasks run on: one that runs already, or one that is started for them."""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import ray
from ray.exceptions import RayError

from dse.code import reason_of
from dse.errors import DseError
from dse.execution.local_executor import processors

_STORE = 200 * 2**20
"""Bytes for objects under way in a Ray of our own; Ray would take a third of the memory."""
_REACHABLE = 5.0
"""Seconds within which a Ray that runs answers."""


class RayCluster:
    """A connection to Ray; a context that ends what it began.

    A process that is connected already keeps its connection, and its runtime environment.

    Args:
        address: as `ray.init` takes it; None starts a Ray here.
        path: directories of modules that the workers need. They reach a Ray that runs elsewhere
            by its runtime environment.
        at_least: processors that a Ray which is started here is told of, as who asks for more
            tasks at once than there are processors is to have them.
    """

    def __init__(self, address: str | None, path: Sequence[str] = (), at_least: float = 1) -> None:
        self._address = address
        self._path = path
        self._processors = max(processors(), at_least)
        self._is_ours = False
        self._folder: str | None = None

    def __enter__(self) -> RayCluster:
        if ray.is_initialized():
            return self
        self._is_ours = True
        _tell_of_workers(False)
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        try:
            if self._address is None:
                self._folder = tempfile.mkdtemp(prefix="dse-ray-")
                ray.init(
                    "local",
                    num_cpus=self._processors,
                    include_dashboard=False,
                    object_store_memory=_STORE,
                    _temp_dir=self._folder,
                    **quiet,
                )
            else:
                _check_that_one_listens(self._address)
                modules = [str(m) for directory in self._path for m in modules_in(directory)]
                environment = {"py_modules": modules} if modules else {}
                ray.init(self._address, runtime_env=environment, **quiet)
        except (OSError, ValueError, RuntimeError, RayError) as error:
            self.__exit__(None, None, None)
            where = "" if self._address is None else f".address: {self._address!r}"
            raise DseError(f"executor{where}: Ray cannot be used: {reason_of(error)}") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_ours:
            ray.shutdown()
            _tell_of_workers(True)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def room(self, cpus: float, gpus: float) -> int:
        """Return how many trials its nodes have room for, each of them on one node.

        Raises:
            DseError: for none.
        """
        asked = {"CPU": cpus, "GPU": gpus}
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        found = sum(
            min(int(node.get(name, 0) / need) for name, need in asked.items() if need)
            for node in nodes
        )
        if found == 0:
            raise DseError(
                f"executor: no node of Ray has the {cpus:g} processors and {gpus:g} GPUs of a "
                "trial; see cpus_per_trial and gpus_per_trial"
            )
        return found


def _tell_of_workers(is_told: bool) -> None:
    """Have Ray print what becomes of workers, or not: it would stand among what commands print."""
    # Ray has no public way; `log_to_driver` is for what workers themselves print.
    ray._private.worker._worker_logs_enabled = is_told


def _check_that_one_listens(address: str) -> None:
    """Raise an error where nothing listens, which Ray itself would try to reach for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=_REACHABLE).close()


def modules_in(directory: str) -> list[Path]:
    """Return the modules and packages that a directory holds, as Ray takes them."""
    found = sorted(Path(directory).iterdir())
    return [p for p in found if p.suffix == ".py" or (p / "__init__.py").exists()]
