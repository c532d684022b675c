"""How torchinfo prints (1.8.0, `torchinfo.summary`): a line for each call, MB of 10⁶ bytes.

Parameters decide what a layer costs: the weight of a convolution once for each output position,
all others once for each entry of the output's first axis, so that tokens are not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import Any

from torch import nn

from dse.counting.conventions.convention import (
    Column,
    Compared,
    Convention,
    Entry,
    Reading,
    Row,
    Rule,
)
from dse.counting.conventions.layer_calls import LayerCall, multiplies_itself
from dse.counting.conventions.showing import bracketed, in_megabytes
from dse.counting.conventions.torchinfo_layers import ShownLayer, shown_layers
from dse.counting.trace_records import Trace

_MEGABYTE = 10**6
MULT_ADDS = "Mult-Adds"
COLUMNS = (
    Column("Layer (type:depth-idx)", show=str),
    Column("Output Shape", show=bracketed),
    Column("Param #", "elements"),
    Column(MULT_ADDS, "operations"),
)


def _times(names: Sequence[str], call: LayerCall, times: int) -> int:
    parameters = dict(call.module.named_parameters())
    return times * sum(int(parameters[name].numel()) for name in names)


def _named(call: LayerCall) -> tuple[list[str], list[str]]:
    """Return the parameters called weight or bias, and those whose name contains it."""
    names = [name for name, _ in call.module.named_parameters()]
    plain = [name for name in names if name in ("weight", "bias")]
    inner = [name for name in names if name not in plain and ("weight" in name or "bias" in name)]
    return plain, inner


def mult_adds(call: LayerCall) -> int:
    """Return the mult-adds of a layer without modules in it."""
    shape = call.output.shape
    plain, inner = _named(call)
    times = prod(shape[:1] + shape[2:]) if "Conv" in call.type else prod(shape[:1])
    return _times(plain, call, times) + _times(inner, call, prod(shape[:2]))


_RULE: Rule[LayerCall] = Rule(
    MULT_ADDS,
    ("any layer without modules in it",),
    "`weight` and `bias`: P · N, in a class named *Conv* P · N · S;"
    " parameters with longer names: P · N · (second size of O)",
    mult_adds,
)


def read(trace: Trace) -> Reading:
    """Return torchinfo's lines and sums.

    Its input size has the overhead of Python's storage objects on top, some 50 bytes an input.
    """
    layers = shown_layers(trace)
    ledger: list[Entry] = []
    rows: list[Row] = []
    indices: dict[int, int] = {}
    unsupported: dict[str, int] = {}
    output_bytes = 0
    for layer in layers:
        indices[layer.depth] = indices.get(layer.depth, 0) + 1
        row = _row(trace, layer, indices[layer.depth])
        rows.append(row)
        if row.unsupported:
            kind = type(layer.module).__name__
            unsupported[kind] = unsupported.get(kind, 0) + 1
        if layer.is_leaf and layer.call is not None:
            amount = row.values[MULT_ADDS]
            if amount:
                formula = "P · N · S" if "Conv" in layer.call.type else "P · N"
                ledger.append(Entry(layer.call.type, formula, amount, layer.call.operations))
            output_bytes += layer.call.output.nbytes if layer.params else 0
    once = [layer for layer in layers if not layer.is_repeated]
    totals = {
        "params": _parameters(once, "params"),
        "trainable_params": _parameters(once, "trainable"),
        "mult_adds": sum(int(entry.amount) for entry in ledger),
        "input_bytes": sum(spec.nbytes for spec in trace.inputs),
        "forward_backward_bytes": 2 * output_bytes,
        "params_bytes": _parameter_bytes(once),
    }
    sizes = ("input_bytes", "forward_backward_bytes", "params_bytes")
    totals["total_bytes"] = sum(totals[name] for name in sizes)
    return Reading(
        "torchinfo", COLUMNS, tuple(rows), totals, _closing(totals), unsupported, tuple(ledger)
    )


def _row(trace: Trace, layer: ShownLayer, index: int) -> Row:
    call = layer.call
    values: dict[str, Any] = {
        "Layer (type:depth-idx)": type(layer.module).__name__
        + (f": {layer.depth}-{index}" if layer.depth else ""),
        "Output Shape": call.output.shape if call else (),
        "Param #": layer.params if layer.is_leaf else max(layer.leftover("params"), 0),
        MULT_ADDS: _RULE.amount(call) if call is not None and layer.is_leaf else 0,
    }
    missed = call is not None and not values[MULT_ADDS] and multiplies_itself(trace, call)
    return Row(values, frozenset({MULT_ADDS}) if missed else frozenset())


def _parameters(layers: list[ShownLayer], attribute: str) -> int:
    return sum(
        getattr(layer, attribute) if layer.is_leaf else max(layer.leftover(attribute), 0)
        for layer in layers
    )


def _parameter_bytes(layers: list[ShownLayer]) -> int:
    leaves: list[nn.Module] = [layer.module for layer in layers if layer.is_leaf]
    return sum(p.numel() * p.element_size() for module in leaves for p in module.parameters())


def _closing(totals: dict[str, int]) -> tuple[str, ...]:
    def size(name: str) -> str:
        return in_megabytes(totals[name], _MEGABYTE)

    return (
        f"Total params: {totals['params']:,}",
        f"Trainable params: {totals['trainable_params']:,}",
        f"Non-trainable params: {totals['params'] - totals['trainable_params']:,}",
        f"Total mult-adds{_readable(totals['mult_adds'])}",
        f"Input size (MB): {size('input_bytes')}",
        f"Forward/backward pass size (MB): {size('forward_backward_bytes')}",
        f"Params size (MB): {size('params_bytes')}",
        f"Estimated Total Size (MB): {size('total_bytes')}",
    )


def _readable(number: int) -> str:
    power, unit = next(
        ((10**power, unit) for power, unit in ((12, "T"), (9, "G")) if number >= 10**power),
        (10**6, "M"),
    )
    exact = number % power == 0
    shown = f"{number // power:,d}" if exact else f"{number / power:,.2f}"
    return f" ({unit}): {shown}"


TORCHINFO = Convention(
    name="torchinfo",
    tool="torchinfo 1.8.0",
    counts="parameters, outputs, and parameters × positions for layers without modules in them",
    rules=(_RULE,),
    read=read,
    compared=Compared("mult_adds", Fraction(1), "its mult-adds"),
)
