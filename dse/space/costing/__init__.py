"""What blocks and networks cost: the algebra of parts, the memo of blocks, and callables."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.space.costing.block_costs import Invalid as Invalid
    from dse.space.costing.block_costs import shapes_within as shapes_within
    from dse.space.costing.block_rows import BlockRow as BlockRow
    from dse.space.costing.callable_table import CallableTable as CallableTable
    from dse.space.costing.memo import BlockTable as BlockTable
    from dse.space.costing.memo import left_over as left_over
    from dse.space.costing.network import blocks_with_inputs as blocks_with_inputs
    from dse.space.costing.network import cost_of as cost_of
    from dse.space.costing.network import part_dtypes as part_dtypes
    from dse.space.costing.network import shapes_along as shapes_along
    from dse.space.costing.network_building import build_network as build_network
    from dse.space.costing.part_algebra import NEVER as NEVER
    from dse.space.costing.part_algebra import STEP_FIELDS as STEP_FIELDS
    from dse.space.costing.part_algebra import Integers as Integers
    from dse.space.costing.part_algebra import Part as Part
    from dse.space.costing.part_algebra import costs_of as costs_of
    from dse.space.costing.part_algebra import fields_for as fields_for
    from dse.space.costing.part_algebra import inference_fields as inference_fields
    from dse.space.costing.part_algebra import nothing as nothing
    from dse.space.costing.part_algebra import nothings as nothings
    from dse.space.costing.part_algebra import then as then
    from dse.space.costing.placing import Entering as Entering
    from dse.space.costing.placing import StepEntering as StepEntering
    from dse.space.costing.placing import in_one as in_one
    from dse.space.costing.placing import placed as placed
    from dse.space.costing.placing import step_enters as step_enters
    from dse.space.costing.placing import step_leaving as step_leaving
    from dse.space.costing.placing import steps_in_a_row as steps_in_a_row
    from dse.space.costing.processes import can_use_processes as can_use_processes
    from dse.space.costing.processes import cost_in_processes as cost_in_processes
    from dse.space.costing.remembered import context_of as context_of
    from dse.space.costing.remembered import remember as remember
    from dse.space.costing.remembered import traced as traced
    from dse.space.costing.screening import Screen as Screen
    from dse.space.costing.screening import Screened as Screened
    from dse.space.costing.tracing import build_block as build_block
    from dse.space.costing.tracing import callable_of as callable_of
    from dse.space.costing.tracing import network_inputs as network_inputs
    from dse.space.costing.tracing_ahead import TracingAhead as TracingAhead

_HOMES = {
    "dse.space.costing.block_costs": ("Invalid", "shapes_within"),
    "dse.space.costing.block_rows": ("BlockRow",),
    "dse.space.costing.callable_table": ("CallableTable",),
    "dse.space.costing.memo": ("BlockTable", "left_over"),
    "dse.space.costing.network": ("blocks_with_inputs", "cost_of", "part_dtypes", "shapes_along"),
    "dse.space.costing.network_building": ("build_network",),
    "dse.space.costing.part_algebra": (
        *("Integers", "NEVER", "Part", "STEP_FIELDS", "costs_of", "fields_for", "inference_fields"),
        *("nothing", "nothings", "then"),
    ),
    "dse.space.costing.placing": (
        *("Entering", "StepEntering", "in_one", "placed", "step_enters", "step_leaving"),
        *("steps_in_a_row",),
    ),
    "dse.space.costing.processes": ("can_use_processes", "cost_in_processes"),
    "dse.space.costing.remembered": ("context_of", "remember", "traced"),
    "dse.space.costing.screening": ("Screen", "Screened"),
    "dse.space.costing.tracing": ("build_block", "callable_of", "network_inputs"),
    "dse.space.costing.tracing_ahead": ("TracingAhead",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
