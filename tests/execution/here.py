"""Every executor as it runs on one machine."""

from pathlib import Path

from dse.execution import EXECUTORS, Executor


def executor_here(name: str, folder: Path) -> Executor:
    """Return an executor of the registry that needs no cluster.

    Args:
        name: in the registry.
        folder: for files that it may write.
    """
    options = {
        "submitit": {"cluster": "local", "folder": str(folder / "jobs"), "patience": 3.0},
    }
    return EXECUTORS[name](**options.get(name, {}))
