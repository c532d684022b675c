"""Builds the module of a cell from the blocks of its operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from dse.counting import build_without_weights
from dse.language import Value
from dse.space.blocks.block_modules import block_module
from dse.space.blocks.block_registry import Block, block_of
from dse.space.blocks.cells.cell_block import given_to_operations
from dse.space.blocks.cells.cell_graph import CellGraph, read_cell
from dse.space.blocks.cells.cell_module import Cell
from dse.space.blocks.cells.cell_settling import edge_settings
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
    if len(input_shapes) != cell.inputs:
        raise ValueError(f"the cell takes {cell.inputs} tensors, not {len(input_shapes)}")
    if not cell.makes_what_leaves:
        raise ValueError("the cell hands on a tensor that enters, and makes nothing of the others")
    shapes: list[Shape] = [*input_shapes]
    operations: list[nn.Module] = []
    for step in cell.steps:
        shape = shapes[step.takes[0]]
        if step.edge is not None:
            handed = given
            if step.kind == "run" and len(operations) in _fitting(cell):
                handed = {**given, "stride": _reduction(shape, input_shapes)}
            block = block_of(step.edge.block)
            settings = edge_settings(step.edge, handed, cell)
            operations.append(block_module(block, shape, settings))
            shape = _shape_behind(block, shape, settings)
        elif step.kind == "concatenate":
            shape = (sum(shapes[value][0] for value in step.takes), *shape[1:])
        shapes.append(shape)
    return Cell(operations, [(step.kind, step.takes) for step in cell.steps], cell.inputs)


def _fitting(cell: CellGraph) -> range:
    """Return the numbers of the operations that fit what enters: the first ones."""
    return range(len(cell.fitted))


def _reduction(shape: Shape, entering: Sequence[Shape]) -> int:
    """Return the stride that brings a map to the size of the smallest that enters."""
    smallest = min(each[-1] for each in entering)
    return -(-shape[-1] // smallest)


def _shape_behind(block: Block, shape: Shape, settings: Mapping[str, Value]) -> Shape:
    """Return the shape of what a block makes, without the batch."""
    module = build_without_weights(lambda: block_module(block, shape, settings)).eval()
    with torch.no_grad():
        made = module.to("meta")(torch.empty((1, *shape), device="meta"))
    return tuple(made.shape[1:])
