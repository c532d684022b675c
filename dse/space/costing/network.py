"""A candidate of either kind: builds its trainable network, and costs it."""

from __future__ import annotations

from dse.code import foreign_code
from dse.costs import Costs
from dse.counting import HandedOn, TensorSpec, contiguous_strides, handed_on_as, tensors_of
from dse.errors import DseError
from dse.space.blocks import CELL, Shapes, block_route, dtype_of_block, steps_within
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


def shapes_along(candidate: Candidate) -> list[tuple[ResolvedBlock, Shapes]]:
    """Return what `blocks_with_inputs` does, of a candidate that can be built and run.

    It takes less time: a cell is not traced, whose steps tell the shape of what it makes.

    Raises:
        DseError: naming a block that cannot be built.
    """
    table = BlockTable()
    handed: HandedOn = table.input_of(candidate)
    found = []
    for position, block in enumerate(candidate.blocks, start=1):
        found.append((block, shapes_within(handed)))
        if block.block == CELL.name:
            handed = _behind_cell(block, handed)
            continue
        costs = table.block_costs(block, handed)
        if isinstance(costs, Invalid):
            raise DseError(f"block {position} ({block.block}): {costs.reason}")
        handed = costs.output
    return found


def _behind_cell(block: ResolvedBlock, handed: HandedOn) -> HandedOn:
    tensors = tensors_of(handed)
    route = block_route(CELL, dict(block.settings), len(tensors))
    taken = tensors if route is None else tuple(tensors[number] for number in route.takes)
    kept = () if route is None else tuple(tensors[number] for number in route.keeps)
    with foreign_code(str):
        made = steps_within(block, tuple(each.shape[1:] for each in taken))[-1].leaving
    shape = (taken[0].shape[0], *made)
    return handed_on_as((*kept, TensorSpec(shape, contiguous_strides(shape), taken[0].dtype)))


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
