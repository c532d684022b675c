"""Copies of this process that trace blocks, one on each processor."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from itertools import groupby

from dse.errors import DseError
from dse.execution import (
    Ended,
    TaskPlace,
    TaskPool,
    Tell,
    can_be_copied,
    pool_of_copies,
    processors,
)
from dse.limits import limit
from dse.space.costing.block_rows import BlockRow, TracedBlocks, take, trace_row
from dse.space.costing.memo import BlockTable

LEAST_BLOCKS = 4
"""That a process is worth: to start one takes as long as a few of them."""
_TASKS = 4
"""Of each process at a time, so that all end at about the same one."""


class TracingCopies:
    """Traces rows of one block each in several processes, if they are worth it.

    Args:
        table: of blocks, which comes to know them.
    """

    def __init__(self, table: BlockTable) -> None:
        self._table = table
        self._pool: TaskPool[Sequence[BlockRow], TracedBlocks] | None = None
        self._is_alone = False
        """Whether no other process is to be started."""

    def end(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.__exit__(None, None, None)
            self._pool = None
            self._is_alone = True

    def trace(self, rows: Sequence[BlockRow]) -> None:
        """Have the table know blocks; those that are not worth it, or fail, stay unknown."""
        pool = self._pool_for(rows)
        if pool is None:
            return
        tasks = iter(_tasks(rows, -(-len(rows) // (_TASKS * pool.number))))
        try:
            for _, found in pool.run(lambda: next(tasks, None)):
                # What another process cannot do is seen here.
                if not isinstance(found, Ended):
                    take(self._table, found)
        except (DseError, OSError):
            # There is no room for other processes.
            self.end()

    def _pool_for(
        self, rows: Sequence[BlockRow]
    ) -> TaskPool[Sequence[BlockRow], TracedBlocks] | None:
        number = min(processors(), limit("tracing_processes"))
        if len(rows) < 2 or number < 2:
            return None
        worth = min(number, len(rows) // LEAST_BLOCKS)
        if self._pool is None and worth > 1 and not self._is_alone and can_be_copied():
            # What tracing needs is loaded here, and not by every copy.
            trace_row(self._table, rows[0])
            self._pool = pool_of_copies(
                _tracer, self._table, what="to trace blocks in", number=number
            )
            self._pool.__enter__()
        return self._pool


def _tasks(rows: Sequence[BlockRow], size: int) -> list[list[BlockRow]]:
    """Return rows in tasks of about a size, with those of one block in one.

    On a second input a block is traced faster than on the first.
    """
    tasks: list[list[BlockRow]] = [[]]
    by_block = sorted(rows, key=lambda row: repr(row.blocks))
    for _, group in groupby(by_block, key=lambda row: repr(row.blocks)):
        if len(tasks[-1]) >= size:
            tasks.append([])
        tasks[-1] += group
    return tasks


def _tracer(
    place: TaskPlace, table: BlockTable
) -> Callable[[Sequence[BlockRow], Tell], TracedBlocks]:
    """Return what traces rows in a copy of a process."""
    import torch

    # To look for cycles among what is there would copy all of it.
    gc.freeze()
    torch.set_num_threads(1)
    # Numbers that no trace tells are added where they are asked for.
    table.numbers = None

    def traced(rows: Sequence[BlockRow], tell: Tell) -> TracedBlocks:
        known = TracedBlocks.of(table)
        for row in rows:
            trace_row(table, row)
        # That a block cannot be built or trained may be for the copy alone, as where devices have
        # threads: the process itself has to see that.
        return TracedBlocks.of(table).behind(known).valid()

    return traced
