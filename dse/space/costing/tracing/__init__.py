"""What is not known yet of a block, an operation of a cell or a callable: by running it.

What needs PyTorch of costing is here, and loaded where something has to be traced or built. The
memo of blocks asks it, so it knows no memo: a whole network is built beside it.
"""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.space.costing.tracing.block_tracing import trace_block as trace_block
    from dse.space.costing.tracing.block_tracing import trace_step as trace_step
    from dse.space.costing.tracing.built_blocks import build_block as build_block
    from dse.space.costing.tracing.callables import build_callable as build_callable
    from dse.space.costing.tracing.callables import callable_of as callable_of
    from dse.space.costing.tracing.callables import cost_callable as cost_callable
    from dse.space.costing.tracing.callables import network_inputs as network_inputs
    from dse.space.costing.tracing.chains import ChainPart as ChainPart
    from dse.space.costing.tracing.divided_blocks import divided_step as divided_step
    from dse.space.costing.tracing.divided_blocks import trace_divided_block as trace_divided_block
    from dse.space.costing.tracing.divided_blocks import trace_divided_step as trace_divided_step
    from dse.space.costing.tracing.earlier_traces import note_traced as note_traced
    from dse.space.costing.tracing.earlier_traces import traced_before as traced_before
    from dse.space.costing.tracing.earlier_traces import traced_once as traced_once
    from dse.space.costing.tracing.operation_tracing import operation_step as operation_step
    from dse.space.costing.tracing.operation_tracing import trace_join as trace_join
    from dse.space.costing.tracing.operation_tracing import trace_operation as trace_operation
    from dse.space.costing.tracing.step_reading import block_step as block_step

_HOMES = {
    "dse.space.costing.tracing.block_tracing": ("trace_block", "trace_step"),
    "dse.space.costing.tracing.built_blocks": ("build_block",),
    "dse.space.costing.tracing.callables": (
        *("build_callable", "callable_of", "cost_callable", "network_inputs"),
    ),
    "dse.space.costing.tracing.chains": ("ChainPart",),
    "dse.space.costing.tracing.divided_blocks": (
        *("divided_step", "trace_divided_block", "trace_divided_step"),
    ),
    "dse.space.costing.tracing.earlier_traces": ("note_traced", "traced_before", "traced_once"),
    "dse.space.costing.tracing.operation_tracing": (
        *("operation_step", "trace_join", "trace_operation"),
    ),
    "dse.space.costing.tracing.step_reading": ("block_step",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
