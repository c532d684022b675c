"""The blocks of a network as runs of equal ones, quick for many settings of one family."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from dse.language import Value
from dse.space.candidate import ResolvedBlock
from dse.space.pages.family import Family
from dse.space.pages.family_definition import BlockLine
from dse.space.pages.resolution import (
    GivenBlock,
    channels_after,
    input_shape,
    line_stages,
    repeats,
    resolved_block,
    stage_block,
    stage_blocks,
)
from dse.space.pages.scope import Scope

_MOST_KNOWN = 50_000


class BlockRun(NamedTuple):
    """Equal blocks one behind the other."""

    block: ResolvedBlock
    number: int


class _GivenRun(NamedTuple):
    given: GivenBlock
    run: BlockRun


class LineRuns:
    """Gives the blocks of a family's networks; what a line gives is worked out once.

    That follows from the values which its expressions read, and of a generated stage few are met
    over and over while the settings that generate it hardly ever are.
    """

    def __init__(self, family: Family) -> None:
        self.family = family
        self._read = {index: _names(family, line) for index, line in enumerate(family.lines)}
        self._known: dict[tuple[Value, ...], tuple[_GivenRun, _GivenRun]] = {}

    def of(self, settings: Mapping[str, Value]) -> tuple[tuple[int, ...], Iterator[BlockRun]]:
        """Return the shape of a network's input without the batch, and its blocks in order.

        Raises:
            DseError: as `Family.resolve`; for a block when it comes to it.
        """
        scope = Scope(self.family, settings)
        shape = input_shape(scope)
        return shape, self._runs(scope, shape[0] if shape else None)

    def _runs(self, scope: Scope, channels: Value | None) -> Iterator[BlockRun]:
        for index, line in enumerate(self.family.lines):
            for stage in line_stages(line, scope):
                for each in self._of_stage(index, line, stage):
                    yield from _placed(each, channels)
                    if _does_something(each.given, channels):
                        channels = channels_after(each.given)

    def _of_stage(self, index: int, line: BlockLine, stage: Scope) -> Iterator[_GivenRun]:
        if line.per_layer:
            for given in stage_blocks(self.family, line, stage):
                yield _GivenRun(given, BlockRun(resolved_block(given), 1))
            return
        number = repeats(line, stage)
        if number:
            first, other = self._first_and_other(index, line, stage)
            if first is other:
                yield first._replace(run=first.run._replace(number=number))
                return
            yield first
            if number > 1:
                yield other._replace(run=other.run._replace(number=number - 1))

    def _first_and_other(
        self, index: int, line: BlockLine, stage: Scope
    ) -> tuple[_GivenRun, _GivenRun]:
        """Return the first block of a stage and any other, the same if they are equal."""
        read = self._read[index]
        if read is None:
            return _pair(stage_block(self.family, line, stage))
        key = (index, *[stage[name] for name in read])
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[key] = _pair(stage_block(self.family, line, stage))
        return known


def _placed(each: _GivenRun, channels: Value | None) -> Iterator[BlockRun]:
    """Yield a run as it stands behind so many channels; None if unknown."""
    given, run = each
    first = given.standing(channels)
    behind = channels if first is None else channels_after(given)
    other = first if run.number == 1 else given.standing(behind)
    if first is other is given.settings:
        yield run
        return
    for settings, number in ((first, 1), (other, run.number - 1)):
        if settings is not None and number:
            yield BlockRun(resolved_block(given, settings), number)


def _does_something(given: GivenBlock, channels: Value | None) -> bool:
    return given.standing(channels) is not None


def _names(family: Family, line: BlockLine) -> tuple[str, ...] | None:
    """Return what the settings of a line read; None where that follows from what they choose."""
    if line.block in family.axes or line.block in family.cells:
        return None
    return tuple(sorted({name for each in line.settings.values() for name in each.names}))


def _pair(given: GivenBlock) -> tuple[_GivenRun, _GivenRun]:
    later = given.after_first(2)
    first, other = resolved_block(given), resolved_block(later)
    run = _GivenRun(given, BlockRun(first, 1))
    return run, run if first == other else _GivenRun(later, BlockRun(other, 1))
