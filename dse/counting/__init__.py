"""What does one model cost? Torch only; knows no config, no space, no store."""

from dse.counting.boundaries import GradientSpec
from dse.counting.conditions import costs_under
from dse.counting.construction import build_without_weights
from dse.counting.count import Count, count
from dse.counting.inputs import Shape
from dse.counting.layers import Layer
from dse.counting.registration import register_module, register_operator, unregister
from dse.counting.timing import time_layers
from dse.counting.trace import OutputStorage, TensorSpec, Trace
from dse.counting.tracing import trace
from dse.counting.training import TrainingStep, trace_step

__all__ = [
    "Count",
    "GradientSpec",
    "Layer",
    "OutputStorage",
    "Shape",
    "TensorSpec",
    "Trace",
    "TrainingStep",
    "build_without_weights",
    "costs_under",
    "count",
    "register_module",
    "register_operator",
    "time_layers",
    "trace",
    "trace_step",
    "unregister",
]
