"""The memo of cells: each distinct operation and addition is traced once, a cell is their fold."""

from __future__ import annotations

from functools import partial

from dse.cost_conditions import Conditions
from dse.counting import Bundle, HandedOn, TensorSpec
from dse.space.blocks import CELL, CellOperation, operations_of
from dse.space.candidate import ResolvedBlock
from dse.space.costing import tracing
from dse.space.costing.block_costs import BlockCosts, BlockInput, Invalid, StepInput
from dse.space.costing.block_step import BlockStep, one_tensor
from dse.space.costing.cell_steps import OperationStep
from dse.space.costing.composed_cells import CostOf, composed_costs, composed_step

Addends = tuple[TensorSpec, TensorSpec | None]
"""Two values that are added; None for one that is added to itself."""


class CellMemo:
    """Costs and training steps of cells by their operations.

    Args:
        conditions: what the costs depend on besides.
        cost_of: costs of an operation on an input, which a memo of blocks knows.
    """

    def __init__(self, conditions: Conditions, cost_of: CostOf) -> None:
        self._conditions, self._cost_of = conditions, cost_of
        self.operations: dict[StepInput, OperationStep | Invalid] = {}
        """Training steps of operations, as far as they are known."""
        self.additions: dict[Addends, BlockCosts] = {}
        """Costs of additions, as far as they are known."""
        self.stored: set[StepInput | Addends] = set()
        """Those of both that are from a store."""
        self._cells: dict[ResolvedBlock, tuple[CellOperation, ...] | None] = {}

    def composes(self, block: ResolvedBlock, spec: HandedOn) -> bool:
        """Return whether what a block costs follows from the operations of a cell."""
        return self._composed_of(block, spec) is not None

    def costs(self, key: BlockInput) -> BlockCosts | Invalid | None:
        """Return the costs of a cell; None for a block that is traced whole."""
        operations = self._composed_of(key.block, key.input)
        if operations is None:
            return None
        entering = one_tensor(key.input)
        return composed_costs(operations, entering, self._cost_of, self._addition)

    def step(self, key: StepInput) -> BlockStep | Invalid | None:
        """Return a training step of a cell; None for a block that is traced whole."""
        operations = self._composed_of(key.block, key.input)
        return None if operations is None else composed_step(operations, key, self._operation)

    def forget(self) -> None:
        """Forget what was traced before a cost was declared."""
        self.stored.difference_update(self.additions)
        self.additions.clear()

    def _addition(self, first: TensorSpec, second: TensorSpec | None) -> BlockCosts:
        key = (first, second)
        if key not in self.additions:
            self.additions[key] = tracing.trace_addition(first, second, self._conditions)
        return self.additions[key]

    def _operation(self, key: StepInput) -> OperationStep | Invalid:
        known = self.operations.get(key)
        if known is None:
            trace = partial(tracing.trace_operation, key, self._conditions)
            follows_from = ("in a cell", key[1:], self._conditions)
            known = self.operations[key] = tracing.traced_once(key.block, follows_from, trace)
        return known

    def _composed_of(
        self, block: ResolvedBlock, spec: HandedOn
    ) -> tuple[CellOperation, ...] | None:
        """Return what a cell does in order; None for one that is traced whole, and other blocks."""
        if block.block != CELL.name or isinstance(spec, Bundle):
            return None
        if block not in self._cells:
            self._cells[block] = operations_of(block)
        return self._cells[block]
