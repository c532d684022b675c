"""The memo of cells: each distinct operation and join is traced once, a cell is their fold."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from dse.costs import Conditions
from dse.counting import HandedOn, tensors_of
from dse.space.blocks import CELL, CellOperations, Shapes, operations_of
from dse.space.candidate import ResolvedBlock
from dse.space.costing import tracing
from dse.space.costing.asked_trace import AskedTrace
from dse.space.costing.block_costs import BlockCosts, BlockInput, Invalid, StepInput, shapes_within
from dse.space.costing.block_step import BlockStep
from dse.space.costing.cell_steps import OperationStep
from dse.space.costing.cells import Joining
from dse.space.costing.composed_cells import CostOf, composed_costs
from dse.space.costing.composed_steps import composed_step


class CellMemo:
    """Costs and training steps of cells by their operations.

    Args:
        conditions: what the costs depend on besides.
        cost_of: costs of an operation on an input, which a memo of blocks knows.
        made: has a trace made.
    """

    def __init__(
        self, conditions: Conditions, cost_of: CostOf, made: Callable[[AskedTrace], Any]
    ) -> None:
        self._conditions, self._cost_of, self._made = conditions, cost_of, made
        self.operations: dict[StepInput, OperationStep | Invalid] = {}
        """Training steps of operations, as far as they are known."""
        self.joins: dict[Joining, BlockCosts] = {}
        """Costs of joining values, as far as they are known."""
        self.stored: set[StepInput | Joining] = set()
        """Those of both that are from a store."""
        self._cells: dict[tuple[ResolvedBlock, Shapes], CellOperations | None] = {}

    def composes(self, block: ResolvedBlock, spec: HandedOn) -> bool:
        """Return whether what a block costs follows from the operations of a cell."""
        return self._composed_of(block, spec) is not None

    def costs(self, key: BlockInput) -> BlockCosts | Invalid | None:
        """Return the costs of a cell; None for a block that is traced whole."""
        operations = self._composed_of(key.block, key.input)
        if operations is None:
            return None
        return composed_costs(operations, tensors_of(key.input), self._cost_of, self._joined)

    def step(self, key: StepInput) -> BlockStep | Invalid | None:
        """Return a training step of a cell; None for a block that is traced whole."""
        operations = self._composed_of(key.block, key.input)
        return None if operations is None else composed_step(operations, key, self._operation)

    def forget(self) -> None:
        """Forget what was traced before a cost was declared."""
        self.stored.difference_update(self.joins)
        self.joins.clear()

    def _joined(self, joining: Joining) -> BlockCosts:
        if joining not in self.joins:
            asked = AskedTrace("trace_join", (joining, self._conditions))
            self.joins[joining] = self._made(asked)
        return self.joins[joining]

    def _operation(self, key: StepInput) -> OperationStep | Invalid:
        known = self.operations.get(key)
        if known is None:
            trace = partial(self._made, AskedTrace("trace_operation", (key, self._conditions)))
            follows_from = ("in a cell", key[1:], self._conditions)
            known = self.operations[key] = tracing.traced_once(key.block, follows_from, trace)
        return known

    def _composed_of(self, block: ResolvedBlock, spec: HandedOn) -> CellOperations | None:
        """Return what a cell does in order; None for one that is traced whole, and other blocks."""
        if block.block != CELL.name:
            return None
        key = (block, shapes_within(spec))
        if key not in self._cells:
            self._cells[key] = operations_of(*key)
        return self._cells[key]
