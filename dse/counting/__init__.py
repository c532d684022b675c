"""What does one model cost? Torch only; knows no config, no space, no store."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.counting.conventions import CONVENTIONS as CONVENTIONS
    from dse.counting.conventions import Column as Column
    from dse.counting.conventions import Convention as Convention
    from dse.counting.conventions import Reading as Reading
    from dse.counting.conventions import ReadingDifference as ReadingDifference
    from dse.counting.conventions import Reconciliation as Reconciliation
    from dse.counting.conventions import Row as Row
    from dse.counting.conventions import compare as compare
    from dse.counting.conventions import find_convention as find_convention
    from dse.counting.conventions import read_convention as read_convention
    from dse.counting.exported_files import FileModel as FileModel
    from dse.counting.exported_files import is_exported_file as is_exported_file
    from dse.counting.exported_files import read_exported_file as read_exported_file
    from dse.counting.folding import collapse as collapse
    from dse.counting.folding import fold as fold
    from dse.counting.layers import Layer as Layer
    from dse.counting.layers import output_shapes as output_shapes
    from dse.counting.layers import total_costs as total_costs
    from dse.counting.loading import FIRST_DISPATCH as FIRST_DISPATCH
    from dse.counting.model_count import Count as Count
    from dse.counting.model_count import count as count
    from dse.counting.modules import build_without_weights as build_without_weights
    from dse.counting.modules import share_weights as share_weights
    from dse.counting.operators import OF_ONNX as OF_ONNX
    from dse.counting.operators import has_own_rules as has_own_rules
    from dse.counting.operators import register_module as register_module
    from dse.counting.operators import register_operator as register_operator
    from dse.counting.operators import registered_rules as registered_rules
    from dse.counting.operators import unregister as unregister
    from dse.counting.profiling import AliveTensor as AliveTensor
    from dse.counting.profiling import AllocatorRun as AllocatorRun
    from dse.counting.profiling import Dataflow as Dataflow
    from dse.counting.profiling import FlowOperator as FlowOperator
    from dse.counting.profiling import FlowReference as FlowReference
    from dse.counting.profiling import FlowTensor as FlowTensor
    from dse.counting.profiling import KernelCall as KernelCall
    from dse.counting.profiling import Timeline as Timeline
    from dse.counting.profiling import dataflow as dataflow
    from dse.counting.profiling import inference_timeline as inference_timeline
    from dse.counting.profiling import kernels_by_layer as kernels_by_layer
    from dse.counting.profiling import kernels_of as kernels_of
    from dse.counting.profiling import run_on_allocator as run_on_allocator
    from dse.counting.profiling import time_layers as time_layers
    from dse.counting.profiling import together as together
    from dse.counting.profiling import training_timeline as training_timeline
    from dse.counting.running import Input as Input
    from dse.counting.running import Inputs as Inputs
    from dse.counting.running import NeedsData as NeedsData
    from dse.counting.running import Real as Real
    from dse.counting.running import forward_parameters as forward_parameters
    from dse.counting.running import is_shape as is_shape
    from dse.counting.running import parse_dtype as parse_dtype
    from dse.counting.running import prepare as prepare
    from dse.counting.running import real_tensor as real_tensor
    from dse.counting.running import seldom_collecting as seldom_collecting
    from dse.counting.running import trace as trace
    from dse.counting.sizes import SizedRuns as SizedRuns
    from dse.counting.tensors import Bundle as Bundle
    from dse.counting.tensors import Gradients as Gradients
    from dse.counting.tensors import GradientSpec as GradientSpec
    from dse.counting.tensors import HandedOn as HandedOn
    from dse.counting.tensors import Lifetime as Lifetime
    from dse.counting.tensors import OutputStorage as OutputStorage
    from dse.counting.tensors import TensorSpec as TensorSpec
    from dse.counting.tensors import canonical_dtype as canonical_dtype
    from dse.counting.tensors import contiguous_gradient as contiguous_gradient
    from dse.counting.tensors import contiguous_strides as contiguous_strides
    from dse.counting.tensors import gradients_of as gradients_of
    from dse.counting.tensors import handed_on_as as handed_on_as
    from dse.counting.tensors import held_tensors as held_tensors
    from dse.counting.tensors import is_contiguous as is_contiguous
    from dse.counting.tensors import is_floating_point as is_floating_point
    from dse.counting.tensors import is_of_integers as is_of_integers
    from dse.counting.tensors import tensors_of as tensors_of
    from dse.counting.torch_internals import has_hooks as has_hooks
    from dse.counting.torch_internals import held_buffers as held_buffers
    from dse.counting.torch_internals import held_modules as held_modules
    from dse.counting.torch_internals import held_parameters as held_parameters
    from dse.counting.trace_records import Trace as Trace
    from dse.counting.training import LOSSES as LOSSES
    from dse.counting.training import OWN_LOSS as OWN_LOSS
    from dse.counting.training import TrainingLoss as TrainingLoss
    from dse.counting.training import TrainingStep as TrainingStep
    from dse.counting.training import find_loss as find_loss
    from dse.counting.training import highest as highest
    from dse.counting.training import run_step as run_step
    from dse.counting.training import trace_step as trace_step
    from dse.counting.under_conditions import block_step_under as block_step_under
    from dse.counting.under_conditions import costs_under as costs_under
    from dse.counting.under_conditions import dtype_of as dtype_of
    from dse.counting.under_conditions import one_argument as one_argument
    from dse.counting.under_conditions import trace_under as trace_under

_HOMES = {
    "dse.counting.conventions": (
        *("CONVENTIONS", "Column", "Convention", "Reading", "ReadingDifference", "Reconciliation"),
        *("Row", "compare", "find_convention", "read_convention"),
    ),
    "dse.counting.exported_files": ("FileModel", "is_exported_file", "read_exported_file"),
    "dse.counting.folding": ("collapse", "fold"),
    "dse.counting.layers": ("Layer", "output_shapes", "total_costs"),
    "dse.counting.loading": ("FIRST_DISPATCH",),
    "dse.counting.model_count": ("Count", "count"),
    "dse.counting.modules": ("build_without_weights", "share_weights"),
    "dse.counting.operators": (
        "OF_ONNX",
        *("has_own_rules", "register_module", "register_operator", "registered_rules"),
        *("unregister",),
    ),
    "dse.counting.profiling": (
        *("AliveTensor", "AllocatorRun", "Dataflow", "FlowOperator", "FlowReference", "FlowTensor"),
        *("KernelCall", "Timeline", "dataflow", "inference_timeline", "kernels_by_layer"),
        *("kernels_of", "run_on_allocator", "time_layers", "together", "training_timeline"),
    ),
    "dse.counting.running": (
        *("Input", "Inputs", "NeedsData", "Real", "forward_parameters", "is_shape", "parse_dtype"),
        *("prepare", "real_tensor", "seldom_collecting", "trace"),
    ),
    "dse.counting.sizes": ("SizedRuns",),
    "dse.counting.tensors": (
        *("Bundle", "GradientSpec", "Gradients", "HandedOn", "Lifetime", "OutputStorage"),
        *("TensorSpec", "canonical_dtype", "contiguous_gradient", "contiguous_strides"),
        *("gradients_of", "handed_on_as", "held_tensors", "is_contiguous", "is_floating_point"),
        *("is_of_integers", "tensors_of"),
    ),
    "dse.counting.torch_internals": (
        *("has_hooks", "held_buffers", "held_modules", "held_parameters"),
    ),
    "dse.counting.trace_records": ("Trace",),
    "dse.counting.training": (
        *("LOSSES", "OWN_LOSS", "TrainingLoss", "TrainingStep", "find_loss", "highest", "run_step"),
        *("trace_step",),
    ),
    "dse.counting.under_conditions": (
        *("block_step_under", "costs_under", "dtype_of", "one_argument", "trace_under"),
    ),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
