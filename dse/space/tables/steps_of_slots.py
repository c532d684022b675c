"""What may stand in each slot of a page behind what: the blocks of all networks, place by place."""

from __future__ import annotations

from typing import NamedTuple

from dse.space.blocks import Shapes
from dse.space.candidate import ResolvedBlock
from dse.space.costing import Invalid, shapes_within
from dse.space.tables.compiled import Compiled
from dse.space.tables.slots import slot_lines
from dse.space.tables.transitions import Transition


class StandingBlock(NamedTuple):
    """A block at what enters it."""

    block: ResolvedBlock
    shapes: Shapes
    """Of what enters it, without the batch."""
    stage: int
    """Of those that its line generates."""
    choice: str
    """The word that chose it among blocks; empty for none."""


class SlotStep(NamedTuple):
    """A run of blocks that may fill a slot."""

    entering: int
    """A number that stands for what enters: of the network, or of a run before."""
    leaving: int
    blocks: tuple[StandingBlock, ...]


class SlotSteps(NamedTuple):
    """All runs that may fill a slot."""

    line: int
    """Of the page, counted from 0; one whose layers differ has a slot for each."""
    steps: tuple[SlotStep, ...]


def slot_steps(compiled: Compiled) -> tuple[list[int], list[SlotSteps]]:
    """Return the numbers of what may enter networks, and what may fill each slot, in order.

    What cannot be built is left out. What exclusions of a grid remove may be among it.
    """
    table = compiled.table
    roots = sorted({int(number) for number in compiled.shape.values if number >= 0})
    found = []
    for line, slot in zip(slot_lines(compiled.grid), compiled.slots, strict=True):
        numbers = sorted({int(number) for number in slot.transitions.values if number >= 0})
        some = [_step(compiled, table.transitions[number]) for number in numbers]
        found.append(SlotSteps(line, tuple(step for step in some if step is not None)))
    return roots, found


def _step(compiled: Compiled, transition: Transition) -> SlotStep | None:
    table = compiled.table
    spec = table.states[transition.entering].spec if transition.entering >= 0 else None
    if transition.problem is not None or spec is None:
        return None
    blocks = []
    for each in transition.run:
        given = each.given
        shapes = shapes_within(spec)
        blocks.append(StandingBlock(each.block, shapes, given.stage, given.choice))
        costs = table.blocks.block_costs(each.block, spec)
        assert not isinstance(costs, Invalid), "the run was found to be one that can be built"
        spec = costs.output
    return SlotStep(transition.entering, transition.leaving, tuple(blocks))
