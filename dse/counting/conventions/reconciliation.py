"""Several conventions beside our MACs, and why each of them differs, to the last operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from dse.counting.conventions.convention import Entry
from dse.counting.conventions.convention_registry import find_convention, read_convention
from dse.counting.trace_records import Trace


class Reason(NamedTuple):
    """One term of a difference, summed over layers or operators of one kind."""

    kind: str
    """The layer type, function or operator."""
    reason: str
    calls: int
    """How many calls it sums over."""
    amount: int | Fraction
    """What the convention counts more than we do; negative for what it counts less."""


@dataclass(frozen=True, slots=True)
class ReadingDifference:
    """A convention laid beside our MACs."""

    convention: str
    meaning: str
    """Which of its numbers is compared; empty where it has none."""
    compared: int | Fraction | None
    """That number; None where it has none."""
    ours: int
    reasons: tuple[Reason, ...]
    """They add up to `compared` − `ours` exactly; the largest first."""

    @property
    def difference(self) -> int | Fraction | None:
        """What the convention counts more than we do."""
        return None if self.compared is None else self.compared - self.ours


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Our MACs and those of other conventions on one trace."""

    macs: int
    differences: tuple[ReadingDifference, ...]


def compare(trace: Trace, names: Sequence[str]) -> Reconciliation:
    """Lay conventions beside our MACs and attribute the differences to layers and operators.

    Args:
        trace: of any model, traced with `functions=True`.
        names: of `CONVENTIONS`.

    Raises:
        DseError: for an unknown name, or a trace that lacks the functions.
    """
    macs = sum(operation.macs for operation in trace.operations)
    return Reconciliation(macs, tuple(_difference(trace, name, macs) for name in names))


def _difference(trace: Trace, name: str, macs: int) -> ReadingDifference:
    compared = find_convention(name).compared
    reading = read_convention(trace, name)
    if compared is None:
        return ReadingDifference(name, "", None, macs, ())
    total = _plain(reading.totals[compared.total] * compared.scale)
    reasons = _reasons(trace, reading.ledger, compared.scale)
    return ReadingDifference(name, compared.meaning, total, macs, reasons)


def _plain(amount: int | Fraction) -> int | Fraction:
    return int(amount) if amount == int(amount) else amount


def _reasons(trace: Trace, ledger: Sequence[Entry], scale: Fraction) -> tuple[Reason, ...]:
    terms: dict[tuple[str, str], tuple[int, Fraction]] = {}

    def add(kind: str, reason: str, amount: int | Fraction) -> None:
        if amount:
            calls, before = terms.get((kind, reason), (0, Fraction(0)))
            terms[kind, reason] = (calls + 1, before + amount)

    accounted: set[int] = set()
    for entry in ledger:
        accounted.update(entry.operations)
        ours = sum(trace.operations[position].macs for position in entry.operations)
        theirs = entry.amount * scale
        add(entry.kind, _reason(entry, ours, scale), theirs - ours)
    for position, operation in enumerate(trace.operations):
        if position not in accounted and operation.macs:
            kind, reason = _unseen(trace, position)
            add(kind, reason, -operation.macs)
    largest_first = sorted(terms.items(), key=lambda term: abs(term[1][1]), reverse=True)
    return tuple(
        Reason(kind, reason, calls, _plain(amount))
        for (kind, reason), (calls, amount) in largest_first
        if amount
    )


def _reason(entry: Entry, ours: int, scale: Fraction) -> str:
    factor = "" if scale == 1 else f"{scale} of "
    if not entry.amount:
        return "counted as 0"
    if not ours:
        return f"{factor}{entry.formula}"
    return f"{factor}{entry.formula}, instead of the MACs"


def _unseen(trace: Trace, position: int) -> tuple[str, str]:
    operation = trace.operations[position]
    if operation.call < 0:
        return operation.name, "not seen"
    layer = type(trace.calls[operation.call].module).__name__
    return layer, f"{operation.name} not seen"
