"""The block of a cell, which pages declare under `cells`, and cannot name otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dse.language import Value
from dse.space.blocks.block_registry import DECLARED, DTYPE_SETTING, Block, block_of
from dse.space.blocks.cells.cell_graph import Join, read_cell
from dse.space.blocks.cells.cell_settling import edge_settings, settled_text
from dse.space.blocks.routing import Shape, Shapes, route_of, shapes_of
from dse.space.candidate import ResolvedBlock

GRAPH = "graph"
"""The setting that is the text of a cell."""
CELL_SETTINGS = ("channels", "stride", DTYPE_SETTING)
"""What the line of a cell may give it: the first two are handed to its operations."""


class CellOperation(NamedTuple):
    """A step of a cell at its place."""

    does: ResolvedBlock | Join
    """The block that it runs, or how it joins values."""
    takes: tuple[int, ...]
    """Values: the first ones are the tensors that enter, behind them is what the steps make."""


class CellOperations(NamedTuple):
    """What a cell does, one after the other, and what it hands on."""

    steps: tuple[CellOperation, ...]
    keeps: tuple[int, ...]
    """The numbers of tensors that enter and go on, in front of what the last step makes."""
    is_routed: bool
    """Whether its module is within another one that routes tensors."""


def operations_of(block: ResolvedBlock, shapes: Shapes) -> CellOperations | None:
    """Return what a cell does.

    Args:
        block: which `CELL` is the name of.
        shapes: of what enters, without the batch.

    Returns:
        None where that does not tell what it costs: for a dtype of its own, tensors that the cell
        does not take, one that hands on what enters without making anything of it, and one that
        fits a tensor which nothing takes.
    """
    settings = dict(block.settings)
    cell = read_cell(str(settings[GRAPH]))
    entering = shapes_of(shapes)
    if DTYPE_SETTING in settings:
        return None
    try:
        route = route_of(settings, len(entering))
    except ValueError:
        return None
    if len(route.takes) != cell.inputs or not cell.makes_what_leaves or cell.makes_in_vain:
        return None
    given = given_to_operations(settings)
    taken = [entering[number] for number in route.takes]

    def value(number: int) -> int:
        """Return a value of the cell as one behind all tensors that enter."""
        inner = number - cell.inputs
        return route.takes[number] if inner < 0 else inner + len(entering)

    found = []
    ran = 0
    for step in cell.steps:
        does: ResolvedBlock | Join
        if step.edge is None:
            does = "add" if step.kind == "add" else "concatenate"
        else:
            handed = given
            # The first operations are those that fit what enters.
            if ran < len(cell.fitted):
                handed = {**given, "stride": reduction(taken[step.edge.source], taken)}
            named = block_of(step.edge.block)
            changed = named.changed(edge_settings(step.edge, handed, cell))
            does = ResolvedBlock(named.name, changed, named.is_lasting)
            ran += 1
        found.append(CellOperation(does, tuple(map(value, step.takes))))
    is_routed = len(entering) > 1 or not route.is_plain
    return CellOperations(tuple(found), route.keeps, is_routed)


def reduction(shape: Shape, entering: Sequence[Shape]) -> int:
    """Return the stride that brings a map to the size of the smallest that enters."""
    smallest = min(each[-1] for each in entering)
    return -(-shape[-1] // smallest)


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
