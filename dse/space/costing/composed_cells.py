"""Cells of pages, costed by their operations: each of these is traced once, a cell never.

A step that joins values is an operator of its own, on values at the layouts that they have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from dse.counting import TensorSpec
from dse.space.blocks import CellOperations
from dse.space.candidate import ResolvedBlock
from dse.space.costing.block_costs import BlockCosts, Invalid
from dse.space.costing.block_step import one_tensor
from dse.space.costing.cells import Joining, cell_costs, is_spread, not_joined

CostOf = Callable[[ResolvedBlock, TensorSpec], BlockCosts | Invalid]
JoinOf = Callable[[Joining], BlockCosts]


def composed_costs(
    operations: CellOperations,
    entering: Sequence[TensorSpec],
    cost_of: CostOf,
    join_of: JoinOf,
) -> BlockCosts | Invalid | None:
    """Return what a cell costs in inference, or why it cannot be built.

    Args:
        operations: what it does, one after the other.
        entering: the tensors that enter.
        cost_of: costs a block on an input.
        join_of: costs joining values.

    Returns:
        None where it does not follow from its operations, for it adds values of different shapes,
        or hands on a view of what enters beside other tensors.
    """
    specs, storages = [*entering], [*range(len(entering))]
    costs: list[BlockCosts] = []
    for does, takes in operations.steps:
        if isinstance(does, str):
            values = [(specs[value], storages[value]) for value in takes]
            terms = [spec for spec, _ in values]
            if refused := not_joined(does, terms):
                return Invalid(refused)
            if is_spread(does, terms):
                return None
            distinct = list(dict.fromkeys(values))
            places = tuple(map(distinct.index, values))
            costs.append(join_of(Joining(does, tuple(spec for spec, _ in distinct), places)))
        else:
            found = cost_of(does, specs[takes[0]])
            if isinstance(found, Invalid):
                return Invalid(f"{does.block}: {found.reason}")
            costs.append(found)
        specs.append(one_tensor(costs[-1].output))
        is_view = costs[-1].output_storages[0].is_input
        storages.append(storages[takes[0]] if is_view else len(storages))
    if storages[-1] < len(entering) and (len(entering) > 1 or operations.keeps):
        return None
    takes_of_all = [each.takes for each in operations.steps]
    whole = cell_costs(takes_of_all, costs, entering, operations.keeps)
    # The cell is a layer around its operations, and what routes tensors one around the cell.
    nbytes = specs[-1].nbytes + (whole.output.nbytes if operations.is_routed else 0)
    memory = whole.additive.activation_memory + nbytes
    return replace(whole, additive=replace(whole.additive, activation_memory=memory))
