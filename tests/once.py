"""What takes long, worked out once for the processes that share the tests of a module."""

import contextlib
import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def once(factory: pytest.TempPathFactory, name: str, work_out: Callable[[], str]) -> str:
    """Return what was worked out, by this process or another one of the same run of the tests.

    Args:
        factory: of folders of the run.
        name: of what it is.
        work_out: what takes long.
    """
    folder = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        # Each process has one below that of the run.
        folder = folder.parent
    with _alone(folder / f"{name}.lock"):
        known = folder / f"{name}.txt"
        if not known.exists():
            known.write_text(work_out())
        return known.read_text()


@contextlib.contextmanager
def _alone(lock: Path):
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
