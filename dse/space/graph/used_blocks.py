"""The distinct blocks of a space, and how many of its networks each is in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy

from dse.counting import Bundle, HandedOn, TensorSpec
from dse.errors import DseError
from dse.space.candidate import ResolvedBlock
from dse.space.graph.networks import NetworkGraph, without_edges
from dse.space.tables import Integers


@dataclass(frozen=True)
class BlockUse:
    """A block at what enters it."""

    block: ResolvedBlock
    input: TensorSpec
    output: TensorSpec
    edges: Integers
    """Of the graph, where it stands."""


def block_uses(graph: NetworkGraph) -> list[BlockUse]:
    """Return each distinct block of a space once, in the order in which networks run them.

    Raises:
        DseError: for a space with blocks that several tensors enter or leave: those are known by
            one input each.
    """
    table = graph.space.table
    found: dict[tuple[ResolvedBlock, TensorSpec], list[int]] = {}
    outputs: dict[tuple[ResolvedBlock, TensorSpec], TensorSpec] = {}
    for edges in graph.forwards():
        for edge in edges.tolist():
            state = table.states[graph.states[graph.source[edge]]]
            transition = table.transitions[graph.transition[edge]]
            leaving = table.states[transition.leaving].spec
            (block,) = transition.blocks
            assert state.spec is not None, "the graph has what can be built"
            assert leaving is not None, "as much"
            key = (block, _one(block, state.spec))
            found.setdefault(key, []).append(edge)
            outputs[key] = _one(block, leaving)
    return [
        BlockUse(*key, outputs[key], numpy.array(edges, dtype=numpy.int64))
        for key, edges in found.items()
    ]


def _one(block: ResolvedBlock, handed: HandedOn) -> TensorSpec:
    if isinstance(handed, Bundle):
        raise DseError(f"block {block.block!r} is on several tensors, and in no table of blocks")
    return handed


def networks_with(graph: NetworkGraph, use: BlockUse) -> int:
    """Return how many distinct networks have a block."""
    return graph.count() - networks_without(graph, [use])


def networks_without(graph: NetworkGraph, uses: Iterable[BlockUse]) -> int:
    """Return how many distinct networks have none of some blocks."""
    dropped = numpy.zeros(len(graph.source), dtype=numpy.bool_)
    for use in uses:
        dropped[use.edges] = True
    return without_edges(graph, dropped).count()
