"""Builds the module of a cell from the blocks of its operations."""

from __future__ import annotations

from torch import nn

from dse.space.blocks.block_modules import block_module
from dse.space.blocks.block_registry import block_of
from dse.space.blocks.cells.cell_block import given_to_operations
from dse.space.blocks.cells.cell_graph import read_cell
from dse.space.blocks.cells.cell_module import Cell
from dse.space.blocks.cells.standing_steps import standing_steps
from dse.space.blocks.routing import Shape


def build_cell(
    input_shapes: tuple[Shape, ...],
    graph: str,
    *,
    channels: int | None = None,
    stride: int = 1,
) -> nn.Module:
    """A small graph of operations, declared by a page."""
    cell, given = read_cell(graph), given_to_operations({"channels": channels, "stride": stride})
    operations = [
        block_module(block_of(each.block.block), each.entering, dict(each.block.settings))
        for each in standing_steps(cell, given, input_shapes)
        if each.block is not None
    ]
    return Cell(operations, [(step.kind, step.takes) for step in cell.steps], cell.inputs)
