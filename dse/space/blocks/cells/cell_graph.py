"""A cell as a value: nodes that join what the edges into them make of the nodes before.

Node 0 is what enters the cell, the last node is what leaves it. Each edge is a block on the value
of an earlier node; a node adds what its edges make, or concatenates it. As text a cell is the
setting of a block, so that it is hashed, stored and sent to other processes as one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from dse.language import Value

Join = Literal["add", "concatenate"]
JOINS: tuple[Join, ...] = get_args(Join)

Settings = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class CellEdge:
    """A block on the value of an earlier node."""

    source: int
    """The node that it starts at; 0 is what enters the cell."""
    block: str
    """By name; empty for one that hands on its source as it is."""
    settings: Settings = ()
    """Of the block, sorted by name, but for what the whole cell gives it."""


@dataclass(frozen=True, slots=True)
class CellNode:
    """A value of a cell."""

    edges: tuple[CellEdge, ...]
    join: Join = "add"


@dataclass(frozen=True, slots=True)
class CellGraph:
    """The nodes of a cell behind what enters it; the last one leaves it."""

    nodes: tuple[CellNode, ...]

    @property
    def text(self) -> str:
        """The cell as a setting of a block."""
        nodes = [
            [node.join, [[edge.source, edge.block, edge.settings] for edge in node.edges]]
            for node in self.nodes
        ]
        return json.dumps(nodes, separators=(",", ":"))

    @property
    def edges(self) -> Iterator[CellEdge]:
        """All edges, node by node."""
        return (edge for node in self.nodes for edge in node.edges)

    @property
    def steps(self) -> tuple[CellStep, ...]:
        """What is done, one after the other; the last step makes what leaves the cell.

        A node adds the next edge's value as soon as that is made, so that few are alive at once.
        """
        steps: list[CellStep] = []
        value_of = [0]
        for node in self.nodes:
            made: list[int] = []
            for edge in node.edges:
                if edge.block:
                    steps.append(CellStep("run", (value_of[edge.source],), edge))
                made.append(len(steps) if edge.block else value_of[edge.source])
                if node.join == "add" and len(made) == 2:
                    steps.append(CellStep("add", tuple(made)))
                    made = [len(steps)]
            if len(made) > 1:
                steps.append(CellStep(node.join, tuple(made)))
                made = [len(steps)]
            value_of.append(made[0])
        return tuple(steps)


@dataclass(frozen=True, slots=True)
class CellStep:
    """One step of a cell: it runs an edge's block, or joins values.

    Value 0 is what enters the cell, value n what the nth step makes.
    """

    kind: Literal["run", "add", "concatenate"]
    takes: tuple[int, ...]
    edge: CellEdge | None = None
    """Of a step that runs a block: which."""


@lru_cache(maxsize=100_000)
def read_cell(text: str) -> CellGraph:
    """Return the cell of a text that `CellGraph.text` gave."""
    return CellGraph(
        tuple(
            CellNode(
                tuple(
                    CellEdge(source, block, tuple((name, value) for name, value in settings))
                    for source, block, settings in edges
                ),
                join,
            )
            for join, edges in json.loads(text)
        )
    )
