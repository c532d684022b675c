"""Cells of pages, costed by their operations: each of these is traced once, a cell never.

A step that adds is an operator of its own, on two values at the layouts that they have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from dse.costs import Costs
from dse.counting import TensorSpec, contiguous_gradient
from dse.space.blocks import CellOperation
from dse.space.candidate import ResolvedBlock
from dse.space.costing.block_costs import BlockCosts, Invalid, StepInput
from dse.space.costing.block_step import BlockStep, one_tensor
from dse.space.costing.cell_steps import OperationStep, cell_step
from dse.space.costing.cells import cell_costs

CostOf = Callable[[ResolvedBlock, TensorSpec], BlockCosts | Invalid]
AdditionOf = Callable[[TensorSpec, TensorSpec | None], BlockCosts]
"""Costs adding two values; None for one that is added to itself."""
StepOf = Callable[[StepInput], OperationStep | Invalid]

_NOT_ALIKE = "values of different shapes are added"


def composed_costs(
    operations: Sequence[CellOperation],
    spec: TensorSpec,
    cost_of: CostOf,
    addition_of: AdditionOf,
) -> BlockCosts | Invalid:
    """Return what a cell costs in inference, or why it cannot be built.

    Args:
        operations: what it does, one after the other.
        spec: of what enters.
        cost_of: costs a block on an input.
        addition_of: costs adding two values.
    """
    specs, storages, costs = [spec], [0], []
    for block, takes in operations:
        if block is None:
            first, second = (specs[value] for value in takes)
            if first.shape != second.shape:
                return Invalid(_NOT_ALIKE)
            is_one = first == second and storages[takes[0]] == storages[takes[1]]
            costs.append(addition_of(first, None if is_one else second))
        else:
            found = cost_of(block, specs[takes[0]])
            if isinstance(found, Invalid):
                return Invalid(f"{block.block}: {found.reason}")
            costs.append(found)
        specs.append(one_tensor(costs[-1].output))
        is_view = costs[-1].output_storages[0].is_input
        storages.append(storages[takes[0]] if is_view else len(storages))
    whole = cell_costs([takes for _, takes in operations], costs)
    return replace(whole, additive=_with_output(whole.additive, specs[-1].nbytes))


def _with_output(additive: Costs, nbytes: int) -> Costs:
    """Return costs with the output of the cell itself, which is a layer around its operations."""
    return replace(additive, activation_memory=additive.activation_memory + nbytes)


def composed_step(
    operations: Sequence[CellOperation], key: StepInput, step_of: StepOf
) -> BlockStep | Invalid | None:
    """Return what a training step of a cell takes, or why it cannot be trained.

    Args:
        operations: what it does, one after the other.
        key: the cell, and what it is handed.
        step_of: a training step of a block on an input.

    Returns:
        None where it does not follow from those of its operations, for layouts or dtypes of values
        or gradients that one operation is handed depend on another.
    """
    if key.gradient is not None:
        return None
    entering, (needs_gradient,) = one_tensor(key.input), key.needs_gradient
    specs, has_gradient = [entering], [needs_gradient]
    steps: list[OperationStep | None] = []
    for block, takes in operations:
        several = [specs[value] for value in takes]
        if block is None:
            if several[0].shape != several[1].shape:
                return Invalid(_NOT_ALIKE)
            if several[0] != several[1]:
                return None
            steps.append(None)
            specs.append(contiguous_gradient(several[0]).spec)
            has_gradient.append(any(has_gradient[value] for value in takes))
            continue
        found = step_of(StepInput(block, several[0], (has_gradient[takes[0]],), None))
        if isinstance(found, Invalid):
            return found
        back = found.step.input_gradient
        if back is not None and back != contiguous_gradient(several[0]):
            return None
        steps.append(found)
        specs.append(one_tensor(found.step.output))
        has_gradient.append(any(found.step.has_gradient))
    return cell_step([takes for _, takes in operations], steps, entering, needs_gradient)
