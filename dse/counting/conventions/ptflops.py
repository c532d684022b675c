"""How ptflops counts with its pytorch backend (0.7.5, `get_model_complexity_info`).

MACs of modules, on average over the batch, plus those of functions, also where a module calls a
function: `nn.ReLU` counts once as a module and once as `F.relu`.
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
from dse.counting.conventions.dispatched import trained_parameters
from dse.counting.conventions.function_sites import FunctionSite, function_sites
from dse.counting.conventions.layer_calls import (
    LayerCall,
    calls_by_module,
    count_types,
    is_leaf,
    layer_calls,
    multiplies_itself,
)
from dse.counting.conventions.ptflops_functions import FUNCTIONS
from dse.counting.conventions.ptflops_modules import MACS, MODULES
from dse.counting.trace_records import Trace

COLUMNS = (Column("layer", show=str), Column("type", show=str), Column(MACS, "MACs"))


def _visited(
    module: nn.Module, path: str, known: dict[type, Rule[LayerCall]]
) -> Iterator[tuple[str, nn.Module]]:
    """Yield the known modules that no other known module contains, under each of their parents."""
    if type(module) in known:
        yield path, module
        return
    for name, child in module.named_children():
        yield from _visited(child, f"{path}.{name}".lstrip("."), known)


def read(trace: Trace) -> Reading:
    """Return ptflops's MACs of each layer and each function, and their sum."""
    batch = trace.inputs[0].shape[0] if trace.inputs and trace.inputs[0].shape else 1
    known = by_exact_key(MODULES, MACS)
    calls = calls_by_module(trace)
    rows: list[Row] = []
    ledger: list[Entry] = []
    seen: set[int] = set()
    covered: set[int] = set()
    for path, module in _visited(trace.model, "", known):
        rule = known[type(module)]
        macs = Fraction(0)
        for call in calls.get(id(module), []):
            amount = Fraction(rule.amount(call), batch)
            operations = call.operations if id(module) not in seen else ()
            ledger.append(Entry(call.type, rule.formula, amount, operations))
            covered.update(operations)
            macs += amount
        seen.add(id(module))
        rows.append(Row({"layer": path, "type": type(module).__name__, MACS: macs}))
    functions: dict[str, int] = {}
    for site, function_rule in _known_functions(trace):
        function, amount_of = site.function, function_rule.amount(site)
        kind = f"{function.function.__name__}()"
        within = [p for p in function.operations if p not in covered] if amount_of else []
        ledger.append(Entry(kind, function_rule.formula, amount_of, within))
        functions[kind] = functions.get(kind, 0) + amount_of
    rows += [Row({"layer": "", "type": kind, MACS: macs}) for kind, macs in functions.items()]
    total = sum((Fraction(entry.amount) for entry in ledger), Fraction(0))
    if total != int(total):
        ledger.append(Entry("total", "rounded down", int(total) - total))
    params = trained_parameters(trace)
    return Reading(
        convention="ptflops",
        columns=COLUMNS,
        rows=tuple(rows),
        totals={"macs": int(total), "params": params},
        closing=(
            f"Computational complexity: {int(total):,}",
            f"Number of parameters: {params:,}",
        ),
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


def _known_functions(trace: Trace) -> Iterator[tuple[FunctionSite, Rule[FunctionSite]]]:
    known = by_exact_key(FUNCTIONS, MACS)
    for site in function_sites(trace):
        rule = known.get(site.function.function)
        if rule is not None and not site.function.is_operator:
            yield site, rule


PTFLOPS = Convention(
    name="ptflops",
    tool="ptflops 0.7.5, backend pytorch",
    counts="MACs and operations of known layers and functions, functions in layers once more",
    rules=(*MODULES, *FUNCTIONS),
    read=read,
    compared=Compared("macs", Fraction(1), "its MACs"),
    needs_functions=True,
)
