"""Blocks in a row, of which a table comes to know one after the other."""

from __future__ import annotations

from typing import NamedTuple

from dse.counting import HandedOn
from dse.space.candidate import ResolvedBlock
from dse.space.costing import tracing
from dse.space.costing.block_costs import BlockCosts, BlockInput, Invalid, StepInput
from dse.space.costing.block_step import BlockStep
from dse.space.costing.memo import BlockTable


class BlockRow(NamedTuple):
    """Blocks in a row, with what enters the first."""

    blocks: tuple[ResolvedBlock, ...]
    spec: HandedOn
    has_gradient: tuple[bool, ...] | None
    """Of each tensor that enters, whether a block before trains by it; None without training."""


class TracedBlocks(NamedTuple):
    """What a process came to know."""

    blocks: list[tuple[BlockInput, BlockCosts | Invalid]]
    steps: list[tuple[StepInput, BlockStep | Invalid]]

    @classmethod
    def of(cls, table: BlockTable) -> TracedBlocks:
        """Return all that a table knows, in the order in which it came to know it."""
        return cls(table.known_blocks(), table.known_steps())

    def behind(self, known: TracedBlocks) -> TracedBlocks:
        """Return what was not known before."""
        return TracedBlocks(self.blocks[len(known.blocks) :], self.steps[len(known.steps) :])

    def valid(self) -> TracedBlocks:
        """Return what can be built and trained."""
        return TracedBlocks(
            [(key, costs) for key, costs in self.blocks if not isinstance(costs, Invalid)],
            [(key, step) for key, step in self.steps if not isinstance(step, Invalid)],
        )


def trace_row(table: BlockTable, row: BlockRow) -> None:
    """Have a table know the one block of a row."""
    (block,) = row.blocks
    costs = table.block_costs(block, row.spec)
    if row.has_gradient is not None and not isinstance(costs, Invalid):
        table.block_step(StepInput(block, row.spec, row.has_gradient, None))


def behind(table: BlockTable, row: BlockRow) -> BlockRow | None:
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


def take(table: BlockTable, found: TracedBlocks) -> None:
    """Take what another process found as known here."""
    for block, costs in found.blocks:
        table.remember_block(block, costs, is_stored=False)
        tracing.note_traced(block.block, (block.input, table.conditions), costs)
    for key, step in found.steps:
        table.remember_step(key, step, is_stored=False)
        tracing.note_traced(key.block, (key[1:], table.conditions), step)
