"""Values in a list, as typed after --columns, --sort and --group-by."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func

from dse.costs import COST_NAMES
from dse.errors import nearest
from dse.language import Fault, Name, Node, names_in, parse_value, told
from dse.store.asked_words import words_of
from dse.store.expressions.values import types_of, value_of
from dse.store.expressions.vocabulary import FORMULAS, Vocabulary
from dse.store.layout import AxisType
from dse.store.sample_deviation import mean, sample_deviation

AGGREGATES: dict[str, Callable[[ColumnElement[Any]], ColumnElement[Any]]] = {
    "min": func.min,
    "mean": mean,
    "max": func.max,
    "count": func.count,
    "std": sample_deviation,
}
"""What can be asked of the numbers of a group."""

_CALL = re.compile(r"([a-z]+)\s*\((.*)\)", re.DOTALL)


@dataclass(frozen=True)
class Term:
    """A column, or arithmetic over columns."""

    label: str
    """As it was typed, without a sign for the order."""
    node: Node
    descending: bool = False
    aggregate: str | None = None
    """One of `AGGREGATES`, or None for the value itself."""

    @property
    def column(self) -> str | None:
        """The name of the column that the term is; None for arithmetic."""
        return self.node.name if isinstance(self.node, Name) else None

    def expressions(self, vocabulary: Vocabulary) -> list[ColumnElement[Any]]:
        """Return the value as SQL, once for each type that it may have."""
        types: tuple[AxisType, ...] = types_of(self.node, vocabulary)
        return [value_of(self.node, kind, vocabulary) for kind in types]


def read_term(text: str, what: str, vocabulary: Vocabulary, grouped: bool = False) -> Term:
    """Return a term.

    Args:
        text: such as `macs`, `-macs / params` or `mean(macs)`.
        what: the option that it was typed for, `columns`, `sort` or `group-by`; only in `sort` a
            sign says the order.
        vocabulary: the columns of the store.
        grouped: whether the term is of groups, and an outer function of their candidates;
            otherwise functions are of the replicates of a measurement.

    Raises:
        DseError: that points at the place of a mistake in the text.
    """
    (text,) = words_of([text], what)
    descending = what == "sort" and text.startswith("-")
    start = 1 if what == "sort" and text.startswith(("-", "+")) else 0
    label = text[start:].strip()
    name = label.strip("` ")
    if vocabulary.types(name) and not _follows_from_costs(label, vocabulary):
        return Term(name, Name(start, name), descending)
    try:
        return _read_value(label, start, what, descending, vocabulary, grouped)
    except Fault as fault:
        raise told(text, fault, what, vocabulary.in_backticks(text)) from None


def _closes_early(inner: str) -> bool:
    """Return whether a parenthesis is closed that was opened before a text."""
    depth = 0
    for character in inner:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return True
    return False


def _follows_from_costs(label: str, vocabulary: Vocabulary) -> bool:
    """Return whether a text that names a measurement is a formula over costs as well.

    A search measures a formula of few candidates, under its text; it can be worked out for all.
    """
    if not vocabulary.is_measured(label):
        return False
    try:
        names = names_in(parse_value(label))
    except Fault:
        return False
    costs = {*COST_NAMES, *FORMULAS, *vocabulary.declared}
    return bool(names) and costs.issuperset(names)


def _read_value(
    label: str, start: int, what: str, descending: bool, vocabulary: Vocabulary, grouped: bool
) -> Term:
    call = _CALL.fullmatch(label)
    if call is not None and grouped:
        function, inner = call.groups()
        if _closes_early(inner):
            raise Fault(start, "of a group a column is one function, such as max(macs)")
        if function not in AGGREGATES:
            known = nearest(function, AGGREGATES)
            raise Fault(start, f"unknown function {function!r}; {known}")
        term = _read_value(inner, start + call.start(2), what, descending, vocabulary, False)
        if "number" not in types_of(term.node, vocabulary):
            raise Fault(term.node.at, f"{inner} is no number, which {function} is of")
        return Term(f"{function}({term.label})", term.node, descending, function)
    node = parse_value(label, start)
    kinds = types_of(node, vocabulary)
    if not kinds:
        raise Fault(node.at, "a condition is not a value; name a column or calculate with columns")
    if not isinstance(node, Name):
        # Looks at every part, so that a mistake is told before anything is read.
        value_of(node, kinds[0], vocabulary)
    return Term(node.name if isinstance(node, Name) else label, node, descending)
