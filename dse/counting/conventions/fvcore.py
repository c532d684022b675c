"""How fvcore counts (0.1.5, `fvcore.nn.FlopCountAnalysis`); timm's `infer_gmacs` are this."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from dse.counting.conventions.convention import (
    Column,
    Compared,
    Convention,
    Entry,
    Reading,
    Row,
    by_exact_key,
)
from dse.counting.conventions.function_sites import (
    FunctionSite,
    function_sites,
    outside_functions,
)
from dse.counting.conventions.fused import MULTI_HEAD
from dse.counting.conventions.fvcore_rules import (
    FLOPS,
    IGNORED,
    OPERATORS,
    RULES,
    seen_in_attention,
)
from dse.counting.trace_records import Trace

COLUMNS = (Column("module", show=str), Column("operator", show=str), Column(FLOPS, "MACs"))


def read(trace: Trace) -> Reading:
    """Return the flops of each function that a module calls, and their sum."""
    known = by_exact_key(RULES, FLOPS)
    ledger: list[Entry] = []
    amounts: dict[tuple[str, str], int | None] = {}
    unsupported = dict(trace.unknown)

    def add(call: int, kind: str, amount: int | None) -> None:
        name = trace.calls[call].name if call >= 0 else ""
        before = amounts.get((name, kind))
        amounts[name, kind] = amount if before is None else before + (amount or 0)

    for site in function_sites(trace):
        function, kind = site.function, site.function.function.__name__
        rule = known.get(function.function)
        if rule is not None:
            amount = rule.amount(site)
            ledger.append(Entry(kind, rule.formula, amount, _seen(trace, site)))
            add(function.call, kind, amount)
            if site.macs and not amount:
                unsupported[kind] = unsupported.get(kind, 0) + 1
        elif kind not in IGNORED:
            unsupported[kind] = unsupported.get(kind, 0) + 1
            add(function.call, kind, None)
    for position in outside_functions(trace):
        operation = trace.operations[position]
        if operation.name in OPERATORS:
            ledger.append(Entry(operation.name, "its MACs", operation.macs, (position,)))
            add(operation.call, operation.name, operation.macs)
        elif operation.macs:
            unsupported[operation.name] = unsupported.get(operation.name, 0) + 1
            add(operation.call, operation.name, None)
    rows = tuple(
        Row(
            {"module": module, "operator": kind, FLOPS: amount or 0},
            frozenset({FLOPS}) if amount is None else frozenset(),
        )
        for (module, kind), amount in amounts.items()
    )
    total = sum(int(entry.amount) for entry in ledger)
    closing = (f"flops: {total:,}",)
    return Reading("fvcore", COLUMNS, rows, {FLOPS: total}, closing, unsupported, tuple(ledger))


def _seen(trace: Trace, site: FunctionSite) -> Sequence[int]:
    within = site.function.operations
    if site.function.function is not MULTI_HEAD:
        return within
    names = seen_in_attention(site)
    return [position for position in within if trace.operations[position].name in names]


FVCORE = Convention(
    name="fvcore",
    tool="fvcore 0.1.5 FlopCountAnalysis",
    counts="MACs of convolutions, linear layers and products, and operations of norms",
    rules=RULES,
    read=read,
    compared=Compared(FLOPS, Fraction(1), "its flops, which are multiply-accumulates"),
    needs_functions=True,
)
