"""How pycls counts (its model zoo, and "Designing Network Design Spaces", arXiv:2003.13678).

Its `flops` are multiply-accumulates with the additions of biases; its `acts` are the output
elements of convolutions, linear layers and pools, of global average pools not.
"""

from __future__ import annotations

from fractions import Fraction

from dse.counting.conventions.convention import (
    Column,
    Compared,
    Convention,
    Entry,
    Reading,
    Row,
    Rule,
    by_exact_key,
)
from dse.counting.conventions.dispatched import macs
from dse.counting.operators import RULES as COUNTED
from dse.counting.trace_records import Operation, Trace

FLOPS, ACTS = "flops", "acts"


def _convolution(operation: Operation) -> int:
    has_bias = operation.arguments[2] is not None
    return operation.macs + (operation.outputs[0].elements if has_bias else 0)


def _with_bias(operation: Operation) -> int:
    return operation.macs + operation.outputs[0].elements


def _outputs(operation: Operation) -> int:
    return operation.activations


def _pooled(operation: Operation) -> int:
    return operation.outputs[0].elements


_WITH_BIAS = ("aten.addmm", "aten.addmv")
_PRODUCTS = tuple(name for name in COUNTED if name not in (*_WITH_BIAS, "aten.convolution"))
_POOLS = (
    "aten.max_pool2d_with_indices",
    "aten.max_pool3d_with_indices",
    "aten.avg_pool1d",
    "aten.avg_pool2d",
    "aten.avg_pool3d",
)

RULES: tuple[Rule[Operation], ...] = (
    Rule(FLOPS, ("aten.convolution",), "N · S · Co · K · C / g + b · O", _convolution),
    Rule(FLOPS, _WITH_BIAS, "in · O + O", _with_bias),
    Rule(FLOPS, _PRODUCTS, "MACs of the product", macs),
    Rule(ACTS, tuple(COUNTED), "O of convolutions and linear layers", _outputs),
    Rule(ACTS, _POOLS, "O", _pooled),
)
COLUMNS = (
    Column("layer", show=str),
    Column(FLOPS, "MACs"),
    Column("params", "elements"),
    Column(ACTS, "elements"),
)


def read(trace: Trace) -> Reading:
    """Return the flops, parameters and activations of each layer, and their sums."""
    flops, acts = by_exact_key(RULES, FLOPS), by_exact_key(RULES, ACTS)
    layers: dict[str, dict[str, int]] = {}
    ledger: list[Entry] = []

    def add(layer: str, column: str, amount: int) -> None:
        if amount:
            values = layers.setdefault(layer, {FLOPS: 0, "params": 0, ACTS: 0})
            values[column] += amount

    for position, operation in enumerate(trace.operations):
        layer = trace.calls[operation.call].name if operation.call >= 0 else ""
        if operation.name in flops:
            rule = flops[operation.name]
            ledger.append(Entry(operation.name, rule.formula, rule.amount(operation), (position,)))
            add(layer, FLOPS, rule.amount(operation))
        if operation.name in acts:
            add(layer, ACTS, acts[operation.name].amount(operation))
    for weight in trace.weights:
        if weight.is_parameter:
            add(weight.module, "params", weight.spec.elements)
    totals = {
        column: sum(values[column] for values in layers.values())
        for column in (FLOPS, "params", ACTS)
    }
    return Reading(
        convention="pycls",
        columns=COLUMNS,
        rows=tuple(Row({"layer": layer, **values}) for layer, values in layers.items()),
        totals=totals,
        closing=tuple(f"{column}: {total:,}" for column, total in totals.items()),
        unsupported=dict(trace.unknown),
        ledger=tuple(ledger),
    )


PYCLS = Convention(
    name="pycls",
    tool="pycls, as its model zoo prints",
    counts="MACs with the additions of biases, parameters, and activations",
    rules=RULES,
    read=read,
    compared=Compared(FLOPS, Fraction(1), "its flops"),
)
