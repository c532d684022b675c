"""Cells: small graphs of operations, each as one block of a chain."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.space.blocks.cells import cell_operations as cell_operations
    from dse.space.blocks.cells import darts_operations as darts_operations
    from dse.space.blocks.cells.cell_block import CELL as CELL
    from dse.space.blocks.cells.cell_block import CELL_SETTINGS as CELL_SETTINGS
    from dse.space.blocks.cells.cell_block import GRAPH as GRAPH
    from dse.space.blocks.cells.cell_block import CellOperation as CellOperation
    from dse.space.blocks.cells.cell_block import CellOperations as CellOperations
    from dse.space.blocks.cells.cell_block import blocks_within as blocks_within
    from dse.space.blocks.cells.cell_block import operations_of as operations_of
    from dse.space.blocks.cells.cell_building import build_cell as build_cell
    from dse.space.blocks.cells.cell_graph import JOINS as JOINS
    from dse.space.blocks.cells.cell_graph import CellEdge as CellEdge
    from dse.space.blocks.cells.cell_graph import CellGraph as CellGraph
    from dse.space.blocks.cells.cell_graph import CellNode as CellNode
    from dse.space.blocks.cells.cell_graph import Join as Join
    from dse.space.blocks.cells.standing_steps import steps_within as steps_within

_HOMES = {
    "dse.space.blocks.cells": ("cell_operations", "darts_operations"),
    "dse.space.blocks.cells.cell_block": (
        *("CELL", "CELL_SETTINGS", "CellOperation", "CellOperations", "GRAPH", "blocks_within"),
        *("operations_of",),
    ),
    "dse.space.blocks.cells.cell_building": ("build_cell",),
    "dse.space.blocks.cells.cell_graph": ("CellEdge", "CellGraph", "CellNode", "JOINS", "Join"),
    "dse.space.blocks.cells.standing_steps": ("steps_within",),
}

__getattr__ = lazily(__name__, _HOMES, modules=("cell_operations", "darts_operations"))

__all__ = names_of(_HOMES)
