"""The steps of a cell at what enters it: what each runs, and the shapes of what it makes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import torch

from dse.counting import build_without_weights
from dse.language import Value
from dse.space.blocks.block_modules import block_module
from dse.space.blocks.block_registry import block_of
from dse.space.blocks.cells.cell_block import GRAPH, given_to_operations, reduction
from dse.space.blocks.cells.cell_graph import CellGraph, CellStep, read_cell
from dse.space.blocks.cells.cell_settling import edge_settings
from dse.space.blocks.routing import Shape
from dse.space.candidate import ResolvedBlock


class StandingStep(NamedTuple):
    """A step of a cell at what enters it."""

    step: CellStep
    block: ResolvedBlock | None
    """What it runs; None for one that joins values."""
    node: int
    """That its edge leads to; 0 for a step that joins."""
    entering: Shape
    """Of the first value that it takes, without the batch."""
    leaving: Shape


def steps_within(block: ResolvedBlock, shapes: tuple[Shape, ...]) -> list[StandingStep]:
    """Return the steps of the block of a cell.

    Args:
        block: which `CELL` is the name of.
        shapes: of what the cell takes, without the batch.

    Raises:
        ValueError: as `standing_steps`.
    """
    settings = dict(block.settings)
    cell = read_cell(str(settings[GRAPH]))
    return standing_steps(cell, given_to_operations(settings), shapes)


def standing_steps(
    cell: CellGraph, given: Mapping[str, Any], shapes: tuple[Shape, ...]
) -> list[StandingStep]:
    """Return the steps of a cell, one after the other; the last one makes what leaves.

    Args:
        cell: which steps there are.
        given: by the cell to its operations.
        shapes: of what the cell takes, without the batch.

    Raises:
        ValueError: for tensors that the cell does not take, or settings that an operation refuses.
    """
    if len(shapes) != cell.inputs:
        raise ValueError(f"the cell takes {cell.inputs} tensors, not {len(shapes)}")
    if not cell.makes_what_leaves:
        raise ValueError("the cell hands on a tensor that enters, and makes nothing of the others")
    made: list[Shape] = [*shapes]
    nodes = _nodes_of_operations(cell)
    found: list[StandingStep] = []
    ran = 0
    for step in cell.steps:
        entering = leaving = made[step.takes[0]]
        operation, node = None, 0
        if step.edge is not None:
            handed = given
            # The first operations are those that fit what enters.
            if ran < len(cell.fitted):
                handed = {**given, "stride": reduction(entering, shapes)}
            named = block_of(step.edge.block)
            changed = named.changed(edge_settings(step.edge, handed, cell))
            operation = ResolvedBlock(named.name, changed, named.is_lasting)
            node, ran = nodes[ran], ran + 1
            behind = _lasting_shape_behind if named.is_lasting else _shape_behind
            leaving = behind(operation, entering)
        elif step.kind == "concatenate":
            channels = sum(made[value][0] for value in step.takes)
            leaving = (channels, *entering[1:])
        found.append(StandingStep(step, operation, node, entering, leaving))
        made.append(leaving)
    return found


def _nodes_of_operations(cell: CellGraph) -> list[int]:
    """Return the node that the edge of each operation leads to, in order."""
    numbered = enumerate(cell.nodes, start=cell.inputs)
    return [number for number, node in numbered for edge in node.edges if edge.block]


def _shape_behind(block: ResolvedBlock, shape: Shape) -> Shape:
    """Return the shape of what an operation makes, without the batch."""
    settings: dict[str, Value] = dict(block.settings)
    module = build_without_weights(
        lambda: block_module(block_of(block.block), shape, settings)
    ).eval()
    with torch.no_grad():
        made = module.to("meta")(torch.empty((1, *shape), device="meta"))
    return tuple(made.shape[1:])


_lasting_shape_behind = lru_cache(maxsize=20_000)(_shape_behind)
