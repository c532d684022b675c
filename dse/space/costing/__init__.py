"""What blocks and networks cost: the algebra of parts, the memo of blocks, and callables."""

from dse.space.costing.block_costs import Invalid, shapes_within
from dse.space.costing.built_blocks import build_block
from dse.space.costing.callable_table import CallableTable
from dse.space.costing.callables import callable_of, network_inputs
from dse.space.costing.memo import BlockTable, left_over
from dse.space.costing.network import blocks_with_inputs, build_network, cost_of, part_dtypes
from dse.space.costing.part_algebra import (
    NEVER,
    STEP_FIELDS,
    Integers,
    Part,
    all_fields,
    costs_of,
    fields_for,
    inference_fields,
    nothing,
    nothings,
    then,
)
from dse.space.costing.placing import (
    Entering,
    StepEntering,
    in_a_row,
    placed,
    step_enters,
    steps_in_a_row,
)
from dse.space.costing.processes import can_use_processes, cost_in_processes
from dse.space.costing.remembered import context_of, remember, traced
from dse.space.costing.screening import Screen, Screened
from dse.space.costing.tracing_ahead import BlockRow, TracingAhead

__all__ = [
    "NEVER",
    "STEP_FIELDS",
    "BlockRow",
    "BlockTable",
    "CallableTable",
    "Entering",
    "Integers",
    "Invalid",
    "Part",
    "Screen",
    "Screened",
    "StepEntering",
    "TracingAhead",
    "all_fields",
    "blocks_with_inputs",
    "build_block",
    "build_network",
    "callable_of",
    "can_use_processes",
    "context_of",
    "cost_in_processes",
    "cost_of",
    "costs_of",
    "fields_for",
    "in_a_row",
    "inference_fields",
    "left_over",
    "network_inputs",
    "nothing",
    "nothings",
    "part_dtypes",
    "placed",
    "remember",
    "shapes_within",
    "step_enters",
    "steps_in_a_row",
    "then",
    "traced",
]
