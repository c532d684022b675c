"""How ptflops counts with its aten backend (0.7.5) on a CPU: MACs of operators, and their biases.

Attention and LSTM run as one fused kernel each there, of which it counts nothing.
"""

from __future__ import annotations

from fractions import Fraction

from dse.counting.conventions.convention import Compared, Convention, Reading, Rule
from dse.counting.conventions.dispatched import (
    count_operators,
    macs,
    operator_columns,
    trained_parameters,
)
from dse.counting.conventions.fused import operators_of_fused_kernels
from dse.counting.trace_records import Operation, Trace

MACS = "MACs"


def _convolution(operation: Operation) -> int:
    has_bias = operation.arguments[2] is not None
    return operation.macs + (operation.outputs[0].elements if has_bias else 0)


def _addmm(operation: Operation) -> int:
    return operation.macs + operation.outputs[0].elements


RULES: tuple[Rule[Operation], ...] = (
    Rule(MACS, ("aten.convolution",), "N · S · Co · K · C / g + b · O", _convolution),
    Rule(MACS, ("aten.addmm",), "m · k · n + m · n", _addmm),
    Rule(MACS, ("aten.mm", "aten.bmm"), "the product of all sizes", macs),
)


def read(trace: Trace) -> Reading:
    """Return the MACs of each operator that a layer runs, and their sum."""
    counted = count_operators(trace, RULES, MACS, operators_of_fused_kernels(trace))
    params = trained_parameters(trace)
    return Reading(
        convention="ptflops-aten",
        columns=operator_columns(MACS, "MACs"),
        rows=counted.rows,
        totals={"macs": counted.total, "params": params},
        closing=(
            f"Computational complexity: {counted.total:,}",
            f"Number of parameters: {params:,}",
        ),
        unsupported=counted.unsupported,
        ledger=counted.ledger,
    )


PTFLOPS_ATEN = Convention(
    name="ptflops-aten",
    tool="ptflops 0.7.5, backend aten, on a CPU",
    counts="MACs of convolutions, matrix products and their biases; attention and LSTM not",
    rules=RULES,
    read=read,
    compared=Compared("macs", Fraction(1), "its MACs"),
    needs_functions=True,
)
