"""Reads the cells of a family page: small graphs of blocks, each of which is a block of a line.

    cells:
      cell:
        - {0: op}                       # node 1 has an edge from node 0, which is what enters
        - {0: op, 1: op}
        - {0: skip, 1: op, 2: op}       # the last node leaves

A node maps earlier nodes to what the edge from them is: a block by its name, an axis whose value
names one, or `{block: …}` with settings. It adds what they make; `join: concatenate` puts their
channels behind each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dse.errors import DseError, nearest
from dse.language import Place, shortened
from dse.space.blocks import BLOCKS, DTYPE_SETTING, JOINS, ROUTE_SETTINGS
from dse.space.pages.axes import Axis
from dse.space.pages.family import Family
from dse.space.pages.family_definition import DeclaredCell, DeclaredEdge, DeclaredNode
from dse.space.pages.page_blocks import names_of_block, read_block
from dse.space.pages.page_values import mapping, sequence
from dse.space.pages.problems import Problems

MOST_NODES = 16
_EDGE_KEYS = ("repeat", "for_each", DTYPE_SETTING, *ROUTE_SETTINGS)
"""What an edge may not have."""


def read_cells(
    content: Mapping[str, Any], family: Family, problems: Problems
) -> dict[str, DeclaredCell]:
    """Return the cells of a page by name.

    A name that is taken, an unknown node or block, and an edge without a value are collected.
    """
    cells: dict[str, DeclaredCell] = {}
    for name, nodes in content.items():
        where = family.place / "cells" / name
        with problems.collected():
            if name in family.axes or name in BLOCKS or not str(name).isidentifier():
                raise DseError(f"{where}: a cell needs a plain name that is no axis and no block")
            listed = sequence(nodes, where)
            if len(listed) > MOST_NODES:
                raise DseError(f"{where}: a cell has at most {MOST_NODES} nodes")
            cells[str(name)] = DeclaredCell(
                where,
                tuple(
                    _read_node(mapping(node, where / index), index + 1, family, where / index)
                    for index, node in enumerate(listed)
                ),
            )
    return cells


def _read_node(
    content: Mapping[Any, Any], number: int, family: Family, where: Place
) -> DeclaredNode:
    content = {str(key): value for key, value in content.items()}
    join = content.pop("join", "add")
    if join not in JOINS:
        hint = nearest(str(join), JOINS)
        raise DseError(f"{where / 'join'}: unknown {shortened(join)}; {hint}")
    if not content:
        raise DseError(f"{where}: node {number} has no edges")
    earlier = [str(each) for each in range(number)]
    edges = []
    for source, value in content.items():
        if source not in earlier:
            known = "node 0" if number == 1 else f"nodes 0 to {number - 1}"
            raise DseError(f"{where / source}: node {number} has edges from {known}")
        edges.append(_read_edge(value, number, int(source), family, where / source))
    return DeclaredNode(tuple(sorted(edges, key=lambda edge: edge.source)), join)


def _read_edge(value: Any, number: int, source: int, family: Family, where: Place) -> DeclaredEdge:
    content = {"block": value} if isinstance(value, str) else dict(mapping(value, where))
    for key in content:
        if key in _EDGE_KEYS:
            raise DseError(f"{where / key}: an edge of a cell has no {key!r}")
    line = read_block(content, family, where, named_at=where if isinstance(value, str) else None)
    return DeclaredEdge(f"{number}_{source}", source, line)


def with_edges(family: Family) -> Family:
    """Return a family whose axes `per: edge` know the edges that they have a value for.

    Raises:
        DseError: for one that several cells use, as an edge is told by its nodes alone.
    """
    axes: dict[str, Axis] = dict(family.axes)
    for name, axis in family.axes.items():
        users = {cell: _edges_with(name, family, cell) for cell in family.cells}
        used = [cell for cell, edges in users.items() if edges]
        if axis.per == "edge" and len(used) > 1:
            where = family.place / "axes" / name
            raise DseError(f"{where}: an axis 'per: edge' is of one cell, not of {', '.join(used)}")
        if axis.per == "edge" and used:
            axes[name] = replace(axis, edges=users[used[0]])
    return replace(family, axes=axes)


def _edges_with(axis: str, family: Family, cell: str) -> tuple[str, ...]:
    """Return the edges of a cell that refer to an axis."""
    edges = family.cells[cell].edges
    return tuple(edge.name for edge in edges if axis in names_of_block(edge.line, family))
