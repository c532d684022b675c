"""A candidate of either kind: builds its trainable network, and costs it."""

from __future__ import annotations

from dse.costs import Costs
from dse.space.blocks import Shapes, dtype_of_block
from dse.space.candidate import Candidate, ResolvedBlock
from dse.space.costing.block_costs import Invalid, shapes_within
from dse.space.costing.callable_table import CallableTable
from dse.space.costing.memo import BlockTable


def blocks_with_inputs(
    candidate: Candidate, blocks: BlockTable | None = None
) -> list[tuple[ResolvedBlock, Shapes]]:
    """Return each block of a candidate with the shape that enters it, without the batch.

    Of a block that several tensors enter there is a shape for each.

    Raises:
        DseError: naming the block that cannot be built.
    """
    table = BlockTable() if blocks is None else blocks
    return [(block, shapes_within(spec)) for block, spec, _ in table.chain(candidate)]


def part_dtypes(candidate: Candidate) -> dict[str, str]:
    """Return the dtypes of the blocks that have one of their own, by their names in the network."""
    if candidate.is_callable:
        return {}
    found = {str(i): dtype_of_block(block) for i, block in enumerate(candidate.blocks)}
    return {name: dtype for name, dtype in found.items() if dtype is not None}


def cost_of(candidate: Candidate, blocks: BlockTable | None = None) -> Costs | Invalid:
    """Return the costs of a candidate, or why it has none.

    Args:
        candidate: of a family of blocks or of callables.
        blocks: a table that may know its blocks, or the parts of its network, already; with the
            conditions of costs.
    """
    table = BlockTable() if blocks is None else blocks
    return (CallableTable(table) if candidate.is_callable else table).cost(candidate)
