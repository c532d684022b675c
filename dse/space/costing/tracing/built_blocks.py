"""Blocks without weights, each built once for all inputs that it is the same for.

A trace runs a copy, so that what is built here stays as it was. Blocks of the user's own are built
anew each time, for their code may change while a notebook is open.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from torch import nn

from dse.code import foreign_code
from dse.counting import SizedRuns, build_without_weights
from dse.limits import limit
from dse.space.blocks import Shapes, asked_of, block_module, block_of
from dse.space.candidate import ResolvedBlock

MOST_BLOCKS = 256
"""At about a hundred kilobytes each."""

_BUILT: OrderedDict[Hashable, SizedRuns] = OrderedDict()


def build_block(block: ResolvedBlock, shapes: Shapes) -> nn.Module:
    """Build a block for what enters it, of shapes without the batch.

    Raises:
        DseError: where the block class refuses its settings.
    """
    with foreign_code(str):
        return block_module(block_of(block.block), shapes, dict(block.settings))


def built_without_weights(block: ResolvedBlock, shapes: Shapes) -> nn.Module:
    """Return a block without weights, from an earlier time where it was built; it must not be run.

    Args:
        block: what it is.
        shapes: of what enters it, without the batch.

    Raises:
        DseError: where the block class refuses its settings.
    """
    (built,) = runs_of(block, shapes).model.children()
    return built


def runs_of(block: ResolvedBlock, shapes: Shapes) -> SizedRuns:
    """Return the runs of a block alone, in which it is a layer like those in a network.

    Args:
        block: as for `built_without_weights`.
        shapes: as for `built_without_weights`.

    Raises:
        DseError: where the block class refuses its settings.
    """
    if not block.is_lasting:
        return _built(block, shapes)
    registered = block_of(block.block)
    with foreign_code(str):
        asked = asked_of(registered, shapes)
    # Settings that are equal, such as 1 and 1.0, may not be the same to a block.
    key = (registered.build, repr(block), asked, limit("module_parts"))
    known = _BUILT.get(key)
    if known is None:
        known = _BUILT[key] = _built(block, shapes)
        if len(_BUILT) > MOST_BLOCKS:
            _BUILT.popitem(last=False)
    else:
        _BUILT.move_to_end(key)
    return known


def _built(block: ResolvedBlock, shapes: Shapes) -> SizedRuns:
    return SizedRuns(nn.Sequential(build_without_weights(lambda: build_block(block, shapes))))
