"""What does one model cost? Torch only; knows no config, no space, no store."""

from dse.counting.allocator import AllocatorRun, run_on_allocator
from dse.counting.arguments import Inputs, forward_parameters, is_shape, real_tensor
from dse.counting.boundaries import Gradients, GradientSpec, contiguous_gradient, is_contiguous
from dse.counting.collector import seldom_collecting
from dse.counting.construction import build_without_weights
from dse.counting.conventions import (
    CONVENTIONS,
    Column,
    Convention,
    Reading,
    ReadingDifference,
    Reconciliation,
    Row,
    compare,
    find_convention,
    read_convention,
)
from dse.counting.count import Count, count
from dse.counting.cpu_tensors import on_imitated_cpu
from dse.counting.dataflow import (
    Dataflow,
    FlowOperator,
    FlowReference,
    FlowTensor,
    dataflow,
)
from dse.counting.exported_files import FileModel, is_exported_file, read_exported_file
from dse.counting.folding import collapse, fold
from dse.counting.inputs import Input, parse_dtype
from dse.counting.kernels import KernelCall, kernels_by_layer, kernels_of, together
from dse.counting.layers import Layer, total_costs
from dse.counting.losses import LOSSES, OWN_LOSS, TrainingLoss, find_loss
from dse.counting.preparation import prepare
from dse.counting.registration import (
    has_own_rules,
    register_module,
    register_operator,
    registered_rules,
    unregister,
)
from dse.counting.shared_weights import share_weights
from dse.counting.timeline import AliveTensor, Timeline, inference_timeline, training_timeline
from dse.counting.timing import time_layers
from dse.counting.torch_internals import has_hooks, held_buffers, held_modules, held_parameters
from dse.counting.trace import (
    Bundle,
    HandedOn,
    Lifetime,
    OutputStorage,
    TensorSpec,
    Trace,
    handed_on_as,
    tensors_of,
)
from dse.counting.tracing import trace
from dse.counting.training_step import TrainingStep, highest, run_step, trace_step
from dse.counting.under_conditions import (
    block_step_under,
    costs_under,
    dtype_of,
    one_argument,
    trace_under,
)
from dse.counting.ways_to_run import NeedsData, Real

__all__ = [
    "CONVENTIONS",
    "LOSSES",
    "OWN_LOSS",
    "AliveTensor",
    "AllocatorRun",
    "Bundle",
    "Column",
    "Convention",
    "Count",
    "Dataflow",
    "FileModel",
    "FlowOperator",
    "FlowReference",
    "FlowTensor",
    "GradientSpec",
    "Gradients",
    "HandedOn",
    "Input",
    "Inputs",
    "KernelCall",
    "Layer",
    "Lifetime",
    "NeedsData",
    "OutputStorage",
    "Reading",
    "ReadingDifference",
    "Real",
    "Reconciliation",
    "Row",
    "TensorSpec",
    "Timeline",
    "Trace",
    "TrainingLoss",
    "TrainingStep",
    "block_step_under",
    "build_without_weights",
    "collapse",
    "compare",
    "contiguous_gradient",
    "costs_under",
    "count",
    "dataflow",
    "dtype_of",
    "find_convention",
    "find_loss",
    "fold",
    "forward_parameters",
    "handed_on_as",
    "has_hooks",
    "has_own_rules",
    "held_buffers",
    "held_modules",
    "held_parameters",
    "highest",
    "inference_timeline",
    "is_contiguous",
    "is_exported_file",
    "is_shape",
    "kernels_by_layer",
    "kernels_of",
    "on_imitated_cpu",
    "one_argument",
    "parse_dtype",
    "prepare",
    "read_convention",
    "read_exported_file",
    "real_tensor",
    "register_module",
    "register_operator",
    "registered_rules",
    "run_on_allocator",
    "run_step",
    "seldom_collecting",
    "share_weights",
    "tensors_of",
    "time_layers",
    "together",
    "total_costs",
    "trace",
    "trace_step",
    "trace_under",
    "training_timeline",
    "unregister",
]
