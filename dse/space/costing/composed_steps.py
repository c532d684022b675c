"""Training steps of cells of pages, by those of their operations.

What an operation does in the backward pass depends on the layout of the gradient that arrives: of
what is concatenated that is a slice of the gradient of the whole, and a sum hands on to its terms
what arrives at it. So the gradients are followed from the last operation to the first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dse.counting import (
    GradientSpec,
    TensorSpec,
    contiguous_gradient,
    gradients_of,
    handed_on_as,
    tensors_of,
)
from dse.space.blocks import CellOperation, CellOperations, Join
from dse.space.candidate import ResolvedBlock
from dse.space.costing.block_costs import Invalid, StepInput
from dse.space.costing.block_step import BlockStep, one_tensor
from dse.space.costing.cell_steps import CellValues, OperationStep, cell_step
from dse.space.costing.cells import is_spread, not_joined

StepOf = Callable[[StepInput], OperationStep | Invalid]


def composed_step(
    operations: CellOperations, key: StepInput, step_of: StepOf
) -> BlockStep | Invalid | None:
    """Return what a training step of a cell takes, or why it cannot be trained.

    Args:
        operations: what it does, one after the other.
        key: the cell, and what it is handed.
        step_of: a training step of a block on an input.

    Returns:
        None where it does not follow from those of its operations.
    """
    cell = _Forward([*tensors_of(key.input)], [*key.needs_gradient])
    leaving = cell.run(operations, step_of)
    if leaving is None or isinstance(leaving, Invalid):
        return leaving
    gradients = _FollowedGradients(cell, operations.keeps)
    arriving = gradients.arriving(key)
    if arriving is None or not gradients.followed(step_of):
        return None
    values = CellValues(cell.specs, cell.has_gradient, gradients.of_value, arriving)
    takes = [each.takes for each in cell.done]
    step = cell_step(takes, cell.steps, values, operations.keeps)
    is_told = step.views[-1] is None or len(key.needs_gradient) + len(operations.keeps) == 1
    return step if is_told else None


class _Forward:
    """What is done in the forward pass of a cell, operations that do nothing left out.

    Args:
        specs: of the values that enter; those that are made come behind them.
        has_gradient: of each value.
    """

    def __init__(self, specs: list[TensorSpec], has_gradient: list[bool]) -> None:
        self.specs, self.has_gradient = specs, has_gradient
        self.done: list[CellOperation] = []
        self.steps: list[OperationStep | None] = []
        """Of each operation that is done; None for one that joins values."""

    def run(self, operations: CellOperations, step_of: StepOf) -> int | Invalid | None:
        """Do all operations, and return the number of the value that leaves.

        None where a value does not follow from those before it, or what leaves is not made last.
        """
        # Of each value of the cell, its number among those that are made anew.
        numbers = [*range(len(self.specs))]
        for does, takes in operations.steps:
            taken = tuple(numbers[value] for value in takes)
            made = (
                self._join(does, taken)
                if isinstance(does, str)
                else self._run(does, taken, step_of)
            )
            if made is None or isinstance(made, Invalid):
                return made
            numbers.append(made)
        return numbers[-1] if self.done and numbers[-1] == len(self.specs) - 1 else None

    def _join(self, join: Join, taken: tuple[int, ...]) -> int | Invalid | None:
        terms = [self.specs[value] for value in taken]
        if refused := not_joined(join, terms):
            return Invalid(refused)
        made = _joined(join, terms)
        if made is None:
            return None
        has_gradient = any(self.has_gradient[value] for value in taken)
        return self._made(CellOperation(join, taken), None, made, has_gradient)

    def _run(self, block: ResolvedBlock, taken: tuple[int, ...], step_of: StepOf) -> int | Invalid:
        (value,) = taken
        found = step_of(StepInput(block, self.specs[value], (self.has_gradient[value],), None))
        if isinstance(found, Invalid):
            return found
        if found.is_nothing:
            return value
        step = found.step
        operation = CellOperation(block, taken)
        return self._made(operation, found, one_tensor(step.output), any(step.has_gradient))

    def _made(
        self,
        operation: CellOperation,
        step: OperationStep | None,
        spec: TensorSpec,
        has_gradient: bool,
    ) -> int:
        self.done.append(operation)
        self.steps.append(step)
        self.specs.append(spec)
        self.has_gradient.append(has_gradient)
        return len(self.specs) - 1


def _joined(join: Join, terms: Sequence[TensorSpec]) -> TensorSpec | None:
    """Return what joining values makes; None where that is told by their layouts and dtypes."""
    first = terms[0]
    if any(each != contiguous_gradient(first._replace(shape=each.shape)).spec for each in terms):
        return None
    if is_spread(join, terms):
        return None
    if join == "add":
        return first
    if len(first.shape) < 2:
        return None
    channels = sum(each.shape[1] for each in terms)
    shape = (first.shape[0], channels, *first.shape[2:])
    return contiguous_gradient(first._replace(shape=shape)).spec


class _FollowedGradients:
    """The layouts of the gradients of a cell's values."""

    def __init__(self, cell: _Forward, keeps: Sequence[int]) -> None:
        self.operations, self.steps, self.keeps = cell.done, cell.steps, keeps
        self.specs, self.has_gradient = cell.specs, cell.has_gradient
        self.entering = len(cell.specs) - len(cell.done)
        self.of_value: dict[int, GradientSpec] = {}
        self._storages: dict[int, object] = {}

    def arriving(self, key: StepInput) -> list[int] | None:
        """Take the gradients of what the cell hands on, and return what they are of.

        None where one is not contiguous, or none arrives at what the cell makes.
        """
        leaving = [*self.keeps, len(self.specs) - 1]
        handed = handed_on_as([self.specs[value] for value in leaving])
        several = gradients_of(key.gradient, handed)
        for value, gradient in zip(leaving, several, strict=True):
            if gradient is not None and self.has_gradient[value]:
                if gradient != contiguous_gradient(self.specs[value]):
                    return None
                self._add(value, gradient, object())
        return None if several[-1] is None else list(self.of_value)

    def followed(self, step_of: StepOf) -> bool:
        """Put training steps at the gradients that arrive; return whether all is told.

        It is not where two of the tensors that entered are handed back one gradient.
        """
        for position in reversed(range(len(self.steps))):
            arriving = self.of_value.get(position + self.entering)
            if arriving is None:
                continue
            storage = self._storages[position + self.entering]
            does, takes = self.operations[position]
            if isinstance(does, str):
                for value, gradient in zip(takes, self._terms(does, takes, arriving), strict=True):
                    self._add(value, gradient, storage)
                continue
            (value,) = takes
            made = self.specs[position + self.entering]
            if arriving != contiguous_gradient(made):
                needs = (self.has_gradient[value],)
                found = step_of(StepInput(does, self.specs[value], needs, arriving))
                if isinstance(found, Invalid):
                    return False
                self.steps[position] = found
            step = self.steps[position]
            back = step.step.input_gradient if step is not None else None
            if step is not None and isinstance(back, GradientSpec):
                self._add(value, back, storage if step.hands_on else object())
        handed_back = [self._storages[each] for each in self.of_value if each < self.entering]
        return len({*handed_back}) == len(handed_back)

    def _terms(
        self, join: Join, takes: Sequence[int], arriving: GradientSpec
    ) -> list[GradientSpec]:
        """Return what a join hands back to each of its terms: the gradient, or slices of it."""
        if join == "add":
            return [arriving] * len(takes)
        stride = arriving.spec.stride
        return [
            GradientSpec(self.specs[value]._replace(stride=stride), arriving.storage_bytes)
            for value in takes
        ]

    def _add(self, value: int, gradient: GradientSpec, storage: object) -> None:
        """Let a gradient arrive at a value; the sum of two is a new tensor."""
        if not self.has_gradient[value]:
            return
        if value in self.of_value:
            gradient, storage = contiguous_gradient(self.specs[value]), object()
        self.of_value[value], self._storages[value] = gradient, storage
