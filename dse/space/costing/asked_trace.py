"""A trace that is not made yet, which another process may make in the place of this one."""

from __future__ import annotations

from typing import Any, NamedTuple

from dse.space.costing import tracing


class AskedTrace(NamedTuple):
    """A function of `dse.space.costing.tracing` by its name: to take it loads PyTorch."""

    name: str
    arguments: tuple[Any, ...]

    def made(self) -> Any:
        """Return what the trace gives.

        Raises:
            DseError: where there is nothing to trace.
        """
        return getattr(tracing, self.name)(*self.arguments)
