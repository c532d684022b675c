"""A design space as tables: the costs of whole arrays of candidates by gathers and sums.

What a slot of the page holds depends on few dimensions of the grid, and what it costs on those and
on the ones that decide what enters it. Over these it is a table; a candidate's costs are one entry
of each. Each distinct block is traced once, when the space is compiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy

from dse.counting import Bundle, seldom_collecting
from dse.space.costing import BlockTable, Integers, Part, TracingAhead, left_over
from dse.space.pages import Family, Grid, no_blocks
from dse.space.tables.exclusions import exclusions
from dse.space.tables.factors import Booleans, Factor, count, union
from dse.space.tables.slots import PageSlots, Run, page_slots
from dse.space.tables.tabulating import Failed, Tabulated, require_tabulable
from dse.space.tables.transitions import State, Transitions

MANY_POINTS = 1_000_000
"""From which on what is made of the points of a grid leaves no room beside PyTorch."""


@dataclass(frozen=True)
class SlotTables:
    """One slot of a page over the dimensions of a grid that make a difference to it."""

    transitions: Factor
    """Numbers of transitions."""
    segments: Factor
    """Numbers of segments of a training step; 0 where there is none."""
    reads: Factor
    """Numbers of sets of columns, in `Compiled.reads`."""
    errors: Factor
    """Numbers of errors of the page's expressions, in `Compiled.errors`; 0 for none."""


@dataclass(frozen=True)
class PartArrays:
    """The fields of all runs of blocks that are known, to be gathered from."""

    of_transition: Part[Integers]
    of_segment: Part[Integers]

    def at(self, transitions: Integers, segments: Integers) -> dict[str, Integers]:
        """Return the fields of runs of blocks.

        Args:
            transitions: of each run, its number.
            segments: of each run, the number of its training step's segment.
        """
        found = {name: values[transitions] for name, values in self.of_transition.items()}
        return found | {name: values[segments] for name, values in self.of_segment.items()}


@dataclass(frozen=True)
class Compiled:
    """A family over a grid, in tables."""

    page: PageSlots
    table: Transitions
    shape: Factor
    """Numbers of the states that enter the network."""
    shape_reads: Factor
    shape_errors: Factor
    slots: tuple[SlotTables, ...]
    reads: tuple[frozenset[str], ...]
    errors: tuple[str, ...]

    @property
    def grid(self) -> Grid:
        """The points."""
        return self.page.grid

    @property
    def blocks(self) -> BlockTable:
        """The table of blocks that all costs come from."""
        return self.table.blocks

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """The number of choices of each dimension."""
        return tuple(len(dimension.choices) for dimension in self.grid.dimensions)

    @cached_property
    def has_problem(self) -> Booleans:
        """Whether a block of each transition cannot be built."""
        return numpy.array([each.problem is not None for each in self.table.transitions])

    def part_arrays(self) -> PartArrays:
        """Return the fields of the runs of blocks that are known so far."""
        return PartArrays(
            _side_by_side([each.part for each in self.table.transitions]),
            _side_by_side(self.table.segments),
        )

    def choices_of(self, indices: Integers) -> Integers:
        """Return the choice of each dimension at numbers of grid points, of shape (n, dimensions).

        The points are numbered in the order of the grid, the last dimension running first.
        """
        choices = numpy.empty((len(indices), len(self.sizes)), dtype=numpy.int64)
        rest = numpy.asarray(indices, dtype=numpy.int64).copy()
        for dimension in reversed(range(len(self.sizes))):
            rest, choices[:, dimension] = numpy.divmod(rest, self.sizes[dimension])
        return choices

    @cached_property
    def excluded(self) -> tuple[Factor, ...]:
        """For each exclusion of the grid, whether it removes a combination."""
        return exclusions(self.grid)

    def is_kept(self, choices: Integers) -> Booleans:
        """Return which points no exclusion removes."""
        kept = numpy.ones(len(choices), dtype=numpy.bool_)
        for factor in self.excluded:
            kept &= ~factor.at(choices, self.sizes).astype(numpy.bool_)
        return kept


def compile_space(grid: Grid, blocks: BlockTable) -> Compiled:
    """Return a family over a grid in tables; every block that occurs is traced.

    Raises:
        EntangledError: where a slot depends on so many settings that a table of it is too large.
    """
    assert not grid.family.is_callable, "a callable has no blocks"
    table = Transitions(blocks)
    sizes = [len(dimension.choices) for dimension in grid.dimensions]
    reads: dict[frozenset[str], int] = {}
    errors: dict[str, int] = {"": 0}
    page, dtype = page_slots(grid), grid.family.input_dtype
    shapes, runs = page.shapes, page.runs
    initial = [-1 if isinstance(s, Failed) else table.initial(s, dtype) for s in shapes.values]
    state = Factor(shapes.dimensions, _numbers(initial)[shapes.numbers])
    shape, shape_reads, shape_errors = state, _reads(shapes, reads), _errors(shapes, errors)
    unfinished: list[tuple[Factor, Factor, Factor, Factor]] = []
    with seldom_collecting(), TracingAhead(blocks, grid.size >= MANY_POINTS) as ahead:
        for position, slot in enumerate(runs, start=1):
            transitions, leaving = _transitions(table, ahead, state, slot, sizes)
            failed = _errors(slot, errors)
            if position == len(runs):
                problems = [_end_problem(grid.family, each) for each in table.states]
                numbers = [0 if p is None else errors.setdefault(p, len(errors)) for p in problems]
                transitions, failed = _that_end(leaving, transitions, failed, numbers, sizes)
            unfinished.append((state, transitions, _reads(slot, reads), failed))
            state = leaving
        table.settle()
        chain = [(entering, done) for entering, done, _, _ in unfinished]
        segments = _segments(table, chain, sizes)
    tables = tuple(
        SlotTables(done.reduced(sizes), found.reduced(sizes), read, error)
        for (_, done, read, error), found in zip(unfinished, segments, strict=True)
    )
    return Compiled(
        page=page,
        table=table,
        shape=shape,
        shape_reads=shape_reads,
        shape_errors=shape_errors,
        slots=tables,
        reads=tuple(reads),
        errors=tuple(errors),
    )


def _side_by_side(parts: Sequence[Part[int]]) -> Part[Integers]:
    return {name: _numbers([part[name] for part in parts]) for name in parts[0]}


def _numbers(values: Sequence[Any]) -> Integers:
    return numpy.array(values, dtype=numpy.int64)


def _reads(slot: Tabulated[Any], known: dict[frozenset[str], int]) -> Factor:
    numbers = [known.setdefault(columns, len(known)) for columns in slot.reads]
    return Factor(slot.dimensions, _numbers(numbers)[slot.numbers])


def _errors(slot: Tabulated[Any], known: dict[str, int]) -> Factor:
    reasons = [value.reason if isinstance(value, Failed) else "" for value in slot.values]
    numbers = [known.setdefault(reason, len(known)) for reason in reasons]
    return Factor(slot.dimensions, _numbers(numbers)[slot.numbers])


def _transitions(
    table: Transitions,
    ahead: TracingAhead,
    state: Factor,
    slot: Tabulated[Run],
    sizes: Sequence[int],
) -> tuple[Factor, Factor]:
    """Return a slot's transitions, -1 where an expression fails, and the states behind it."""
    runs: dict[Run, int] = {}
    numbers = [-1 if isinstance(v, Failed) else runs.setdefault(v, len(runs)) for v in slot.values]
    listed = list(runs)
    dimensions = union(state.dimensions, slot.dimensions)
    size = count(dimensions, sizes)
    require_tabulable(size)
    entering = state.over(dimensions, sizes)
    run = Factor(slot.dimensions, _numbers(numbers)[slot.numbers]).over(dimensions, sizes)
    pairs, inverse = numpy.unique(entering * (len(listed) + 1) + (run + 1), return_inverse=True)
    found, behind = [], []
    split = [divmod(pair, len(listed) + 1) for pair in pairs.tolist()]
    ahead.trace(table.rows((before, listed[n - 1]) for before, n in split if before >= 0 and n))
    for before, number in split:
        if before < 0 or number == 0:
            found.append(-1)
            behind.append(-1)
        else:
            found.append(table.transition(before, listed[number - 1]))
            behind.append(table.transitions[found[-1]].leaving)
    inverse = inverse.reshape(-1)
    leaving = Factor(dimensions, _numbers(behind)[inverse]).reduced(sizes)
    return Factor(dimensions, _numbers(found)[inverse]), leaving


def _end_problem(family: Family, state: State) -> str | None:
    """Return why no network ends at a state; None where one may."""
    if isinstance(state.spec, Bundle):
        return f"{family.place / 'blocks'}: {left_over(state.spec)}"
    return str(no_blocks(family)) if state.is_no_end else None


def _that_end(
    leaving: Factor,
    transitions: Factor,
    errors: Factor,
    problems: Sequence[int],
    sizes: Sequence[int],
) -> tuple[Factor, Factor]:
    """Return the last slot's transitions and errors, with those of networks that cannot end.

    Args:
        leaving: the states behind it.
        transitions: of the slot.
        errors: of the slot, by number.
        problems: of each state, the number of the error of ending there; 0 for none.
        sizes: of the grid's dimensions.
    """
    of_state = _numbers([*problems, 0])
    if not of_state[leaving.values].any():
        return transitions, errors
    dimensions = union(leaving.dimensions, transitions.dimensions, errors.dimensions)
    size = count(dimensions, sizes)
    require_tabulable(size)
    problem = of_state[leaving.over(dimensions, sizes)]
    done = numpy.where(problem > 0, -1, transitions.over(dimensions, sizes))
    failed = numpy.where(problem > 0, problem, errors.over(dimensions, sizes))
    return Factor(dimensions, done), Factor(dimensions, failed)


def _segments(
    table: Transitions, chain: Sequence[tuple[Factor, Factor]], sizes: Sequence[int]
) -> list[Factor]:
    """Return the segments of slots, worked out from the last, whose gradient is contiguous."""
    gradient = Factor((), _numbers([0]))
    found = []
    for entering, transitions in reversed(chain):
        dimensions = union(entering.dimensions, transitions.dimensions, gradient.dimensions)
        state = entering.over(dimensions, sizes)
        done = transitions.over(dimensions, sizes)
        arriving = gradient.over(dimensions, sizes)
        pairs, of_pair = numpy.unique(
            (state + 1) * (len(table.transitions) + 1) + done + 1, return_inverse=True
        )
        gradients = len(table.gradients)
        triples, inverse = numpy.unique(
            of_pair.reshape(-1) * gradients + arriving, return_inverse=True
        )
        numbers = []
        for triple in triples.tolist():
            pair, back = divmod(triple, gradients)
            before, transition = divmod(int(pairs[pair]), len(table.transitions) + 1)
            stands = transition > 0 and before > 0
            numbers.append(table.segment(before - 1, transition - 1, back) if stands else (0, 0))
        both = numpy.array(numbers, dtype=numpy.int64)[inverse.reshape(-1)]
        found.append(Factor(dimensions, both[:, 0]))
        gradient = Factor(dimensions, both[:, 1]).reduced(sizes)
    return found[::-1]
