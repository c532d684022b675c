"""More of a run than its costs: memory over time, kernels, the graph, and real times."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.counting.profiling.allocator import AllocatorRun as AllocatorRun
    from dse.counting.profiling.allocator import run_on_allocator as run_on_allocator
    from dse.counting.profiling.flow_graph import Dataflow as Dataflow
    from dse.counting.profiling.flow_graph import FlowOperator as FlowOperator
    from dse.counting.profiling.flow_graph import FlowReference as FlowReference
    from dse.counting.profiling.flow_graph import FlowTensor as FlowTensor
    from dse.counting.profiling.flow_graph import dataflow as dataflow
    from dse.counting.profiling.kernels import KernelCall as KernelCall
    from dse.counting.profiling.kernels import kernels_by_layer as kernels_by_layer
    from dse.counting.profiling.kernels import kernels_of as kernels_of
    from dse.counting.profiling.kernels import together as together
    from dse.counting.profiling.timeline import AliveTensor as AliveTensor
    from dse.counting.profiling.timeline import Timeline as Timeline
    from dse.counting.profiling.timeline import inference_timeline as inference_timeline
    from dse.counting.profiling.timeline import training_timeline as training_timeline
    from dse.counting.profiling.timing import time_layers as time_layers

_HOMES = {
    "dse.counting.profiling.allocator": ("AllocatorRun", "run_on_allocator"),
    "dse.counting.profiling.flow_graph": (
        *("Dataflow", "FlowOperator", "FlowReference", "FlowTensor", "dataflow"),
    ),
    "dse.counting.profiling.kernels": ("KernelCall", "kernels_by_layer", "kernels_of", "together"),
    "dse.counting.profiling.timeline": (
        *("AliveTensor", "Timeline", "inference_timeline", "training_timeline"),
    ),
    "dse.counting.profiling.timing": ("time_layers",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
