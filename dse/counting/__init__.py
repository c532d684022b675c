"""What does one model cost? Torch only; knows no config, no space, no store."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.counting.allocator import AllocatorRun as AllocatorRun
    from dse.counting.allocator import run_on_allocator as run_on_allocator
    from dse.counting.arguments import Inputs as Inputs
    from dse.counting.arguments import forward_parameters as forward_parameters
    from dse.counting.arguments import is_shape as is_shape
    from dse.counting.arguments import real_tensor as real_tensor
    from dse.counting.collector import seldom_collecting as seldom_collecting
    from dse.counting.construction import build_without_weights as build_without_weights
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
    from dse.counting.cpu_tensors import on_imitated_cpu as on_imitated_cpu
    from dse.counting.exported_files import FileModel as FileModel
    from dse.counting.exported_files import is_exported_file as is_exported_file
    from dse.counting.exported_files import read_exported_file as read_exported_file
    from dse.counting.flow_graph import Dataflow as Dataflow
    from dse.counting.flow_graph import FlowOperator as FlowOperator
    from dse.counting.flow_graph import FlowReference as FlowReference
    from dse.counting.flow_graph import FlowTensor as FlowTensor
    from dse.counting.flow_graph import dataflow as dataflow
    from dse.counting.folding import collapse as collapse
    from dse.counting.folding import fold as fold
    from dse.counting.inputs import Input as Input
    from dse.counting.inputs import parse_dtype as parse_dtype
    from dse.counting.kernels import KernelCall as KernelCall
    from dse.counting.kernels import kernels_by_layer as kernels_by_layer
    from dse.counting.kernels import kernels_of as kernels_of
    from dse.counting.kernels import together as together
    from dse.counting.layers import Layer as Layer
    from dse.counting.layers import total_costs as total_costs
    from dse.counting.loading import FIRST_DISPATCH as FIRST_DISPATCH
    from dse.counting.losses import LOSSES as LOSSES
    from dse.counting.losses import OWN_LOSS as OWN_LOSS
    from dse.counting.losses import TrainingLoss as TrainingLoss
    from dse.counting.losses import find_loss as find_loss
    from dse.counting.model_count import Count as Count
    from dse.counting.model_count import count as count
    from dse.counting.own_rules import has_own_rules as has_own_rules
    from dse.counting.own_rules import registered_rules as registered_rules
    from dse.counting.preparation import prepare as prepare
    from dse.counting.registration import register_module as register_module
    from dse.counting.registration import register_operator as register_operator
    from dse.counting.registration import unregister as unregister
    from dse.counting.shared_weights import share_weights as share_weights
    from dse.counting.sized_runs import SizedRuns as SizedRuns
    from dse.counting.tensor_holders import held_tensors as held_tensors
    from dse.counting.tensor_specs import Bundle as Bundle
    from dse.counting.tensor_specs import Gradients as Gradients
    from dse.counting.tensor_specs import GradientSpec as GradientSpec
    from dse.counting.tensor_specs import HandedOn as HandedOn
    from dse.counting.tensor_specs import OutputStorage as OutputStorage
    from dse.counting.tensor_specs import TensorSpec as TensorSpec
    from dse.counting.tensor_specs import canonical_dtype as canonical_dtype
    from dse.counting.tensor_specs import contiguous_gradient as contiguous_gradient
    from dse.counting.tensor_specs import contiguous_strides as contiguous_strides
    from dse.counting.tensor_specs import gradients_of as gradients_of
    from dse.counting.tensor_specs import handed_on_as as handed_on_as
    from dse.counting.tensor_specs import is_contiguous as is_contiguous
    from dse.counting.tensor_specs import is_floating_point as is_floating_point
    from dse.counting.tensor_specs import is_of_integers as is_of_integers
    from dse.counting.tensor_specs import tensors_of as tensors_of
    from dse.counting.timeline import AliveTensor as AliveTensor
    from dse.counting.timeline import Timeline as Timeline
    from dse.counting.timeline import inference_timeline as inference_timeline
    from dse.counting.timeline import training_timeline as training_timeline
    from dse.counting.timing import time_layers as time_layers
    from dse.counting.torch_internals import has_hooks as has_hooks
    from dse.counting.torch_internals import held_buffers as held_buffers
    from dse.counting.torch_internals import held_modules as held_modules
    from dse.counting.torch_internals import held_parameters as held_parameters
    from dse.counting.trace_records import Lifetime as Lifetime
    from dse.counting.trace_records import Trace as Trace
    from dse.counting.tracing import trace as trace
    from dse.counting.training_step import TrainingStep as TrainingStep
    from dse.counting.training_step import highest as highest
    from dse.counting.training_step import run_step as run_step
    from dse.counting.training_step import trace_step as trace_step
    from dse.counting.under_conditions import block_step_under as block_step_under
    from dse.counting.under_conditions import costs_under as costs_under
    from dse.counting.under_conditions import dtype_of as dtype_of
    from dse.counting.under_conditions import one_argument as one_argument
    from dse.counting.under_conditions import trace_under as trace_under
    from dse.counting.ways_to_run import NeedsData as NeedsData
    from dse.counting.ways_to_run import Real as Real

_HOMES = {
    "dse.counting.allocator": ("AllocatorRun", "run_on_allocator"),
    "dse.counting.arguments": ("Inputs", "forward_parameters", "is_shape", "real_tensor"),
    "dse.counting.collector": ("seldom_collecting",),
    "dse.counting.construction": ("build_without_weights",),
    "dse.counting.conventions": (
        *("CONVENTIONS", "Column", "Convention", "Reading", "ReadingDifference"),
        *("Reconciliation", "Row", "compare", "find_convention", "read_convention"),
    ),
    "dse.counting.cpu_tensors": ("on_imitated_cpu",),
    "dse.counting.exported_files": ("FileModel", "is_exported_file", "read_exported_file"),
    "dse.counting.flow_graph": (
        *("Dataflow", "FlowOperator", "FlowReference", "FlowTensor", "dataflow"),
    ),
    "dse.counting.folding": ("collapse", "fold"),
    "dse.counting.inputs": ("Input", "parse_dtype"),
    "dse.counting.kernels": ("KernelCall", "kernels_by_layer", "kernels_of", "together"),
    "dse.counting.layers": ("Layer", "total_costs"),
    "dse.counting.loading": ("FIRST_DISPATCH",),
    "dse.counting.losses": ("LOSSES", "OWN_LOSS", "TrainingLoss", "find_loss"),
    "dse.counting.model_count": ("Count", "count"),
    "dse.counting.own_rules": ("has_own_rules", "registered_rules"),
    "dse.counting.preparation": ("prepare",),
    "dse.counting.registration": ("register_module", "register_operator", "unregister"),
    "dse.counting.shared_weights": ("share_weights",),
    "dse.counting.sized_runs": ("SizedRuns",),
    "dse.counting.tensor_holders": ("held_tensors",),
    "dse.counting.tensor_specs": (
        *("Bundle", "GradientSpec", "Gradients", "HandedOn", "OutputStorage", "TensorSpec"),
        *("canonical_dtype", "contiguous_gradient", "contiguous_strides", "gradients_of"),
        *("handed_on_as", "is_contiguous", "is_floating_point", "is_of_integers", "tensors_of"),
    ),
    "dse.counting.timeline": ("AliveTensor", "Timeline", "inference_timeline", "training_timeline"),
    "dse.counting.timing": ("time_layers",),
    "dse.counting.torch_internals": (
        *("has_hooks", "held_buffers", "held_modules", "held_parameters"),
    ),
    "dse.counting.trace_records": ("Lifetime", "Trace"),
    "dse.counting.tracing": ("trace",),
    "dse.counting.training_step": ("TrainingStep", "highest", "run_step", "trace_step"),
    "dse.counting.under_conditions": (
        *("block_step_under", "costs_under", "dtype_of", "one_argument", "trace_under"),
    ),
    "dse.counting.ways_to_run": ("NeedsData", "Real"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
