"""One process that loads PyTorch and traces, so that this one stays as small as without it.

PyTorch takes two thirds of a gigabyte, which is there as long as the process that has loaded it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from dse.errors import DseError
from dse.execution import Ended, TaskPlace, TaskPool, Tell, can_be_copied, pool_of_copies
from dse.limits import limit
from dse.space.costing.asked_trace import AskedTrace
from dse.space.costing.block_costs import Invalid
from dse.space.costing.block_rows import BlockRow, TracedBlocks, take, trace_row
from dse.space.costing.memo import BlockTable
from dse.space.costing.tracing_copies import TracingCopies

_Task = AskedTrace | Sequence[BlockRow]

_NO_ROWS: Sequence[BlockRow] = ()
"""Has the process end what it has started, so that the system counts what that took as its own."""


def can_trace_elsewhere() -> bool:
    """Return whether another process can trace for this one, and this one lacks PyTorch."""
    return "torch" not in sys.modules and limit("tracing_processes") > 1 and can_be_copied()


class TracingProcess:
    """A copy of this process, from before PyTorch is loaded, that traces for a table.

    Where it comes to its end, this process traces itself.

    Args:
        table: of blocks.
    """

    def __init__(self, table: BlockTable) -> None:
        self._table = table
        self._has_ended = self._is_asked = False
        self._pool: TaskPool[_Task, Any] = pool_of_copies(
            _tracing, table, what="to trace in", number=1
        )
        self._pool.__enter__()
        table.elsewhere = self._made

    def end(self) -> None:
        """End the process; what is traced from now on is traced here."""
        self._table.elsewhere = None
        if not self._has_ended and not self._is_asked:
            self._answer(_NO_ROWS)
        self._has_ended = True
        self._pool.__exit__(None, None, None)

    def trace(self, rows: Sequence[BlockRow]) -> None:
        """Have the table know the blocks of rows of one block each."""
        found = self._answer(rows) if rows and not self._has_ended else None
        if found is not None:
            take(self._table, found)

    def _made(self, asked: AskedTrace) -> Any:
        found = self._answer(asked)
        if found is None:
            return asked.made()
        if isinstance(found, Invalid):
            raise DseError(found.reason)
        return found

    def _answer(self, task: _Task) -> Any:
        """Return what comes of a task; None where the process has come to its end."""
        tasks, self._is_asked = iter([task]), True
        try:
            ((_, found),) = self._pool.run(lambda: next(tasks, None))
        except (DseError, OSError):
            found = Ended("could not be started")
        # It stays so where the answer was not waited for, as by Ctrl-C.
        self._is_asked = False
        if not isinstance(found, Ended):
            return found
        self._has_ended = True
        self.end()
        return None


def _tracing(place: TaskPlace, table: BlockTable) -> Callable[[_Task, Tell], Any]:
    """Return what traces in the process: one thing, or rows on all processors."""
    table.elsewhere, table.numbers = None, None
    copies = TracingCopies(table)

    def traced(task: _Task, tell: Tell) -> Any:
        if isinstance(task, AskedTrace):
            try:
                return task.made()
            except DseError as error:
                return Invalid(str(error))
        if not task:
            copies.end()
        known = TracedBlocks.of(table)
        copies.trace(task)
        for row in task:
            trace_row(table, row)
        return TracedBlocks.of(table).behind(known)

    return traced
