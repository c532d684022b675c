"""The memo: each distinct block is traced once, and a network is the fold of its blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from dse.costs import (
    COST_NAMES,
    BlockNumbers,
    Conditions,
    Costs,
    base_costs,
    declared_costs,
    declared_values,
)
from dse.counting import (
    Bundle,
    Gradients,
    HandedOn,
    TensorSpec,
    canonical_dtype,
    contiguous_strides,
    is_contiguous,
)
from dse.errors import DseError
from dse.space.candidate import Candidate, ResolvedBlock
from dse.space.costing import tracing
from dse.space.costing.asked_trace import AskedTrace
from dse.space.costing.block_costs import (
    BlockCosts,
    BlockInput,
    Invalid,
    StepInput,
)
from dse.space.costing.block_step import BlockStep, one_tensor
from dse.space.costing.cell_memo import CellMemo
from dse.space.costing.grouped_parts import grouped, grouped_step
from dse.space.costing.part_algebra import costs_of, given_of
from dse.space.costing.placing import Entering, caller_holds, in_a_row, step_enters, steps_in_a_row
from dse.space.costing.token_phases import tokens_that_enter

if TYPE_CHECKING:
    from dse.space.costing.tracing import ChainPart


def require_one_output(handed: HandedOn) -> None:
    """Refuse a network at whose end several tensors are handed on.

    Raises:
        DseError: saying how many.
    """
    if isinstance(handed, Bundle):
        raise DseError(left_over(handed))


def left_over(handed: Bundle) -> str:
    """Say that a network ends with several tensors."""
    return f"the network ends with {len(handed.tensors)} tensors; its last block keeps too many"


class BlockTable:
    """Costs of blocks by (block, settings, input), each traced on first use.

    Args:
        conditions: what the costs depend on besides the blocks and their inputs.
        numbers: where blocks have numbers from that no trace tells.
    """

    def __init__(
        self, conditions: Conditions | None = None, numbers: BlockNumbers | None = None
    ) -> None:
        self.conditions = conditions or Conditions()
        self.numbers = numbers
        self.elsewhere: Callable[[AskedTrace], Any] | None = None
        """What has traces made by another process; None where they are made in this one."""
        self._numbered: set[BlockInput] = set()
        self._blocks: dict[BlockInput, BlockCosts | Invalid] = {}
        self._steps: dict[StepInput, BlockStep | Invalid] = {}
        self._is_whole = self.conditions.is_divided or self.conditions.checkpointing != "none"
        """Whether cells are traced whole: they are divided, and run again, as blocks."""
        self.cells = CellMemo(self.conditions, self.block_costs, self._made)
        self._remembered: set[BlockInput | StepInput] = set()
        self._declared = declared_values()

    def __len__(self) -> int:
        """Number of distinct blocks whose costs are known."""
        return len(self._blocks)

    @property
    def given(self) -> tuple[str, ...]:
        """The costs that blocks are given numbers of."""
        return () if self.numbers is None else self.numbers.names

    @property
    def number_tables(self) -> Mapping[str, Mapping[int, int]]:
        """Those of the numbers that blocks are given which are stored, by cost and digest."""
        return {} if self.numbers is None else self.numbers.tables

    @property
    def shown_costs(self) -> tuple[str, ...]:
        """The costs that tables and rows of these blocks show."""
        return (*COST_NAMES, *declared_costs(), *self.given)

    def remember_block(
        self, key: BlockInput, costs: BlockCosts | Invalid, is_stored: bool = True
    ) -> None:
        """Take the costs of a block as known, from the store or another process."""
        self._blocks[key] = costs
        self._numbered.discard(key)
        if is_stored:
            self._remembered.add(key)

    def remember_step(
        self, key: StepInput, step: BlockStep | Invalid, is_stored: bool = True
    ) -> None:
        """Take a training step of a block as known, from the store or another process."""
        self._steps[key] = step
        if is_stored:
            self._remembered.add(key)

    def known_blocks(self) -> list[tuple[BlockInput, BlockCosts | Invalid]]:
        """Return the blocks whose costs are known."""
        return list(self._blocks.items())

    def known_steps(self) -> list[tuple[StepInput, BlockStep | Invalid]]:
        """Return the training steps of blocks that are known."""
        return list(self._steps.items())

    def traced_blocks(self) -> list[tuple[BlockInput, BlockCosts | Invalid]]:
        """Return the blocks that were traced, and are not from a store."""
        return [item for item in self.known_blocks() if item[0] not in self._remembered]

    def traced_steps(self) -> list[tuple[StepInput, BlockStep | Invalid]]:
        """Return the training steps of blocks that were traced, and are not from a store."""
        return [item for item in self.known_steps() if item[0] not in self._remembered]

    def found_block(self, key: BlockInput) -> BlockCosts | Invalid | None:
        """Return the costs of a block where no trace is needed for them; None elsewhere."""
        known = self._blocks.get(key)
        if known is None and not self.is_composed(key.block, key.input):
            known = cast(
                "BlockCosts | Invalid | None",
                tracing.traced_before(key.block, (key.input, self.conditions)),
            )
        return known

    def found_step(self, key: StepInput) -> BlockStep | Invalid | None:
        """Return a training step of a block where no trace is needed for it; None elsewhere."""
        known = self._steps.get(key)
        if known is None and not self.is_composed(key.block, key.input):
            known = cast(
                "BlockStep | Invalid | None",
                tracing.traced_before(key.block, (key[1:], self.conditions)),
            )
        return known

    def is_composed(self, block: ResolvedBlock, spec: HandedOn) -> bool:
        """Return whether a block is a cell, whose costs follow from those of its operations."""
        return not self._is_whole and self.cells.composes(block, spec)

    def chain(self, candidate: Candidate) -> list[tuple[ResolvedBlock, HandedOn, BlockCosts]]:
        """Return each block of a candidate with its input and its costs.

        Raises:
            DseError: naming the first block that cannot be built or run.
        """
        return self._row(candidate.blocks, self.input_of(candidate))

    def _row(
        self,
        blocks: Sequence[ResolvedBlock],
        entering: TensorSpec,
        parts: Sequence[ChainPart] | None = None,
    ) -> list[tuple[ResolvedBlock, HandedOn, BlockCosts]]:
        row = []
        spec: HandedOn = entering
        modules: Sequence[ChainPart | None] = parts or [None] * len(blocks)
        for position, (block, part) in enumerate(zip(blocks, modules, strict=True), start=1):
            costs = self.block_costs(block, spec, part)
            if isinstance(costs, Invalid):
                raise DseError(f"block {position} ({block.block}): {costs.reason}")
            row.append((block, spec, costs))
            spec = costs.output
        require_one_output(spec)
        return row

    def input_of(self, candidate: Candidate) -> TensorSpec:
        """Return the input of a candidate's network, batch included."""
        return self.network_input(candidate.input_shape, candidate.input_dtype)

    def network_input(self, shape: tuple[int, ...], dtype: str | None = None) -> TensorSpec:
        """Return the input of a network, of a shape without the batch.

        Args:
            shape: without the batch; of tokens, those that a whole input has.
            dtype: by its name; None for that of the conditions.

        Raises:
            DseError: where a phase is of networks on tokens, and this is none.
        """
        shape = tokens_that_enter(self.conditions, shape, dtype)
        whole = (self.conditions.batch, *shape)
        named = self.conditions.dtype if dtype is None else canonical_dtype(dtype)
        return TensorSpec(whole, contiguous_strides(whole), named)

    def entering(self, spec: TensorSpec) -> Entering:
        """Return the storage of a network's input in inference."""
        return caller_holds(spec.nbytes, spec.nbytes)

    def block_costs(
        self, block: ResolvedBlock, spec: HandedOn, part: ChainPart | None = None
    ) -> BlockCosts | Invalid:
        """Return the costs of a block on an input, traced if they are not known yet.

        Args:
            block: what it is.
            spec: of its input.
            part: the block as a part of a model; None for a block of a page, which is built.
        """
        self._forget_outdated()
        key = BlockInput(block, spec)
        known = self._blocks.get(key)
        if known is None:
            if part is not None and part.inner:
                known = self._group_costs(part.inner, one_tensor(spec))
            else:
                known = self.cells.costs(key) if part is None and not self._is_whole else None
                if known is not None:
                    # Its operations are stored, which it follows from.
                    self._remembered.add(key)
            if known is None:
                asked = AskedTrace("trace_divided_block", (block, spec, self.conditions, part))
                trace = partial(self._made, asked)
                known = tracing.traced_once(block, (spec, self.conditions), trace)
            self._blocks[key] = known
        if self.numbers is None or isinstance(known, Invalid) or key in self._numbered:
            return known
        given = {**known.given, **self.numbers.of(block, spec, known)}
        known = self._blocks[key] = replace(known, given=given)
        self._numbered.add(key)
        return known

    def cost(self, candidate: Candidate) -> Costs | Invalid:
        """Return the costs of a candidate, equal to those of its whole network traced at once."""
        try:
            return self._costs(candidate.blocks, self.input_of(candidate))
        except DseError as error:
            return Invalid(str(error))

    def cost_parts(self, parts: Sequence[ChainPart], shape: tuple[int, ...]) -> Costs | None:
        """Return the costs of a model that runs parts one after the other.

        Args:
            parts: in order.
            shape: of the model's input, without the batch.

        Returns:
            None where a part cannot be costed by itself.
        """
        try:
            spec = self.network_input(shape)
            costs = self._costs([part.block for part in parts], spec, parts)
        except DseError:
            return None
        return costs if costs.train_memory is not None or not self.conditions.is_trained else None

    def _costs(
        self,
        blocks: Sequence[ResolvedBlock],
        spec: TensorSpec,
        parts: Sequence[ChainPart] | None = None,
    ) -> Costs:
        """Return the costs of the network of some blocks in a row.

        Raises:
            DseError: naming the first block that cannot be built or run.
        """
        entering = self.entering(spec)
        row = self._row(blocks, spec, parts)
        part, _ = in_a_row([costs for _, _, costs in row], entering)
        is_trained = self.conditions.is_trained
        steps = self.block_steps(blocks, spec, parts=parts) if is_trained else Invalid("")
        if not isinstance(steps, Invalid):
            held = step_enters(spec.nbytes, is_kept=True)
            part = {**part, **steps_in_a_row(steps, held)[0]}
        names = base_costs(trained=not isinstance(steps, Invalid))
        known = costs_of(part, names, spec.nbytes, spec.nbytes)
        return Costs.of({**known, **given_of(part)})

    def _group_costs(self, parts: Sequence[ChainPart], spec: TensorSpec) -> BlockCosts | Invalid:
        try:
            row = self._row([part.block for part in parts], spec, parts)
        except DseError as error:
            return Invalid(str(error))
        return grouped([costs for _, _, costs in row])

    def _group_step(self, key: StepInput, parts: Sequence[ChainPart]) -> BlockStep | Invalid:
        blocks = [part.block for part in parts]
        steps = self.block_steps(blocks, key.input, key.needs_gradient, key.gradient, parts)
        return steps if isinstance(steps, Invalid) else grouped_step(steps, key.input.nbytes)

    def _made(self, asked: AskedTrace) -> Any:
        return asked.made() if self.elsewhere is None else self.elsewhere(asked)

    def _forget_outdated(self) -> None:
        """Forget costs that were traced before a cost was declared, or declared in another way."""
        if self._declared != declared_values():
            self._declared = declared_values()
            self._blocks.clear()
            self.cells.forget()
            self._numbered.clear()

    def block_steps(
        self,
        blocks: Sequence[ResolvedBlock],
        spec: HandedOn,
        has_gradient: tuple[bool, ...] = (False,),
        gradient: Gradients | None = None,
        parts: Sequence[ChainPart] | None = None,
    ) -> list[BlockStep] | Invalid:
        """Return training steps of blocks in a row, each at what the others hand it.

        Args:
            blocks: in order.
            spec: of what enters the first.
            has_gradient: of each tensor that enters, whether a block before them trains by it.
            gradient: what arrives at the last one's output; None for contiguous ones.
            parts: the blocks as parts of a model; None for blocks of a page, which are built.
        """
        inputs: list[StepInput] = []
        steps: list[BlockStep] = []
        modules: Sequence[ChainPart | None] = parts or [None] * len(blocks)
        for block, part in zip(blocks, modules, strict=True):
            inputs.append(StepInput(block, spec, has_gradient, None))
            step = self.block_step(inputs[-1], part)
            if isinstance(step, Invalid):
                return step
            steps.append(step)
            spec, has_gradient = step.output, step.has_gradient
        # A block may hand back a gradient of another layout than a loss would, such as a view.
        for position in reversed(range(len(steps))):
            if position + 1 < len(steps):
                gradient = steps[position + 1].input_gradient
            if gradient is not None and not is_contiguous(gradient, steps[position].output):
                key = inputs[position]._replace(gradient=gradient)
                step = self.block_step(key, modules[position])
                if isinstance(step, Invalid):
                    return step
                steps[position] = step
        return steps

    def block_step(self, key: StepInput, part: ChainPart | None = None) -> BlockStep | Invalid:
        """Return a training step of a block, traced if it is not known yet."""
        known = self._steps.get(key)
        if known is None:
            if part is not None and part.inner:
                known = self._group_step(key, part.inner)
            else:
                known = self.cells.step(key) if part is None and not self._is_whole else None
                if known is not None:
                    self._remembered.add(key)
            if known is None:
                asked = AskedTrace("trace_divided_step", (key, self.conditions, part))
                trace = partial(self._made, asked)
                known = tracing.traced_once(key.block, (key[1:], self.conditions), trace)
            self._steps[key] = known
        return known
