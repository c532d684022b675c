"""The slots of a family page: pieces whose blocks depend on few dimensions of a grid.

A line whose layers differ is a slot for each layer, any other line is one slot. What blocks a slot
holds follows from the settings that its expressions read, so that it is worked out once for each
combination of those alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from dse.language import Value
from dse.space.candidate import ResolvedBlock
from dse.space.pages import (
    BlockLine,
    Family,
    GivenBlock,
    Grid,
    Scope,
    channels_after,
    in_its_place,
    input_shape,
    layer_blocks,
    line_blocks,
    line_repeat,
    resolved_block,
)
from dse.space.tables.tabulating import Tabulated, tabulate


@dataclass(frozen=True, slots=True)
class SlotBlock:
    """A block of a slot; equal to others that build the same."""

    block: ResolvedBlock
    channels_behind: Value | None
    """How many channels leave it, as the page tells it."""
    given: GivenBlock = field(compare=False, repr=False)

    def in_its_place(self, channels: Value | None) -> SlotBlock | None:
        """Return the block as it stands behind so many channels; None where it does nothing."""
        block = in_its_place(self.given, channels)
        return None if block is None else replace(self, block=block)


Run = tuple[SlotBlock, ...]
"""The blocks of a slot, in order."""


@dataclass(frozen=True)
class PageSlots:
    """What a page says over a grid: what enters a network, and the blocks of each slot."""

    grid: Grid
    shapes: Tabulated[tuple[int, ...]]
    """Shapes of the network's input."""
    runs: tuple[Tabulated[Run], ...]
    """The blocks of each slot."""


def page_slots(grid: Grid) -> PageSlots:
    """Return what the page of a grid's family says at its points; nothing is traced.

    Raises:
        EntangledError: where a slot depends on too many settings.
    """
    return PageSlots(grid, tabulate(grid, input_shape), tuple(_slots(grid)))


def in_their_places(channels: Value | None, run: Run) -> Run:
    """Return the blocks of a run behind so many channels, but for those that do nothing there."""
    kept = []
    before: tuple[SlotBlock, Value | None] | None = None
    for each in run:
        if before != (each, channels):
            before, standing = (each, channels), each.in_its_place(channels)
        if standing is not None:
            kept.append(standing)
            channels = standing.channels_behind
    return tuple(kept)


def channels_behind(channels: Value | None, run: Run) -> Value | None:
    """Return how many channels leave a run that stands behind so many; None if unknown."""
    return run[-1].channels_behind if run else channels


def _slots(grid: Grid) -> Iterator[Tabulated[Run]]:
    """Yield the blocks of each slot of a family, tabulated over a grid."""
    for line in grid.family.lines:
        for function in _functions(grid, line):
            yield tabulate(grid, function)


def slot_lines(grid: Grid) -> list[int]:
    """Return the number of the line of each slot of a family, over a grid."""
    return [
        number
        for number, line in enumerate(grid.family.lines)
        for _ in range(len(_functions(grid, line)))
    ]


def _functions(grid: Grid, line: BlockLine) -> list[Callable[[Scope], Run]]:
    family = grid.family
    if not line.per_layer or line.for_each is not None:
        return [lambda scope: _run(line_blocks(family, line, scope))]
    repeats = tabulate(grid, lambda scope: line_repeat(line, scope)).values
    most = max((count for count in repeats if isinstance(count, int)), default=1)
    return [_of_layer(family, line, layer) for layer in range(1, max(most, 1) + 1)]


def _of_layer(family: Family, line: BlockLine, layer: int) -> Callable[[Scope], Run]:
    return lambda scope: _run(layer_blocks(family, line, scope, layer))


def _run(blocks: Iterable[GivenBlock]) -> Run:
    return tuple(SlotBlock(resolved_block(given), channels_after(given), given) for given in blocks)
