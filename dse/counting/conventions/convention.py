"""What a convention is: small rules over a trace, and the reading of a trace by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Generic, NamedTuple, TypeVar

from dse.counting.trace_records import Trace
from dse.html_tables import FieldsShown

Subject = TypeVar("Subject")
"""What a rule looks at: a call of a layer, of a function, or of an operator."""


@dataclass(frozen=True, slots=True)
class Rule(Generic[Subject]):
    """What one counter counts for some layers, functions or operators.

    The letters in formulas: N batch, C and Co input and output channels, g groups, K elements of
    the kernel, I and O elements of input and output, I′ and O′ these without the batch, S positions
    of the output, b = 1 with bias and 0 without, P elements of the parameters, B bytes an element.
    """

    column: str
    """Which of the convention's columns it fills."""
    applies_to: tuple[Any, ...]
    """Module types, functions, or names of operators."""
    formula: str
    amount: Callable[[Subject], int]
    """The formula."""

    @property
    def names(self) -> tuple[str, ...]:
        """What it applies to, as text."""
        return tuple(
            item if isinstance(item, str) else str(getattr(item, "__name__", item))
            for item in self.applies_to
        )


class Column(NamedTuple):
    """A column of the table that a counter prints."""

    name: str
    """Its heading, as the counter prints it."""
    unit: str = ""
    show: Callable[[Any], str] | None = None
    """How the counter prints a value; None for numbers with thousands separators."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    values: Mapping[str, Any]
    """An exact value for each column."""
    unsupported: frozenset[str] = frozenset()
    """The columns for which the counter does not know this layer, where it counts nothing."""


class Entry(NamedTuple):
    """One amount in the total that is compared: who asked for it, and for which operators."""

    kind: str
    """The layer type, function or operator."""
    formula: str
    amount: int | Fraction
    operations: Sequence[int] = ()
    """Indices in `Trace.operations` of what it stands for, none of them in two entries."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A trace as one counter would have counted it."""

    convention: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    """One for each layer that the counter shows, in its order."""
    totals: Mapping[str, int | Fraction]
    closing: tuple[str, ...]
    """The lines below the table."""
    unsupported: Mapping[str, int]
    """Layers or operators that the counter does not know, with how often each was called."""
    ledger: tuple[Entry, ...] = ()
    """What adds up to the total that is compared."""
    total_row: Row | None = None
    """The table's own last row, where it has one."""


class Compared(NamedTuple):
    """Which total of a convention is laid beside our MACs."""

    total: str
    scale: Fraction
    """What it is multiplied by first."""
    meaning: str


@dataclass(frozen=True, slots=True)
class Convention(FieldsShown):
    """How one counter counts, as data that can be printed, extended and read a trace with."""

    name: str
    tool: str
    """The counter and its version."""
    counts: str
    """What it counts, in a sentence."""
    rules: tuple[Rule[Any], ...]
    read: Callable[[Trace], Reading]
    compared: Compared | None = None
    """None where it has no number to lay beside our MACs."""
    needs_functions: bool = False
    """Whether it tells functions apart that dispatch the same operators."""


def first_rule(rules: Sequence[Rule[Any]], column: str, module: object) -> Rule[Any] | None:
    """Return the first rule of a column for the class of a module or one of its bases."""
    for rule in rules:
        if rule.column == column and isinstance(module, rule.applies_to):
            return rule
    return None


def by_exact_key(rules: Sequence[Rule[Any]], column: str) -> dict[Any, Rule[Any]]:
    """Return the rules of a column by each type, function or operator that they apply to."""
    return {key: rule for rule in rules if rule.column == column for key in rule.applies_to}
