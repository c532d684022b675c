"""Readings by rules for operators: what counters see that intercept each dispatched operator."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dse.counting.conventions.convention import Column, Entry, Row, Rule, by_exact_key
from dse.counting.trace_records import Operation, Trace


@dataclass(frozen=True, slots=True)
class CountedOperators:
    """The rows, entries and unsupported operators of a trace by some rules."""

    rows: tuple[Row, ...]
    ledger: tuple[Entry, ...]
    unsupported: dict[str, int]
    total: int


def operator_columns(amount: str, unit: str) -> tuple[Column, ...]:
    """Return the columns of a table with a line for each operator that a layer runs."""
    return (Column("layer", show=str), Column("operator", show=str), Column(amount, unit))


def count_operators(
    trace: Trace,
    rules: Sequence[Rule[Operation]],
    column: str,
    unseen: Collection[int] = (),
) -> CountedOperators:
    """Read a trace by rules for operators.

    Args:
        trace: of any model.
        rules: what is counted for which operators.
        column: which column's rules.
        unseen: indices of operators that the counter does not see.
    """
    known = by_exact_key(rules, column)
    amounts: dict[tuple[str, str], int] = {}
    ledger: list[Entry] = []
    unsupported = dict(trace.unknown)
    for position, operation in enumerate(trace.operations):
        rule = known.get(operation.name) if position not in unseen else None
        if rule is not None:
            amount = rule.amount(operation)
            ledger.append(Entry(operation.name, rule.formula, amount, (position,)))
        elif operation.macs:
            amount = 0
            unsupported[operation.name] = unsupported.get(operation.name, 0) + 1
        else:
            continue
        layer = trace.calls[operation.call].name if operation.call >= 0 else ""
        amounts[layer, operation.name] = amounts.get((layer, operation.name), 0) + amount
    rows = tuple(
        _row(layer, operator, column, amount, unsupported)
        for (layer, operator), amount in amounts.items()
    )
    return CountedOperators(rows, tuple(ledger), unsupported, sum(amounts.values()))


def _row(
    layer: str, operator: str, column: str, amount: int, unsupported: Mapping[str, Any]
) -> Row:
    mark = frozenset({column}) if not amount and operator in unsupported else frozenset[str]()
    return Row({"layer": layer, "operator": operator, column: amount}, mark)


def macs(operation: Operation) -> int:
    """Multiply-accumulates of an operator, as we count them."""
    return operation.macs


def trained_parameters(trace: Trace) -> int:
    """Elements of the parameters that require a gradient, a shared one once."""
    return sum(weight.spec.elements for weight in trace.weights if weight.trainable)
