"""Where work runs: child processes of this one. It knows neither spaces nor stores."""

from dse.execution.process_pool import Ended, ProcessPool, Tell

__all__ = ["Ended", "ProcessPool", "Tell"]
