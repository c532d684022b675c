"""Costs of blocks as texts, so that what one process traced another one need not."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, astuple, fields
from typing import Any

from dse.code import Code, code_of_function
from dse.costs import COSTS, OF_NUMBERS, Conditions, Costs, declared_costs
from dse.counting import (
    Bundle,
    Gradients,
    GradientSpec,
    HandedOn,
    KernelCall,
    OutputStorage,
    TensorSpec,
    handed_on_as,
)
from dse.space.candidate import ResolvedBlock
from dse.space.costing.block_costs import BlockCosts, BlockInput, Invalid, StepInput
from dse.space.costing.block_step import BlockStep
from dse.space.costing.cell_memo import CellMemo
from dse.space.costing.cell_steps import OperationStep
from dse.space.costing.cells import Joining
from dse.space.costing.memo import BlockTable

_STEP_FIELDS = tuple(field.name for field in fields(BlockStep))


def context_of(conditions: Conditions, code: Code) -> str:
    """Return what all costs of blocks depend on besides the block and its input.

    The code that builds and counts them is part of it, so that no cost outlives its meaning; so
    are the costs that a user declares, with the code of each.
    """
    declared = [[name, code_of_function(COSTS[name].value)] for name in declared_costs()]
    stated = {name: v for name, v in conditions.stated.items() if name not in OF_NUMBERS}
    return json.dumps([stated, code.fingerprint, *([declared] if declared else [])])


def remember(table: BlockTable, texts: Iterable[str], is_stored: bool = True) -> None:
    """Take the costs of blocks as known from texts that `traced` gave.

    Args:
        table: of blocks.
        texts: of blocks and steps.
        is_stored: whether a store has them; otherwise they count as traced.
    """
    for text in texts:
        kind, key, value = json.loads(text)
        if kind == "block":
            table.remember_block(_read_block_key(key), _read_costs(value), is_stored)
        elif kind == "step":
            table.remember_step(_read_step_key(key), _read_step(value), is_stored)
        else:
            _remember_in_cells(table.cells, kind, key, value, is_stored)


def _remember_in_cells(cells: CellMemo, kind: str, key: Any, value: Any, is_stored: bool) -> None:
    """Take a join of values, or a step of an operation of a cell, as known."""
    part: Joining | StepInput
    if kind == "join":
        join, values, places = key
        part = Joining(join, tuple(map(_read_spec, values)), tuple(places))
        joined = _read_costs(value)
        assert isinstance(joined, BlockCosts)
        cells.joins[part] = joined
    else:
        part = _read_step_key(key)
        cells.operations[part] = _read_operation(value)
    if is_stored:
        cells.stored.add(part)


def traced(table: BlockTable) -> dict[str, str]:
    """Return what a table has traced itself, as texts by what identifies each.

    Blocks of the user's own are left out: their code may be another one tomorrow.
    """
    texts = _texts(table.traced_blocks(), table.traced_steps())
    return texts | _texts_of_cells(table.cells, table.cells.stored)


def texts_of(table: BlockTable) -> dict[str, str]:
    """Return all that a table knows, as `traced` does."""
    return _texts(table.known_blocks(), table.known_steps()) | _texts_of_cells(table.cells, ())


def _texts(
    blocks: Iterable[tuple[BlockInput, BlockCosts | Invalid]],
    steps: Iterable[tuple[StepInput, BlockStep | Invalid]],
) -> dict[str, str]:
    texts = {}
    for block_input, costs in blocks:
        if block_input.block.is_lasting:
            key = [_block(block_input.block), _handed(block_input.input)]
            texts[json.dumps(["block", key])] = json.dumps(["block", key, _costs(costs)])
    for step_input, step in steps:
        if step_input.block.is_lasting:
            key = _step_key(step_input)
            texts[json.dumps(["step", key])] = json.dumps(["step", key, _step(step)])
    return texts


def _texts_of_cells(cells: CellMemo, but: Collection[StepInput | Joining]) -> dict[str, str]:
    """Return what is known of joins and operations of cells, without some of it."""
    texts = {}
    for joining, joined in cells.joins.items():
        if joining not in but:
            key: list[Any] = [joining.join, list(map(_spec, joining.values)), list(joining.places)]
            texts[json.dumps(["join", key])] = json.dumps(["join", key, _costs(joined)])
    for step_input, operation in cells.operations.items():
        if step_input.block.is_lasting and step_input not in but:
            key = _step_key(step_input)
            content = json.dumps(["operation", key, _operation(operation)])
            texts[json.dumps(["operation", key])] = content
    return texts


def _step_key(step_input: StepInput) -> list[Any]:
    place = [_block(step_input.block), _handed(step_input.input)]
    return [*place, [list(step_input.needs_gradient), _gradient(step_input.gradient)]]


def _operation(operation: OperationStep | Invalid) -> Any:
    if isinstance(operation, Invalid):
        return operation.reason
    peaks = list(operation.shared_peaks)
    return [_step(operation.step), peaks, operation.hands_on, operation.is_nothing]


def _read_operation(content: Any) -> OperationStep | Invalid:
    if isinstance(content, str):
        return Invalid(content)
    read, (first, second, third, fourth), hands_on, is_nothing = content
    step = _read_step(read)
    assert isinstance(step, BlockStep)
    return OperationStep(step, (first, second, third, fourth), hands_on, is_nothing)


def _block(block: ResolvedBlock) -> list[Any]:
    return [block.block, [list(setting) for setting in block.settings]]


def _read_block(content: Any) -> ResolvedBlock:
    name, settings = content
    return ResolvedBlock(name, tuple((setting, value) for setting, value in settings))


def _handed(handed: HandedOn) -> list[Any]:
    if isinstance(handed, Bundle):
        return [_spec(tensor) for tensor in handed.tensors]
    return _spec(handed)


def _read_handed(content: Any) -> HandedOn:
    is_bundle = isinstance(content[-1], list)
    return handed_on_as(map(_read_spec, content)) if is_bundle else _read_spec(content)


def _spec(spec: TensorSpec) -> list[Any]:
    return [list(spec.shape), list(spec.stride), spec.dtype]


def _read_spec(content: Any) -> TensorSpec:
    shape, stride, dtype = content
    return TensorSpec(tuple(shape), tuple(stride), dtype)


def _gradient(gradient: Gradients | None) -> list[Any] | None:
    if gradient is None:
        return None
    if isinstance(gradient, GradientSpec):
        return [_spec(gradient.spec), gradient.storage_bytes]
    return [_gradient(each) for each in gradient]


def _read_gradient(content: Any) -> Gradients | None:
    if content is None:
        return None
    if isinstance(content[-1], int):
        return GradientSpec(_read_spec(content[0]), content[1])
    return tuple(
        None if each is None else GradientSpec(_read_spec(each[0]), each[1]) for each in content
    )


def _read_block_key(content: Any) -> BlockInput:
    block, spec = content
    return BlockInput(_read_block(block), _read_handed(spec))


def _read_step_key(content: Any) -> StepInput:
    block, spec, (needs_gradient, gradient) = content
    needs, arriving = tuple(needs_gradient), _read_gradient(gradient)
    return StepInput(_read_block(block), _read_handed(spec), needs, arriving)


def _costs(costs: BlockCosts | Invalid) -> Any:
    if isinstance(costs, Invalid):
        return costs.reason
    storages = list(map(astuple, costs.output_storages))
    kernels = list(map(list, costs.kernels))
    return [asdict(costs.additive), costs.peak_bytes, _handed(costs.output), storages, kernels]


def _read_costs(content: Any) -> BlockCosts | Invalid:
    if isinstance(content, str):
        return Invalid(content)
    additive, peak_bytes, output, storages, kernels = content
    declared = tuple((name, value) for name, value in additive.pop("declared", ()))
    costs = Costs(**additive, declared=declared)
    asked = tuple(KernelCall(*kernel) for kernel in kernels)
    lives = tuple(OutputStorage(*storage) for storage in storages)
    return BlockCosts(costs, peak_bytes, _read_handed(output), lives, asked)


def _step(step: BlockStep | Invalid) -> Any:
    if isinstance(step, Invalid):
        return step.reason
    values = {name: getattr(step, name) for name in _STEP_FIELDS}
    gradient = _gradient(step.input_gradient)
    return values | {"output": _handed(step.output), "input_gradient": gradient}


def _read_step(content: Any) -> BlockStep | Invalid:
    if isinstance(content, str):
        return Invalid(content)
    several = {name: tuple(each) for name, each in content.items() if isinstance(each, list)}
    read = {
        "output": _read_handed(content["output"]),
        "input_gradient": _read_gradient(content["input_gradient"]),
    }
    return BlockStep(**content | several | read)
