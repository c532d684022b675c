"""Which operators of a trace belong to an attention or LSTM that a real device runs as one kernel.

A trace shows the matrix products inside them; counters that see only the function, or the kernel
that a CPU runs for it, count nothing there.
"""

from __future__ import annotations

import inspect

import torch
from torch.nn import functional as F

from dse.counting.trace_records import FunctionCall, Trace

MULTI_HEAD = F.multi_head_attention_forward
_SIGNATURE = inspect.signature(MULTI_HEAD)
_PRODUCTS = ("aten.bmm", "aten.baddbmm")


def returns_weights(function: FunctionCall) -> bool:
    """Return whether a multi-head attention has to return its weights, so that it is not fused."""
    bound = _SIGNATURE.bind(*function.arguments, **function.keywords)
    return bool(bound.arguments.get("need_weights", True))


def is_fused_attention(function: FunctionCall) -> bool:
    """Return whether a function call contains an attention that runs as a single kernel."""
    if function.function is MULTI_HEAD:
        return not returns_weights(function)
    return function.function is F.scaled_dot_product_attention


def operators_of_fused_kernels(trace: Trace) -> set[int]:
    """Return the indices in `Trace.operations` of what a CPU runs as a part of another kernel."""
    hidden: set[int] = set()
    for function in trace.functions or ():
        if function.function is torch.lstm:
            hidden.update(function.operations)
        elif is_fused_attention(function):
            names = (
                (position, trace.operations[position].name) for position in function.operations
            )
            hidden.update(position for position, name in names if name in _PRODUCTS)
    return hidden
