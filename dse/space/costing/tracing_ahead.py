"""Traces many blocks at once, on all processors, so that a table knows them when it is asked."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Self

from dse.space.costing.block_rows import BlockRow, behind, trace_row
from dse.space.costing.memo import BlockTable
from dse.space.costing.tracing_copies import TracingCopies
from dse.space.costing.tracing_process import TracingProcess, can_trace_elsewhere


class TracingAhead:
    """Has a table know the blocks of many rows before it is asked for them.

    A context: the processes that it starts, copies of this one, end with it.

    Args:
        table: of blocks.
        stays_small: whether this process is not to load PyTorch where another one can.
    """

    def __init__(self, table: BlockTable, stays_small: bool = False) -> None:
        self._table = table
        self._stays_small = stays_small
        self._tracers: TracingCopies | TracingProcess | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._tracers is not None:
            self._tracers.end()

    def trace(self, rows: Iterable[BlockRow]) -> None:
        """Have the blocks of rows known, traced on all processors where there are enough.

        First the first blocks of all rows, then the second ones on what those make, and so on.
        """
        table = self._table
        while rows := [row for row in dict.fromkeys(rows) if row.blocks]:
            first = dict.fromkeys(row._replace(blocks=row.blocks[:1]) for row in rows)
            unknown = [each for each in first if behind(table, each) is None]
            if unknown and self._tracers is None:
                is_elsewhere = self._stays_small and can_trace_elsewhere()
                self._tracers = TracingProcess(table) if is_elsewhere else TracingCopies(table)
            if self._tracers is not None:
                whole = [row for row in unknown if not table.is_composed(row.blocks[0], row.spec)]
                self._tracers.trace(whole)
            for row in unknown:
                trace_row(table, row)
            rows = [each for each in (behind(table, row) for row in rows) if each is not None]
