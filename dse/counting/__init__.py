"""What does one model cost? Torch only; knows no config, no space, no store."""

from dse.counting.construction import build_without_weights
from dse.counting.count import Count, count
from dse.counting.inputs import Shape
from dse.counting.layers import Layer
from dse.counting.registration import register_module, register_operator, unregister
from dse.counting.timing import time_layers
from dse.counting.trace import OutputStorage, TensorSpec, Trace
from dse.counting.tracing import trace

__all__ = [
    "Count",
    "Layer",
    "OutputStorage",
    "Shape",
    "TensorSpec",
    "Trace",
    "build_without_weights",
    "count",
    "register_module",
    "register_operator",
    "time_layers",
    "trace",
    "unregister",
]
