"""Reads the cells of a family page: small graphs of blocks, each of which is a block of a line.

    cells:
      cell:
        - {0: op}                       # node 1 has an edge from node 0, which is what enters
        - {0: op, 1: op}
        - {0: skip, 1: op, 2: op}       # the last node leaves

A node maps earlier nodes to what the edge from them is: a block by its name, an axis whose value
names one, or `{block: …}` with settings. It adds what they make; `join: concatenate` puts their
channels behind each other. A node may also list edges, each with the node that it is `from`, which
may be an axis. A cell of several inputs says beside its nodes how many, or what each is run through
first:

    cells:
      normal:
        inputs: [cell_input, cell_input]
        nodes:
          - [{from: source, block: op}, {from: source, block: op}]     # node 2
          - {0: skip, 2: skip, join: concatenate}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dse.errors import DseError, nearest
from dse.language import Place, parse_expression, shortened
from dse.space.blocks import BLOCKS, DTYPE_SETTING, JOINS, MOST_TENSORS, ROUTE_SETTINGS
from dse.space.pages.axes import Axis
from dse.space.pages.family import Family
from dse.space.pages.family_definition import BlockLine, DeclaredCell, DeclaredEdge, DeclaredNode
from dse.space.pages.page_blocks import names_of_edge, read_block
from dse.space.pages.page_values import check_keys, is_list, mapping, sequence
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
            cells[str(name)] = _read_cell(nodes, family, where)
    return cells


def _read_cell(content: Any, family: Family, where: Place) -> DeclaredCell:
    inputs, place = 1, where
    fits: tuple[DeclaredEdge, ...] = ()
    if isinstance(content, Mapping):
        check_keys(content, ("inputs", "nodes"), where)
        inputs, fits = _read_inputs(content.get("inputs", 1), family, where / "inputs")
        place, content = where / "nodes", content.get("nodes", ())
    listed = sequence(content, place)
    if not listed or len(listed) > MOST_NODES:
        raise DseError(f"{place}: a cell has 1 to {MOST_NODES} nodes")
    nodes = (
        _read_node(node, number, family, place / (number - inputs))
        for number, node in enumerate(listed, start=inputs)
    )
    return DeclaredCell(where, tuple(nodes), inputs, fits)


def _read_inputs(value: Any, family: Family, where: Place) -> tuple[int, tuple[DeclaredEdge, ...]]:
    """Return how many tensors enter a cell, and what each is run through first."""
    fits: tuple[DeclaredEdge, ...] = ()
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    else:
        listed = sequence(value, where)
        number = len(listed)
        fits = tuple(
            DeclaredEdge(f"input_{index}", index, _read_line(each, family, where / index))
            for index, each in enumerate(listed)
        )
    if not 1 <= number <= MOST_TENSORS:
        raise DseError(f"{where}: {number} tensors; 1 to {MOST_TENSORS} enter a cell")
    return number, fits


def _read_node(content: Any, number: int, family: Family, where: Place) -> DeclaredNode:
    if is_list(content):
        return _read_listed(content, number, family, where)
    return _read_mapped(mapping(content, where), number, family, where)


def _read_listed(content: Sequence[Any], number: int, family: Family, where: Place) -> DeclaredNode:
    """Return a node that lists its edges, each with the node that it is from."""
    edges = []
    for index, value in enumerate(content):
        place = where / index
        edge = dict(mapping(value, place))
        if "from" not in edge:
            raise DseError(f"{place}: an edge of a list says which node it is 'from'")
        names = [*family.axes, *family.definitions]
        source = parse_expression(edge.pop("from"), place / "from", names)
        name = f"{number}_{index + 1}"
        edges.append(DeclaredEdge(name, source, _read_line(edge, family, place)))
    if not edges:
        raise DseError(f"{where}: node {number} has no edges")
    return DeclaredNode(tuple(edges), "add")


def _read_mapped(
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
        line = _read_line(value, family, where / source)
        edges.append((int(source), DeclaredEdge(f"{number}_{source}", int(source), line)))
    return DeclaredNode(tuple(edge for _, edge in sorted(edges, key=lambda pair: pair[0])), join)


def _read_line(value: Any, family: Family, where: Place) -> BlockLine:
    """Return what an edge runs."""
    content = {"block": value} if isinstance(value, str) else dict(mapping(value, where))
    for key in content:
        if key in _EDGE_KEYS:
            raise DseError(f"{where / key}: an edge of a cell has no {key!r}")
    return read_block(content, family, where, named_at=where if isinstance(value, str) else None)


def with_edges(family: Family) -> Family:
    """Return a family whose axes `per: edge` know the edges that they have a value for.

    Raises:
        DseError: for one that several cells use, as an edge is told by its nodes alone.
    """
    axes: dict[str, Axis] = dict(family.axes)
    for name, axis in family.axes.items():
        users = {cell: edges_with(name, family, cell) for cell in family.cells}
        used = [cell for cell, edges in users.items() if edges]
        if axis.per == "edge" and len(used) > 1:
            where = family.place / "axes" / name
            raise DseError(f"{where}: an axis 'per: edge' is of one cell, not of {', '.join(used)}")
        if axis.per == "edge" and used:
            axes[name] = replace(axis, edges=users[used[0]])
    return replace(family, axes=axes)


def edges_with(axis: str, family: Family, cell: str) -> tuple[str, ...]:
    """Return the edges of a cell that refer to an axis."""
    edges = family.cells[cell].edges
    return tuple(edge.name for edge in edges if axis in names_of_edge(edge, family))
