"""A cell as a value: nodes that join what the edges into them make of the nodes before.

The first nodes are the tensors that enter the cell, node 0 where there is one; the last node is
what leaves it. Each edge is a block on the value of an earlier node; a node adds what its edges
make, or concatenates it. As text a cell is the setting of a block, so that it is hashed, stored and
sent to other processes as one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

from dse.language import Value

Join = Literal["add", "concatenate"]
JOINS: tuple[Join, ...] = get_args(Join)

Settings = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class CellEdge:
    """A block on the value of an earlier node."""

    source: int
    """The node that it starts at; the first ones are what enters the cell."""
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
    inputs: int = 1
    """How many tensors enter; these are the nodes 0, 1, …"""
    is_fitted: bool = False
    """Whether the first nodes behind them are these tensors as the cell takes them: each has one
    edge, which brings it to the channels of the cell, and to the size of the smallest."""

    @property
    def fitted(self) -> range:
        """The nodes that are tensors that entered, as the cell takes them."""
        return range(self.inputs, 2 * self.inputs if self.is_fitted else self.inputs)

    @property
    def strided(self) -> range:
        """The nodes from which edges have the stride of the cell."""
        return self.fitted if self.is_fitted else range(self.inputs)

    @property
    def text(self) -> str:
        """The cell as a setting of a block."""
        nodes: list[Any] = [
            [node.join, [[edge.source, edge.block, edge.settings] for edge in node.edges]]
            for node in self.nodes
        ]
        whole = [self.inputs, self.is_fitted, nodes]
        is_plain = self.inputs == 1 and not self.is_fitted
        return json.dumps(nodes if is_plain else whole, separators=(",", ":"))

    @property
    def edges(self) -> Iterator[CellEdge]:
        """All edges, node by node."""
        return (edge for node in self.nodes for edge in node.edges)

    @property
    def makes_what_leaves(self) -> bool:
        """Whether its last step makes what leaves it: not where that is what enters, or is fitted.

        Its text is then the same, with one bare edge at the end.
        """
        (*_, last) = self.nodes
        is_bare = len(last.edges) == 1 and not last.edges[0].block
        return not is_bare or last.edges[0].source >= self.inputs + len(self.fitted)

    @property
    def makes_in_vain(self) -> bool:
        """Whether a step makes what no later one takes."""
        steps = self.steps
        taken = {value for step in steps for value in step.takes}
        return any(value not in taken for value in range(self.inputs, self.inputs + len(steps) - 1))

    @property
    def steps(self) -> tuple[CellStep, ...]:
        """What is done, one after the other; the last step makes what leaves the cell.

        A node adds the next edge's value as soon as that is made, so that few are alive at once.
        """
        steps: list[CellStep] = []
        value_of = [*range(self.inputs)]
        before = self.inputs - 1
        for node in self.nodes:
            made: list[int] = []
            for edge in node.edges:
                if edge.block:
                    steps.append(CellStep("run", (value_of[edge.source],), edge))
                made.append(before + len(steps) if edge.block else value_of[edge.source])
                if node.join == "add" and len(made) == 2:
                    steps.append(CellStep("add", tuple(made)))
                    made = [before + len(steps)]
            if len(made) > 1:
                steps.append(CellStep(node.join, tuple(made)))
                made = [before + len(steps)]
            value_of.append(made[0])
        return tuple(steps)


@dataclass(frozen=True, slots=True)
class CellStep:
    """One step of a cell: it runs an edge's block, or joins values.

    The first values are what enters the cell; behind them is what the steps make, in order.
    """

    kind: Literal["run", "add", "concatenate"]
    takes: tuple[int, ...]
    edge: CellEdge | None = None
    """Of a step that runs a block: which."""


@lru_cache(maxsize=100_000)
def read_cell(text: str) -> CellGraph:
    """Return the cell of a text that `CellGraph.text` gave."""
    content = json.loads(text)
    is_plain = isinstance(content[0], list)
    inputs, is_fitted, nodes = (1, False, content) if is_plain else content
    return CellGraph(tuple(_read_node(join, edges) for join, edges in nodes), inputs, is_fitted)


def _read_node(join: Join, edges: Sequence[Any]) -> CellNode:
    return CellNode(
        tuple(
            CellEdge(source, block, tuple((name, value) for name, value in settings))
            for source, block, settings in edges
        ),
        join,
    )
