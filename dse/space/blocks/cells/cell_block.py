"""The block of a cell, which pages declare under `cells`, and cannot name otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from dse.language import Value
from dse.space.blocks.block_registry import DECLARED, DTYPE_SETTING, Block, block_of
from dse.space.blocks.cells.cell_graph import read_cell
from dse.space.blocks.cells.cell_settling import edge_settings, settled_text
from dse.space.candidate import ResolvedBlock

GRAPH = "graph"
"""The setting that is the text of a cell."""
CELL_SETTINGS = ("channels", "stride", DTYPE_SETTING)
"""What the line of a cell may give it: the first two are handed to its operations."""


class CellOperation(NamedTuple):
    """A step of a cell at its place."""

    block: ResolvedBlock | None
    """What it runs; None for a step that adds."""
    takes: tuple[int, ...]


def operations_of(block: ResolvedBlock) -> tuple[CellOperation, ...] | None:
    """Return what a cell does, one after the other.

    None where that does not tell what it costs: where a step concatenates, for one that several
    tensors enter or leave, and for one whose dtype is its own.
    """
    settings = dict(block.settings)
    cell = read_cell(str(settings[GRAPH]))
    if cell.inputs > 1 or cell.is_fitted or CELL.shared_settings & settings.keys():
        return None
    given = given_to_operations(settings)
    found = []
    for step in cell.steps:
        if step.kind == "concatenate":
            return None
        operation = None
        if step.edge is not None:
            named = block_of(step.edge.block)
            changed = named.changed(edge_settings(step.edge, given, cell))
            operation = ResolvedBlock(named.name, changed, named.is_lasting)
        found.append(CellOperation(operation, step.takes))
    return tuple(found)


def blocks_within(block: ResolvedBlock) -> Iterator[str]:
    """Yield the names of the blocks that a block is made of: itself, or those of a cell."""
    if block.block != CELL.name:
        yield block.block
        return
    for edge in read_cell(str(dict(block.settings)[GRAPH])).edges:
        if edge.block:
            yield edge.block


def given_to_operations(settings: Mapping[str, Any]) -> dict[str, Value]:
    """Return what a cell gives its operations."""
    found = {name: settings.get(name) for name in CELL_SETTINGS if name != DTYPE_SETTING}
    return {name: value for name, value in found.items() if value is not None}


def _in_its_place(
    channels: Value | None, settings: Mapping[str, Value]
) -> Mapping[str, Value] | None:
    text = settled_text(
        str(settings[GRAPH]), channels, tuple(given_to_operations(settings).items())
    )
    return None if text is None else {**settings, GRAPH: text}


CELL = Block("cell", place=_in_its_place)
DECLARED[CELL.name] = CELL
