"""What is left of a cell where it stands, in one form for all cells that are the same network.

Two settings of a cell build the same network where one of these rules makes them equal:

- an edge of nothing is none, and neither is an edge from a node that no edge leads to;
- an edge that hands on its source as it is makes no value of its own, and a node with no other
  edge is that source;
- a node that what leaves the cell does not depend on is none;
- nodes may be numbered, and what a node adds may be written, in any order.

So cells with one form have the same operations, with weights of their own each, on the same values.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache

from dse.language import Value
from dse.space.blocks.block_registry import block_of
from dse.space.blocks.cells.cell_graph import CellEdge, CellGraph, CellNode, read_cell


def edge_settings(edge: CellEdge, given: Mapping[str, Value], cell: CellGraph) -> dict[str, Value]:
    """Return the settings of an edge's block: its own, and what the cell is given.

    Args:
        edge: with a block.
        given: of the whole cell; its `stride` is that of edges from what enters, or of those that
            fit that.
        cell: that it is of.
    """
    taken = block_of(edge.block).parameters
    has_stride = edge.source in cell.strided or (cell.is_fitted and edge.source < cell.inputs)
    settings = {
        name: value
        for name, value in given.items()
        if name in taken and (name != "stride" or has_stride)
    }
    return {**settings, **dict(edge.settings)}


@lru_cache(maxsize=200_000)
def settled_text(
    text: str, entering: Value | None, given: tuple[tuple[str, Value], ...]
) -> str | None:
    """Return a cell in the form that all cells have which are the same network, as text.

    Args:
        text: of the cell.
        entering: how many channels enter one that one tensor enters; None if that is unknown.
        given: `channels` and `stride` of the whole cell.

    Returns:
        None for a cell that does nothing.
    """
    cell = read_cell(text)
    nodes, output = _joined(cell, entering, dict(given))
    if output is None:
        zeros = CellNode((CellEdge(0, "none"),))
        kept = cell.nodes[: len(cell.fitted)]
        return replace(cell, nodes=(*kept, zeros)).text
    first = cell.inputs + len(cell.fitted)
    if output < first:
        if cell.inputs == 1 and not cell.is_fitted:
            return None
        handed_on = CellNode((CellEdge(output, ""),))
        return replace(cell, nodes=(*cell.nodes[: len(cell.fitted)], handed_on)).text
    return replace(cell, nodes=_ordered(cell, _reached(cell, nodes, output))).text


def _joined(
    graph: CellGraph, entering: Value | None, given: Mapping[str, Value]
) -> tuple[dict[int, CellNode], int | None]:
    """Return the nodes that join something, by number, and the one that leaves; None for zeros."""
    place: list[int | None] = [*range(graph.inputs)]
    alone = graph.inputs == 1
    channels: dict[int, Value | None] = dict.fromkeys(
        range(graph.inputs), entering if alone else None
    )
    nodes: dict[int, CellNode] = {}
    for number, node in enumerate(graph.nodes, start=graph.inputs):
        edges = []
        if number in graph.fitted:
            place.append(number)
            nodes[number] = node
            channels[number] = edge_settings(node.edges[0], given, graph).get("channels")
            continue
        for edge in node.edges:
            source = place[edge.source]
            if source is None or (edge.block and block_of(edge.block).is_nothing):
                # Of what is concatenated, zeros are a part.
                edges += [CellEdge(0, "none")] if node.join == "concatenate" else []
            else:
                moved = CellEdge(source, edge.block, edge.settings)
                edges.append(_bare(moved, channels, given, graph))
        if not edges:
            place.append(None)
        elif len(edges) == 1 and not edges[0].block:
            place.append(edges[0].source)
        else:
            place.append(number)
            nodes[number] = CellNode(tuple(edges), node.join)
            made = [_channels_behind(edge, channels, given, graph) for edge in edges]
            channels[number] = made[0] if node.join == "add" else None
    return nodes, place[-1]


def _bare(
    edge: CellEdge,
    channels: Mapping[int, Value | None],
    given: Mapping[str, Value],
    cell: CellGraph,
) -> CellEdge:
    """Return an edge without its block where that does nothing."""
    known = channels[edge.source]
    if not edge.block or known is None:
        return edge
    standing = block_of(edge.block).in_its_place(known, edge_settings(edge, given, cell))
    return CellEdge(edge.source, "") if standing is None else edge


def _channels_behind(
    edge: CellEdge,
    channels: Mapping[int, Value | None],
    given: Mapping[str, Value],
    cell: CellGraph,
) -> Value | None:
    if not edge.block:
        return channels[edge.source]
    return edge_settings(edge, given, cell).get("channels", channels[edge.source])


def _reached(cell: CellGraph, nodes: Mapping[int, CellNode], output: int) -> dict[int, CellNode]:
    """Return the nodes that one depends on, itself included; what fits what enters is there."""
    needed = {output, *cell.fitted}
    for number in sorted(nodes, reverse=True):
        if number in needed:
            needed |= {edge.source for edge in nodes[number].edges}
    return {number: node for number, node in nodes.items() if number in needed}


def _ordered(cell: CellGraph, nodes: Mapping[int, CellNode]) -> tuple[CellNode, ...]:
    """Return nodes in the first of all their orders, by what they join."""
    first = cell.inputs + len(cell.fitted)
    uses: dict[int, list[tuple[int, str]]] = {number: [] for number in nodes}
    for number, node in nodes.items():
        for place, edge in enumerate(node.edges):
            if edge.source >= first:
                at = place if node.join == "concatenate" else 0
                uses[edge.source].append((number, f"{node.join} {at} {_label(edge)}"))

    @cache
    def behind(number: int) -> str:
        """Return all that is made of a node, whatever the nodes are numbered."""
        return json.dumps(sorted((label, behind(user)) for user, label in uses[number]))

    def orders(placed: dict[int, int]) -> Iterator[tuple[CellNode, ...]]:
        ready = [
            number
            for number, node in nodes.items()
            if number not in placed and all(edge.source in placed for edge in node.edges)
        ]
        if not ready:
            yield ()
            return
        written = {number: _renumbered(nodes[number], placed) for number in ready}
        codes = {number: (_code(node), behind(number)) for number, node in written.items()}
        least = min(codes.values())
        # Nodes of one use each are alike: which of them comes first makes no difference.
        alike = {tuple(sorted(uses[n])): n for n in ready if codes[n] == least}
        for number in alike.values():
            for rest in orders({**placed, number: len(placed)}):
                yield (written[number], *rest)

    standing = {number: number for number in range(first)}
    order = min(orders(standing), key=lambda order: [_code(node) for node in order])
    return (*(nodes[number] for number in cell.fitted), *order)


def _renumbered(node: CellNode, placed: Mapping[int, int]) -> CellNode:
    edges: Sequence[CellEdge] = [
        CellEdge(placed[edge.source], edge.block, edge.settings) for edge in node.edges
    ]
    if node.join == "add":
        edges = sorted(edges, key=lambda edge: (edge.source, _label(edge)))
    return CellNode(tuple(edges), node.join)


def _label(edge: CellEdge) -> str:
    return f"{edge.block} {json.dumps(edge.settings)}"


def _code(node: CellNode) -> tuple[str, list[tuple[int, str]]]:
    return node.join, [(edge.source, _label(edge)) for edge in node.edges]
