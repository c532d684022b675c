"""The parts of a block that are shared each by itself: all of it, or the operations of a cell."""

from __future__ import annotations

import json
from functools import cache
from itertools import zip_longest
from typing import NamedTuple

from torch import nn

from dse.counting import build_without_weights
from dse.space import (
    CELL,
    ResolvedBlock,
    Shapes,
    block_of,
    block_route,
    build_block,
    shapes_of,
    steps_within,
)
from dse.supernet.layouts import Extent, extent, length
from dse.supernet.weight_layouts import LayerWeights, layers_of, leaving_extent, without_parts

Extents = tuple[Extent, ...]
"""The channels of each of several tensors; empty where the shape of a tensor says all of them."""


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
    leaving: Extents
    """The channels of what it hands on; see `as_they_enter`."""


def as_they_enter(leaving: Extents, shapes: Shapes) -> Extents:
    """Return the channels of each tensor that enters a block.

    Args:
        leaving: of what the block before hands on, as it reads; none in front of the first.
        shapes: of the tensors, without the batch.
    """
    several = zip_longest(leaving, shapes_of(shapes), fillvalue=())
    return tuple(known or _plain(shape) for known, shape in several)


@cache
def read_block(
    block: ResolvedBlock, shapes: Shapes, entering: Extents, is_packed: bool
) -> BlockReading:
    """Return the weights of a block, by its parts.

    Args:
        block: of a candidate.
        shapes: of what enters it, without the batch.
        entering: the channels of each tensor of that.
        is_packed: whether what is packed in a dimension is told apart.
    """
    several = shapes_of(shapes)
    route = block_route(block_of(block.block), dict(block.settings), len(several))
    takes = (0,) if route is None else route.takes
    taken = tuple(entering[number] for number in takes)
    if block.block == CELL.name:
        taken_shapes = tuple(several[number] for number in takes)
        parts, made = _cell_parts(block, taken_shapes, taken, is_packed)
    else:
        parts, made = _whole(block, shapes, taken, is_routed=route is not None)
    if not is_packed:
        parts = [each._replace(layers=tuple(without_parts([*each.layers]))) for each in parts]
    if route is None:
        return BlockReading(tuple(parts), (made,))
    prefixed = [each._replace(prefix=_joined("block", each.prefix)) for each in parts]
    return BlockReading(tuple(prefixed), (*(entering[number] for number in route.keeps), made))


def read_callable(block: ResolvedBlock, module: nn.Module, is_packed: bool) -> BlockReading:
    """Return the weights of a whole network that a callable returned."""
    layers = layers_of(module, block.block, ())
    return BlockReading(
        (BlockPart("", "", tuple(layers if is_packed else without_parts(layers))),), ()
    )


def _plain(shape: tuple[int, ...]) -> Extent:
    """Return the channels of what enters a network, or leaves a block that packs nothing."""
    return extent(shape[0] if len(shape) > 1 else shape[-1])


def _whole(
    block: ResolvedBlock, shapes: Shapes, taken: Extents, is_routed: bool
) -> tuple[list[BlockPart], Extent]:
    """Return all of a block as a part, and the channels of what it makes."""
    module = build_without_weights(lambda: build_block(block, shapes))
    if is_routed:
        module = module.get_submodule("block")
    entering = taken[0] if len(taken) == 1 else ()
    part = BlockPart("", "", tuple(layers_of(module, block.block, entering)))
    made = leaving_extent(block.block, module, entering, shapes_of(shapes)[0])
    return [part], made or ()


def _cell_parts(
    block: ResolvedBlock, shapes: tuple[tuple[int, ...], ...], entering: Extents, is_packed: bool
) -> tuple[list[BlockPart], Extent]:
    """Return the operations of a cell as parts, and the channels of what it makes.

    What is added has one part: of each term its channels may be made of others.
    """
    extents = [*entering]
    found: list[BlockPart] = []
    seen: dict[str, int] = {}
    for each in steps_within(block, shapes):
        taken = [extents[value] for value in each.step.takes]
        if each.block is None or each.step.edge is None:
            is_sum = each.step.kind == "add"
            extents.append(extent(length(taken[0])) if is_sum else sum(taken, start=()))
            continue
        reading = read_block(each.block, each.entering, (taken[0],), is_packed)
        edge = each.step.edge
        # Edges are told apart by what the network is, not by how its settings write it.
        name = f"{edge.source}-{each.node} {edge.block} {json.dumps(edge.settings)}"
        seen[name] = seen.get(name, 0) + 1
        prefix = f"operations.{len(found)}"
        (part,) = reading.parts
        found.append(BlockPart(f"{name} {seen[name]}", prefix, part.layers))
        extents += as_they_enter(reading.leaving, each.leaving)
    return found, extents[-1]


def _joined(*names: str) -> str:
    return ".".join(filter(None, names))
