"""Where work runs: child processes of this one. It knows neither spaces nor stores."""

from dse.execution.child_process import GONE, ChildProcess, start_child

__all__ = ["GONE", "ChildProcess", "start_child"]
