"""Cells: small graphs of operations, each as one block of a chain."""

from dse.space.blocks.cells import cell_operations, darts_operations
from dse.space.blocks.cells.cell_block import (
    CELL,
    CELL_SETTINGS,
    GRAPH,
    CellOperation,
    blocks_within,
    edges_within,
    operations_of,
)
from dse.space.blocks.cells.cell_graph import JOINS, CellEdge, CellGraph, CellNode, Join

__all__ = [
    "CELL",
    "CELL_SETTINGS",
    "GRAPH",
    "JOINS",
    "CellEdge",
    "CellGraph",
    "CellNode",
    "CellOperation",
    "Join",
    "blocks_within",
    "cell_operations",
    "darts_operations",
    "edges_within",
    "operations_of",
]
