"""The parts of a block that are shared each by itself: all of it, or the operations of a cell."""

from __future__ import annotations

import json
from functools import cache
from typing import NamedTuple

from torch import nn

from dse.counting import build_without_weights
from dse.space import ResolvedBlock, build_block, edges_within
from dse.supernet.layouts import Extent, extent
from dse.supernet.weight_layouts import LayerWeights, layers_of, leaving_extent, without_parts


class BlockPart(NamedTuple):
    """Some layers of a block."""

    name: str
    """Within the block: empty for all of it, or the edge of a cell with what runs along it."""
    prefix: str
    """In front of the paths of its layers."""
    layers: tuple[LayerWeights, ...]


class BlockReading(NamedTuple):
    """The weights of a block at what enters it."""

    parts: tuple[BlockPart, ...]
    leaving: Extent
    """The channels that leave it."""


@cache
def read_block(
    block: ResolvedBlock, input_shape: tuple[int, ...], entering: Extent, is_packed: bool
) -> BlockReading:
    """Return the weights of a block, by its parts.

    Args:
        block: of a candidate.
        input_shape: of what enters it, without the batch.
        entering: the channels of that.
        is_packed: whether what is packed in a dimension is told apart.
    """
    module = build_without_weights(lambda: build_block(block, input_shape))
    leaving = leaving_extent(block.block, module, entering, input_shape)
    parts = tuple(_parts(block, module, entering))
    if not is_packed:
        parts = tuple(each._replace(layers=tuple(without_parts([*each.layers]))) for each in parts)
    return BlockReading(parts, leaving or ())


def read_callable(block: ResolvedBlock, module: nn.Module, is_packed: bool) -> BlockReading:
    """Return the weights of a whole network that a callable returned."""
    layers = layers_of(module, block.block, ())
    return BlockReading(
        (BlockPart("", "", tuple(layers if is_packed else without_parts(layers))),), ()
    )


def first_extent(input_shape: tuple[int, ...]) -> Extent:
    """Return the channels of what enters a network, or leaves a block that packs nothing."""
    return extent(input_shape[0] if len(input_shape) > 1 else input_shape[-1])


def _parts(block: ResolvedBlock, module: nn.Module, entering: Extent) -> list[BlockPart]:
    edges = edges_within(block)
    if edges is None:
        return [BlockPart("", "", tuple(layers_of(module, block.block, entering)))]
    found = []
    seen: dict[str, int] = {}
    for number, (node, edge) in enumerate(edges):
        # Edges are told apart by what the network is, not by how its settings write it.
        name = f"{edge.source}-{node} {edge.block} {json.dumps(edge.settings)}"
        seen[name] = seen.get(name, 0) + 1
        operation = module.get_submodule(f"operations.{number}")
        layers = layers_of(operation, edge.block, ())
        found.append(BlockPart(f"{name} {seen[name]}", f"operations.{number}", tuple(layers)))
    return found
