"""Which operators of a trace belong to a fused attention.

A trace shows the matrix products inside `F.scaled_dot_product_attention`; counters that see only
the fused function, or the kernel that real devices run for it, count nothing there.
"""

from __future__ import annotations

import inspect

from torch.nn import functional as F

from dse.counting.trace import FunctionCall, Trace

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


def operators_of_fused_attention(trace: Trace) -> set[int]:
    """Return the indices in `Trace.operations` of matrix products within fused attentions."""
    return {
        position
        for function in trace.functions or ()
        if is_fused_attention(function)
        for position in function.operations
        if trace.operations[position].name in _PRODUCTS
    }
