"""The slots of a family page: pieces whose blocks depend on few dimensions of a grid.

A line whose layers differ is a slot for each layer, any other line is one slot. What blocks a slot
holds follows from the settings that its expressions read, so that it is worked out once for each
combination of those alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from dse.errors import DseError
from dse.language import Value
from dse.limits import limit, shown_limit
from dse.space.candidate import ResolvedBlock
from dse.space.pages import (
    BlockLine,
    Family,
    GivenBlock,
    Grid,
    Scope,
    channels_after,
    in_its_place,
    layer_blocks,
    line_blocks,
    line_repeat,
    resolved_block,
)

T = TypeVar("T")


class EntangledError(DseError):
    """A slot depends on too many settings at once for a table of them."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a slot has no blocks at some settings."""

    reason: str


@dataclass(frozen=True)
class Tabulated(Generic[T]):
    """Values at every combination of some dimensions of a grid, the last dimension runs first."""

    dimensions: tuple[int, ...]
    values: list[T | Failed]
    reads: list[frozenset[str]]
    """The columns of settings that each value depends on."""


def require_tabulable(size: int, where: str = "") -> None:
    """Refuse a table that would be too large; `where` says of what it is.

    Raises:
        EntangledError: naming the limit, and what raises it.
    """
    if size > limit("table_entries"):
        raise EntangledError(
            f"{where}{size:,} combinations of settings make a difference to one another, more than "
            f"{shown_limit('table_entries')}"
        )


def tabulate(grid: Grid, function: Callable[[Scope], T]) -> Tabulated[T]:
    """Evaluate a function at every combination of the dimensions that it turns out to read.

    Raises:
        EntangledError: where there are more than the limit `slot_combinations`.
    """
    dimension_of = {
        column: index
        for index, dimension in enumerate(grid.dimensions)
        for choice in dimension.choices
        for column in choice
    }
    known: tuple[int, ...] = ()
    while True:
        table, more = _evaluated(grid, function, known, dimension_of)
        if not more:
            return table
        known = tuple(sorted({*known, *more}))
        size = math.prod(len(grid.dimensions[index].choices) for index in known)
        if size > limit("slot_combinations"):
            names = ", ".join(grid.dimensions[index].name for index in known)
            raise EntangledError(
                f"{size:,} combinations of {names} make blocks each, more than the "
                f"{shown_limit('slot_combinations')} that are worked out; "
                "give these axes fewer values"
            )


def _evaluated(
    grid: Grid,
    function: Callable[[Scope], T],
    dimensions: tuple[int, ...],
    dimension_of: Mapping[str, int],
) -> tuple[Tabulated[T], set[int]]:
    """Evaluate at all combinations, or stop at the first that reads a further dimension."""
    table: Tabulated[T] = Tabulated(dimensions, [], [])
    for settings in grid.combinations(dimensions):
        scope = Scope(grid.family, settings)
        try:
            value: T | Failed = function(scope)
        except DseError as error:
            value = Failed(str(error))
        more = {dimension_of[column] for column in scope.read if column in dimension_of}
        more -= {*dimensions}
        if more:
            return table, more
        table.values.append(value)
        table.reads.append(frozenset(scope.read))
    return table, set()


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


def slots(grid: Grid) -> Iterator[Tabulated[Run]]:
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
    if not line.per_layer:
        return [lambda scope: _run(line_blocks(family, line, scope))]
    repeats = tabulate(grid, lambda scope: line_repeat(line, scope)).values
    most = max((count for count in repeats if isinstance(count, int)), default=1)
    return [_of_layer(family, line, layer) for layer in range(1, max(most, 1) + 1)]


def _of_layer(family: Family, line: BlockLine, layer: int) -> Callable[[Scope], Run]:
    return lambda scope: _run(layer_blocks(family, line, scope, layer))


def _run(blocks: Iterable[GivenBlock]) -> Run:
    return tuple(SlotBlock(resolved_block(given), channels_after(given), given) for given in blocks)
