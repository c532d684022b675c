"""Every block that a network of a space may have, at its place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from dse.space import BlockSpace, StandingBlock, slot_steps
from dse.supernet.block_parts import Extents, as_they_enter
from dse.supernet.supernet_plan import PlacedBlock, SupernetPlan

_Numbers = tuple[tuple[int, int], ...]
"""How many blocks each stage of a line has had so far."""


def possible_blocks(space: BlockSpace, plan: SupernetPlan) -> Iterator[PlacedBlock]:
    """Yield the blocks of all networks of a space; those of points that are excluded may be among.

    What may stand where is followed slot by slot, with what it depends on besides: the parts of the
    channels of each tensor that enters, and how many blocks the line had before.
    """
    roots, slots = slot_steps(space.tables.space)
    ways: dict[int, set[tuple[Extents, _Numbers]]] = {root: {((), ())} for root in roots}
    line = -1
    for slot in slots:
        behind: dict[int, set[tuple[Extents, _Numbers]]] = defaultdict(set)
        for step in slot.steps:
            for handed, numbers in ways.get(step.entering, ()):
                leaving, counted = handed, numbers if slot.line == line else ()
                for standing in step.blocks:
                    entering = as_they_enter(leaving, standing.shapes)
                    counted = _counted(counted, standing.stage)
                    number = dict(counted)[standing.stage]
                    placed = _placed(plan, slot.line, number, standing, entering)
                    yield placed
                    leaving = placed.reading.leaving
                behind[step.leaving].add((leaving, counted))
        ways, line = behind, slot.line


def _placed(
    plan: SupernetPlan, line: int, number: int, standing: StandingBlock, entering: Extents
) -> PlacedBlock:
    block, shapes = standing.block, standing.shapes
    role = plan.role_of(line, standing.stage, number, standing.choice, block.block)
    return PlacedBlock(role, block, shapes, entering, plan.read(block, shapes, entering))


def _counted(numbers: _Numbers, stage: int) -> _Numbers:
    counts = dict(numbers)
    counts[stage] = counts.get(stage, 0) + 1
    return tuple(counts.items())
