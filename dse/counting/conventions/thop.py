"""How thop counts (0.1.1-2209072238, `thop.profile`): MACs and parameters of known layer types.

A layer counts if its class, not a base of it, is in the table. All else counts 0 operations and
0 parameters, silently.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from torch import nn

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
from dse.counting.conventions.layer_calls import (
    LayerCall,
    applied,
    calls_by_module,
    count_types,
    is_leaf,
    layer_calls,
    multiplies_itself,
)
from dse.counting.conventions.thop_rules import RULES
from dse.counting.trace_records import Trace

COLUMNS = (
    Column("layer", show=str),
    Column("type", show=str),
    Column("macs", "MACs"),
    Column("params", "elements"),
)


def _visited(
    module: nn.Module, path: str, known: dict[type, Rule[LayerCall]]
) -> Iterator[tuple[str, nn.Module]]:
    """Yield the modules whose counts thop adds up, one that has two parents twice.

    It does not look inside a layer that it knows, but for `Sequential`.
    """
    yield path, module
    if path and type(module) in known and not isinstance(module, (nn.Sequential, nn.ModuleList)):
        return
    for name, child in module.named_children():
        yield from _visited(child, f"{path}.{name}".lstrip("."), known)


def read(trace: Trace) -> Reading:
    """Return thop's MACs and parameters of each layer, and their sums."""
    known = by_exact_key(RULES, "macs")
    calls = calls_by_module(trace)
    rows: list[Row] = []
    ledger: list[Entry] = []
    params = 0
    seen: set[int] = set()
    hooks = applied(trace.model)
    for path, module in _visited(trace.model, "", known):
        if not is_leaf(module):
            continue
        rule, its_calls = known.get(type(module)), calls.get(id(module), [])
        entries = [
            Entry(
                call.type,
                rule.formula,
                rule.amount(call),
                call.operations if id(module) not in seen and not hook else (),
            )
            for call in its_calls
            for hook in range(hooks[id(module)])
            if rule
        ]
        seen.add(id(module))
        ledger += entries
        # A model that is a single layer itself has operations, but no parameters.
        own = sum(p.numel() for p in module.parameters()) if entries and path else 0
        params += own
        macs = sum(int(entry.amount) for entry in entries)
        values = {"layer": path, "type": type(module).__name__, "macs": macs, "params": own}
        rows.append(Row(values, frozenset() if rule else frozenset({"macs", "params"})))
    total = sum(int(entry.amount) for entry in ledger)
    return Reading(
        convention="thop",
        columns=COLUMNS,
        rows=tuple(rows),
        totals={"macs": total, "params": params},
        closing=(f"macs: {total:,}", f"params: {params:,}"),
        unsupported=count_types(
            [
                call
                for call in layer_calls(trace)
                if type(call.module) not in known
                and (is_leaf(call.module) or multiplies_itself(trace, call))
            ]
        ),
        ledger=tuple(ledger),
    )


THOP = Convention(
    name="thop",
    tool="thop 0.1.1",
    counts="MACs of convolutions and linear layers, and operations of norms and average pools",
    rules=RULES,
    read=read,
    compared=Compared("macs", Fraction(1), "its macs"),
)
