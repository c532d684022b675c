"""How torch counts (2.14, `torch.utils.flop_counter.FlopCounterMode`) on the meta device.

There an attention shows its two matrix products. On a CPU the same counter misses them, since it
has no formula for the fused kernel of CPUs.
"""

from __future__ import annotations

from fractions import Fraction

from dse.counting.conventions.convention import Compared, Convention, Reading, Rule
from dse.counting.conventions.dispatched import count_operators, operator_columns
from dse.counting.trace_records import Operation, Trace

FLOPS = "FLOPs"


def _twice_macs(operation: Operation) -> int:
    return 2 * operation.macs


RULES: tuple[Rule[Operation], ...] = (
    Rule(
        FLOPS,
        ("aten.convolution",),
        "2 · N · S · Co · K · C / g, transposed with the S of the input",
        _twice_macs,
    ),
    Rule(FLOPS, ("aten.mm", "aten.addmm"), "2 · m · k · n", _twice_macs),
    Rule(FLOPS, ("aten.bmm", "aten.baddbmm"), "2 · b · m · k · n", _twice_macs),
    Rule(
        FLOPS,
        (
            "aten._scaled_dot_product_flash_attention",
            "aten._scaled_dot_product_efficient_attention",
            "aten._scaled_dot_product_cudnn_attention",
            "aten._scaled_dot_product_flash_attention_for_cpu",
        ),
        "2 · (Q·Kᵀ and weights·V)",
        _twice_macs,
    ),
)


def read(trace: Trace) -> Reading:
    """Return the FLOPs of each operator that a layer runs, and their sum."""
    counted = count_operators(trace, RULES, FLOPS)
    return Reading(
        convention="torch",
        columns=operator_columns(FLOPS, "FLOPs"),
        rows=counted.rows,
        totals={"flops": counted.total},
        closing=(f"Total FLOPs: {counted.total:,}",),
        unsupported=counted.unsupported,
        ledger=counted.ledger,
    )


TORCH = Convention(
    name="torch",
    tool="torch 2.14 FlopCounterMode, on the meta device",
    counts="2 × the MACs of convolutions and matrix products",
    rules=RULES,
    read=read,
    compared=Compared("flops", Fraction(1, 2), "half of its FLOPs"),
)
