"""Runs a copy of a model once, on what somebody gives as its inputs, and watches it."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.counting.running.arguments import Inputs as Inputs
    from dse.counting.running.arguments import forward_parameters as forward_parameters
    from dse.counting.running.arguments import is_shape as is_shape
    from dse.counting.running.arguments import real_tensor as real_tensor
    from dse.counting.running.collector import seldom_collecting as seldom_collecting
    from dse.counting.running.collector import without_collector as without_collector
    from dse.counting.running.cpu_tensors import on_imitated_cpu as on_imitated_cpu
    from dse.counting.running.inputs import Input as Input
    from dse.counting.running.inputs import parse_dtype as parse_dtype
    from dse.counting.running.operator_notes import NotedOperator as NotedOperator
    from dse.counting.running.operator_notes import NotFollowed as NotFollowed
    from dse.counting.running.operator_notes import OperatorNotes as OperatorNotes
    from dse.counting.running.operator_notes import TensorNumber as TensorNumber
    from dse.counting.running.preparation import Prepared as Prepared
    from dse.counting.running.preparation import prepare as prepare
    from dse.counting.running.preparation import running as running
    from dse.counting.running.recorder import MARK as MARK
    from dse.counting.running.recorder import Recorder as Recorder
    from dse.counting.running.size_free import MEAN_OF as MEAN_OF
    from dse.counting.running.size_free import SIZES as SIZES
    from dse.counting.running.size_free import SLICE as SLICE
    from dse.counting.running.size_free import STRIDES as STRIDES
    from dse.counting.running.size_free import are_alike as are_alike
    from dse.counting.running.tracing import trace as trace
    from dse.counting.running.ways_to_run import NeedsData as NeedsData
    from dse.counting.running.ways_to_run import Real as Real
    from dse.counting.running.ways_to_run import Way as Way
    from dse.counting.running.ways_to_run import first_that_runs as first_that_runs

_HOMES = {
    "dse.counting.running.arguments": ("Inputs", "forward_parameters", "is_shape", "real_tensor"),
    "dse.counting.running.collector": ("seldom_collecting", "without_collector"),
    "dse.counting.running.cpu_tensors": ("on_imitated_cpu",),
    "dse.counting.running.inputs": ("Input", "parse_dtype"),
    "dse.counting.running.operator_notes": (
        *("NotFollowed", "NotedOperator", "OperatorNotes", "TensorNumber"),
    ),
    "dse.counting.running.preparation": ("Prepared", "prepare", "running"),
    "dse.counting.running.recorder": ("MARK", "Recorder"),
    "dse.counting.running.size_free": ("MEAN_OF", "SIZES", "SLICE", "STRIDES", "are_alike"),
    "dse.counting.running.tracing": ("trace",),
    "dse.counting.running.ways_to_run": ("NeedsData", "Real", "Way", "first_that_runs"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
