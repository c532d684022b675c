"""Traces many blocks at once, on all processors, so that a table knows them when it is asked."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from types import TracebackType
from typing import NamedTuple, Self

from dse.counting import HandedOn
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
from dse.space.candidate import ResolvedBlock
from dse.space.costing import tracing
from dse.space.costing.block_costs import BlockCosts, BlockInput, Invalid, StepInput
from dse.space.costing.block_step import BlockStep
from dse.space.costing.memo import BlockTable

LEAST_BLOCKS = 4
"""That a process is worth: to start one takes as long as a few of them."""
_TASKS = 4
"""Of each process at a time, so that all end at about the same one."""


class BlockRow(NamedTuple):
    """Blocks in a row, with what enters the first."""

    blocks: tuple[ResolvedBlock, ...]
    spec: HandedOn
    has_gradient: tuple[bool, ...] | None
    """Of each tensor that enters, whether a block before trains by it; None without training."""


class TracedBlocks(NamedTuple):
    """What a process came to know."""

    blocks: list[tuple[BlockInput, BlockCosts]]
    steps: list[tuple[StepInput, BlockStep]]


class TracingAhead:
    """Has a table know the blocks of many rows before it is asked for them.

    A context: the processes that it starts, copies of this one, end with it.

    Args:
        table: of blocks.
    """

    def __init__(self, table: BlockTable) -> None:
        self._table = table
        self._pool: TaskPool[Sequence[BlockRow], TracedBlocks] | None = None
        self._is_alone = False
        """Whether no other process is to be started."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        if self._pool is not None:
            self._pool.__exit__(None, None, None)
            self._pool = None
            self._is_alone = True

    def trace(self, rows: Iterable[BlockRow]) -> None:
        """Have the blocks of rows known, traced on all processors where there are enough.

        First the first blocks of all rows, then the second ones on what those make, and so on.
        """
        table = self._table
        while rows := [row for row in dict.fromkeys(rows) if row.blocks]:
            first = dict.fromkeys(row._replace(blocks=row.blocks[:1]) for row in rows)
            unknown = [each for each in first if _behind(table, each) is None]
            traced = [row for row in unknown if not table.is_composed(row.blocks[0], row.spec)]
            self._trace_together(traced)
            for row in unknown:
                _trace(table, row)
            rows = [each for each in (_behind(table, row) for row in rows) if each is not None]

    def _trace_together(self, rows: Sequence[BlockRow]) -> None:
        """Trace rows of one block each in several processes, if they are worth it."""
        pool = self._pool_for(rows)
        if pool is None:
            return
        tasks = iter(_tasks(rows, -(-len(rows) // (_TASKS * pool.number))))
        try:
            for _, found in pool.run(lambda: next(tasks, None)):
                # What another process cannot do is seen here.
                if not isinstance(found, Ended):
                    _take(self._table, found)
        except (DseError, OSError):
            # There is no room for other processes.
            self._end()

    def _pool_for(
        self, rows: Sequence[BlockRow]
    ) -> TaskPool[Sequence[BlockRow], TracedBlocks] | None:
        number = min(processors(), limit("tracing_processes"))
        if len(rows) < 2 or number < 2:
            return None
        worth = min(number, len(rows) // LEAST_BLOCKS)
        if self._pool is None and worth > 1 and not self._is_alone and can_be_copied():
            # What tracing needs is loaded here, and not by every copy.
            _trace(self._table, rows[0])
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
        blocks, steps = len(table.known_blocks()), len(table.known_steps())
        for row in rows:
            _trace(table, row)
        # That a block cannot be built or trained may be for the copy alone, as where devices have
        # threads: the process itself has to see that.
        return TracedBlocks(
            [(k, v) for k, v in table.known_blocks()[blocks:] if not isinstance(v, Invalid)],
            [(k, v) for k, v in table.known_steps()[steps:] if not isinstance(v, Invalid)],
        )

    return traced


def _trace(table: BlockTable, row: BlockRow) -> None:
    (block,) = row.blocks
    costs = table.block_costs(block, row.spec)
    if row.has_gradient is not None and not isinstance(costs, Invalid):
        table.block_step(StepInput(block, row.spec, row.has_gradient, None))


def _behind(table: BlockTable, row: BlockRow) -> BlockRow | None:
    """Return a row without its first block; None where a trace is needed to tell.

    Behind a block that cannot be built there is nothing.
    """
    block, *others = row.blocks
    costs = table.found_block(BlockInput(block, row.spec))
    if costs is None:
        return None
    if isinstance(costs, Invalid):
        return row._replace(blocks=())
    has_gradient = row.has_gradient
    if has_gradient is not None:
        step = table.found_step(StepInput(block, row.spec, has_gradient, None))
        if step is None:
            return None
        has_gradient = None if isinstance(step, Invalid) else step.has_gradient
    return BlockRow(tuple(others), costs.output, has_gradient)


def _take(table: BlockTable, found: TracedBlocks) -> None:
    """Take what another process found as known here."""
    for block, costs in found.blocks:
        table.remember_block(block, costs, is_stored=False)
        tracing.note_traced(block.block, (block.input, table.conditions), costs)
    for key, step in found.steps:
        table.remember_step(key, step, is_stored=False)
        tracing.note_traced(key.block, (key[1:], table.conditions), step)
