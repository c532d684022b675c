"""What a run of blocks costs and what leaves it, by what enters it; each pair is traced once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from dse.counting import Bundle, Gradients, HandedOn, is_contiguous
from dse.language import Value
from dse.space.candidate import ResolvedBlock
from dse.space.costing import (
    STEP_FIELDS,
    BlockRow,
    BlockTable,
    Entering,
    Invalid,
    Part,
    StepEntering,
    in_one,
    inference_fields,
    nothing,
    placed,
    step_enters,
    step_leaving,
    steps_in_a_row,
)
from dse.space.tables.slots import Run, channels_behind, in_their_places

_NOWHERE = Entering((), None, 0)


class StepState(NamedTuple):
    """What enters a run of blocks in a training step."""

    spec: HandedOn
    has_gradient: tuple[bool, ...]
    entering: StepEntering


class State(NamedTuple):
    """What enters a run of blocks; the costs of it and of all behind it depend on nothing else."""

    channels: Value | None
    """As the page tells it, for blocks that do nothing to so many channels; None if unknown."""
    spec: HandedOn | None
    """None behind a block that cannot be built."""
    entering: Entering
    step: StepState | None
    """None where the network cannot be trained."""
    is_bare: bool = False
    """Whether no block came before it."""

    @property
    def is_no_end(self) -> bool:
        """Whether no network ends here: without a block, or with several tensors."""
        return self.is_bare or isinstance(self.spec, Bundle)


@dataclass(frozen=True, slots=True)
class Transition:
    """A run of blocks at what enters it."""

    run: Run
    """The blocks of the run but for those that do nothing there."""
    leaving: int
    """The number of the state behind it."""
    part: Part[int]
    """What the run adds to the costs of inference."""
    problem: tuple[int, str] | None
    """The first block that cannot be built, counted from 1 in the run, with its name and why."""
    entering: int = -1
    """The number of the state in front of it."""

    @property
    def blocks(self) -> tuple[ResolvedBlock, ...]:
        """The blocks, resolved."""
        return tuple(each.block for each in self.run)


class Transitions:
    """States, transitions and segments by number.

    Args:
        blocks: costs the blocks, each distinct one traced once.
    """

    def __init__(self, blocks: BlockTable) -> None:
        self.blocks = blocks
        self.states: list[State] = []
        self.transitions: list[Transition] = []
        self.segments: list[Part[int]] = [nothing(STEP_FIELDS)]
        """What runs add to a training step; at 0 that of one that cannot be trained."""
        self.gradients: list[Gradients | None] = [None]
        """Layouts of gradients; at 0 the contiguous one that a loss makes."""
        self._state_numbers: dict[State, int] = {}
        self._numbers: dict[tuple[int, Run], int] = {}
        self._standing_numbers: dict[tuple[int, Run], int] = {}
        """By runs as they stand at a state: several of a page may be the same there."""
        self._segment_numbers: dict[tuple[int, int, int], tuple[int, int]] = {}
        self._gradient_numbers: dict[Gradients | None, int] = {None: 0}

    def state(self, state: State) -> int:
        """Return the number of a state."""
        number = self._state_numbers.setdefault(state, len(self.states))
        if number == len(self.states):
            self.states.append(state)
        return number

    def settle(self) -> None:
        """Have a state and a transition where nothing led to one: tables look up a last row."""
        if not self.states:
            self.states.append(State(None, None, _NOWHERE, None))
        if not self.transitions:
            self.transitions.append(Transition((), 0, nothing(inference_fields()), None))

    def initial(self, shape: tuple[int, ...], dtype: str | None) -> int:
        """Return the state that enters a network.

        Args:
            shape: of its input, without the batch.
            dtype: of its input; None for that of the conditions.
        """
        spec = self.blocks.network_input(shape, dtype)
        step = None
        if self.blocks.conditions.is_trained:
            step = StepState(spec, (False,), step_enters(spec.nbytes, is_kept=True))
        return self.state(State(shape[0], spec, self.blocks.entering(spec), step, is_bare=True))

    def rows(self, pairs: Iterable[tuple[int, Run]]) -> Iterator[BlockRow]:
        """Yield the blocks of runs at states, by their numbers, that have no transition yet."""
        for number, run in pairs:
            state = self.states[number]
            standing = in_their_places(state.channels, run)
            if state.spec is not None and standing and (number, run) not in self._numbers:
                blocks = tuple(each.block for each in standing)
                has_gradient = None if state.step is None else state.step.has_gradient
                yield BlockRow(blocks, state.spec, has_gradient)

    def transition(self, state: int, run: Run) -> int:
        """Return the number of the transition of a run of blocks at a state."""
        key = (state, run)
        number = self._numbers.get(key)
        if number is None:
            standing = (state, in_their_places(self.states[state].channels, run))
            number = self._standing_numbers.get(standing)
            if number is None:
                number = self._standing_numbers[standing] = len(self.transitions)
                worked = self._worked_out(self.states[state], standing[1])
                self.transitions.append(replace(worked, entering=state))
            self._numbers[key] = number
        return number

    def _worked_out(self, state: State, run: Run) -> Transition:
        channels = channels_behind(state.channels, run)
        blocks = tuple(each.block for each in run)
        parts: list[Part[int]] = []
        problem = None
        spec, entering = state.spec, state.entering
        for position, block in enumerate(blocks, start=1):
            if spec is None:
                break
            costs = self.blocks.block_costs(block, spec)
            if isinstance(costs, Invalid):
                problem = (position, f"({block.block}): {costs.reason}")
                spec = None
                break
            part, entering = placed(costs, entering)
            parts.append(part)
            spec = costs.output
        if spec is None:
            leaving = State(channels, None, _NOWHERE, None)
        else:
            step = self._step_behind(state.step, blocks)
            leaving = State(channels, spec, entering, step, state.is_bare and not blocks)
        whole = in_one(parts, inference_fields())
        return Transition(run, self.state(leaving), whole, problem)

    def _step_behind(
        self, step: StepState | None, blocks: Sequence[ResolvedBlock]
    ) -> StepState | None:
        if step is None or not blocks:
            return step
        steps = self.blocks.block_steps(blocks, step.spec, step.has_gradient)
        if isinstance(steps, Invalid):
            return None
        entering = step.entering
        for each in steps:
            entering = step_leaving(each, entering)
        return StepState(steps[-1].output, steps[-1].has_gradient, entering)

    def segment(self, state: int, transition: int, gradient: int) -> tuple[int, int]:
        """Return the numbers of a transition's segment and of the gradient that it hands back.

        Args:
            state: what enters.
            transition: at that state.
            gradient: what arrives at its output.
        """
        key = (state, transition, gradient)
        known = self._segment_numbers.get(key)
        if known is None:
            known = self._segment_numbers[key] = self._segment(
                self.states[state].step, self.transitions[transition], gradient
            )
        return known

    def _segment(
        self, step: StepState | None, transition: Transition, gradient: int
    ) -> tuple[int, int]:
        if step is None or self.states[transition.leaving].step is None:
            return 0, 0
        steps = self.blocks.block_steps(
            transition.blocks, step.spec, step.has_gradient, self.gradients[gradient]
        )
        if isinstance(steps, Invalid):
            return 0, 0
        self.segments.append(steps_in_a_row(steps, step.entering)[0])
        if not steps:
            return len(self.segments) - 1, gradient
        back = steps[0].input_gradient
        if back is None or is_contiguous(back, step.spec):
            return len(self.segments) - 1, 0
        number = self._gradient_numbers.setdefault(back, len(self.gradients))
        if number == len(self.gradients):
            self.gradients.append(back)
        return len(self.segments) - 1, number

    def shape_of(self, state: int) -> tuple[int, ...]:
        """Return the shape of what enters at a state, without the batch."""
        spec = self.states[state].spec
        assert spec is not None, "nothing enters behind a block that cannot be built"
        return tuple(spec.shape[1:])
