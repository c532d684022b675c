"""How torchstat prints (0.0.7, `torchstat.stat`): a line for each module without modules in it.

A module that is called twice shows its last call, one that is never called zeros. Functions and
operators between the modules are not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import prod
from typing import Any

from dse.counting.conventions.convention import (
    Column,
    Compared,
    Convention,
    Entry,
    Reading,
    Row,
    Rule,
    first_rule,
)
from dse.counting.conventions.layer_calls import LayerCall, calls_by_module, is_leaf
from dse.counting.conventions.showing import MEBIBYTE, in_megabytes, spaced, with_prefix
from dse.counting.conventions.torchstat_rules import FLOPS, MADD, RANKS, READ, RULES, WRITE
from dse.counting.trace_records import Trace

_BYTES = 4
PARAMS, MEMORY, BOTH, DURATION = "params", "memory(MB)", "MemR+W(B)", "duration[%]"


def _megabytes(size: Fraction) -> str:
    return f"{float(size):.2f}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.2%}"


COLUMNS = (
    Column("module name", show=str),
    Column("input shape", show=spaced),
    Column("output shape", show=spaced),
    Column(PARAMS, "elements"),
    Column(MEMORY, "MB", _megabytes),
    Column(MADD, "multiplications and additions"),
    Column(FLOPS, "operations"),
    Column(READ, "bytes"),
    Column(WRITE, "bytes"),
    Column(DURATION, "%", _percent),
    Column(BOTH, "bytes"),
)
_COMPUTED = (MADD, FLOPS, READ, WRITE)


def _rule(column: str, call: LayerCall) -> Rule[LayerCall] | None:
    rule = first_rule(RULES, column, call.module)
    rank = next((rank for kind, rank in RANKS.items() if isinstance(call.module, kind)), None)
    return rule if rank is None or len(call.input.shape) == rank else None


def _row(name: str, calls: list[LayerCall], share: float | None) -> Row:
    values: dict[str, Any] = {
        "module name": name,
        "input shape": (0, 0, 0),
        "output shape": (0, 0, 0),
        PARAMS: 0,
        MEMORY: Fraction(0),
        **dict.fromkeys(_COMPUTED, 0),
        DURATION: share,
        BOTH: 0,
    }
    if not calls:
        return Row(values)
    call = calls[-1]
    rules = {column: _rule(column, call) for column in _COMPUTED}
    computed = {column: rule.amount(call) if rule else 0 for column, rule in rules.items()}
    values |= computed
    values["input shape"] = call.input.shape[1:]
    values["output shape"] = call.output.shape[1:]
    values[PARAMS] = call.parameters
    values[MEMORY] = Fraction(prod(call.output.shape[1:]) * _BYTES, MEBIBYTE)
    values[BOTH] = computed[READ] + computed[WRITE]
    return Row(values, frozenset(column for column, rule in rules.items() if rule is None))


def read(trace: Trace, seconds: Mapping[str, float] | None = None) -> Reading:
    """Return torchstat's table.

    torchstat runs every model on a batch of one; here the batch is that of the trace, which
    MAdd and memory leave out.

    Args:
        trace: of any model.
        seconds: measured time of each layer by its name, for the column of shares.
    """
    calls = calls_by_module(trace)
    whole = sum(seconds.values()) if seconds else 0.0
    rows: list[Row] = []
    ledger: list[Entry] = []
    unsupported: dict[str, int] = {}
    for name, module in trace.model.named_modules():
        if not is_leaf(module):
            continue
        share = seconds.get(name, 0.0) / whole if seconds and whole else None
        its_calls = calls.get(id(module), [])
        row = _row(name, its_calls, share)
        rows.append(row)
        if its_calls:
            ledger += _entries(its_calls[-1], row)
        if row.unsupported:
            kind = type(module).__name__
            unsupported[kind] = unsupported.get(kind, 0) + 1
    columns = (PARAMS, MEMORY, *_COMPUTED, BOTH)
    totals = {column: sum(row.values[column] for row in rows) for column in columns}
    last = rows[-1].values if rows else dict.fromkeys(columns, 0)
    share = 1.0 if seconds and whole else None
    # Of MemRead and MemWrite the total row shows those of the last layer, and MemR+W the sum.
    shown = {**totals, READ: last[READ], WRITE: last[WRITE], DURATION: share}
    return Reading(
        convention="torchstat",
        columns=COLUMNS,
        rows=tuple(rows),
        totals=totals,
        closing=_closing(totals),
        unsupported=unsupported,
        ledger=tuple(ledger),
        total_row=Row({"module name": "total", "input shape": (), "output shape": (), **shown}),
    )


def _entries(call: LayerCall, row: Row) -> list[Entry]:
    rule = _rule(FLOPS, call)
    if rule is None:
        return []
    return [Entry(call.type, rule.formula, row.values[FLOPS], call.operations)]


def _closing(totals: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        f"Total params: {totals[PARAMS]:,}",
        f"Total memory: {in_megabytes(totals[MEMORY], 1)}MB",
        f"Total MAdd: {with_prefix(totals[MADD], 1000)}MAdd",
        f"Total Flops: {with_prefix(totals[FLOPS], 1000)}Flops",
        f"Total MemR+W: {with_prefix(totals[BOTH], 1024)}B",
    )


TORCHSTAT = Convention(
    name="torchstat",
    tool="torchstat 0.0.7",
    counts="multiplications and additions, operations and memory traffic of each layer",
    rules=RULES,
    read=read,
    compared=Compared(FLOPS, Fraction(1), "its Flops"),
)
