"""From the parts of a condition to an SQL expression. No text is ever pasted into SQL.

A value that is missing satisfies neither a comparison nor the opposite of one, as everywhere in
SQL: `accuracy > 0.7` and `not accuracy > 0.7` both leave out what was never measured, which
`accuracy is null` finds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, case, func, literal, not_, or_

from dse.costs import FORMER_VALUES
from dse.language import (
    COMPARISONS,
    Comparison,
    Fault,
    Junction,
    Membership,
    Missing,
    Name,
    Node,
    Not,
    Pattern,
    Text,
    Truth,
    parse_condition,
    told,
    unit_in,
    walk,
)
from dse.store.expressions.participants import PARTICIPANTS
from dse.store.expressions.values import TYPE_IN_WORDS, common_type, types_of, value_of
from dse.store.expressions.vocabulary import Vocabulary
from dse.store.layout import AxisType

_INEQUALITIES = {"!=", "<>"}
_EQUALITIES = {"=", "==", *_INEQUALITIES}


def where_clause(text: str, vocabulary: Vocabulary) -> tuple[ColumnElement[bool], set[str]]:
    """Return a condition as SQL, and the names of the columns that it mentions.

    Raises:
        DseError: for a text that is no condition over the columns of the vocabulary.
    """
    try:
        root = parse_condition(text)
        clause = _clause(root, vocabulary)
    except Fault as fault:
        raise told(text, fault, mend=vocabulary.in_backticks(text)) from None
    return clause, {node.name for node, _ in walk(root) if isinstance(node, Name)}


def _clause(node: Node, vocabulary: Vocabulary) -> ColumnElement[bool]:
    match node:
        case Junction(parts=parts, every=every):
            clauses = [_clause(part, vocabulary) for part in parts]
            return and_(*clauses) if every else or_(*clauses)
        case Not(operand=operand):
            return not_(_clause(operand, vocabulary))
        case Comparison():
            return _comparison(node, vocabulary)
        case Membership(operand=operand, items=items, negated=negated):
            value, *choices = _values((operand, *items), vocabulary)[1]
            if _is_participant(operand):
                among = _participant(operand, lambda id: id.in_(choices), vocabulary)
                return not_(among) if negated else among
            return value.not_in(choices) if negated else value.in_(choices)
        case Pattern(operand=operand, pattern=pattern, negated=negated):
            for part in (operand, pattern):
                if "text" not in types_of(part, vocabulary):
                    raise Fault(part.at, "'like' compares text with a pattern such as 'mobile%'")
            value = value_of(operand, "text", vocabulary)
            # Of the two databases only PostgreSQL minds case in LIKE; here neither does.
            like = value.ilike(_whole(value_of(pattern, "text", vocabulary)), escape="\\")
            return not_(like) if negated else like
        case Missing(operand=operand, negated=negated):
            # A column of several types is missing where it is missing as each of them.
            kinds = types_of(operand, vocabulary)
            if not kinds:
                raise Fault(operand.at, "a condition is never null; name a column")
            absent = and_(*(value_of(operand, k, vocabulary).is_(None) for k in kinds))
            return not_(absent) if negated else absent
        case Truth(value=truth):
            return literal(truth, Boolean) == literal(True, Boolean)
        case _:
            return _bare(node, vocabulary)


def _comparison(node: Comparison, vocabulary: Vocabulary) -> ColumnElement[bool]:
    kind, values = _values(node.operands, vocabulary)
    if kind == "boolean" and not _EQUALITIES.issuperset(node.operators):
        raise Fault(node.at, "true and false have no order; compare them with = or !=")
    links = zip(node.operators, pairwise(zip(node.operands, values, strict=True)), strict=True)
    return and_(*(_link(operator, left, right, vocabulary) for operator, (left, right) in links))


_Side = tuple[Node, ColumnElement[Any]]


def _link(operator: str, left: _Side, right: _Side, vocabulary: Vocabulary) -> ColumnElement[bool]:
    """Return one comparison; with a run or a study it holds where it does for one of them."""
    compared = COMPARISONS[operator]
    of_left, of_right = _is_participant(left[0]), _is_participant(right[0])
    if of_left == of_right:
        plain: ColumnElement[bool] = compared(left[1], right[1])
        return plain
    if operator in _INEQUALITIES:
        return not_(_link("=", left, right, vocabulary))
    if of_left:
        return _participant(left[0], lambda id: compared(id, right[1]), vocabulary)
    return _participant(right[0], lambda id: compared(left[1], id), vocabulary)


def _is_participant(node: Node) -> bool:
    return isinstance(node, Name) and node.name in PARTICIPANTS


def _participant(
    node: Node, holds: Callable[[ColumnElement[Any]], Any], vocabulary: Vocabulary
) -> ColumnElement[bool]:
    assert isinstance(node, Name)
    return vocabulary.any_participant(node.name, holds)


def _values(
    operands: Sequence[Node], vocabulary: Vocabulary
) -> tuple[AxisType, list[ColumnElement[Any]]]:
    """Return the type that values have in common, and each of them as SQL."""
    operands = _by_present_names(operands)
    kind, unit = common_type(operands, vocabulary), unit_in(operands, vocabulary.unit)
    return kind, [value_of(operand, kind, vocabulary, unit) for operand in operands]


def _by_present_names(operands: Sequence[Node]) -> list[Node]:
    """Return values with a text that a condition of costs was called by before as it is called."""
    columns = [node.name for node in operands if isinstance(node, Name)]
    former = {old: new for name in columns for old, new in FORMER_VALUES.get(name, {}).items()}
    return [
        replace(node, value=former.get(node.value, node.value)) if isinstance(node, Text) else node
        for node in operands
    ]


def _whole(pattern: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a pattern in which a backslash at its end, which escapes nothing, is one of the text.

    PostgreSQL refuses it, and in SQLite nothing is like it.
    """
    behind = func.length(pattern) - func.length(func.rtrim(pattern, "\\"))
    return case((behind % 2 == 1, pattern + "\\"), else_=pattern)


def _bare(node: Node, vocabulary: Vocabulary) -> ColumnElement[bool]:
    """Return a column of truth values as a condition of its own."""
    kinds = types_of(node, vocabulary)
    if isinstance(node, Name) and "boolean" in kinds:
        return value_of(node, "boolean", vocabulary) == literal(True, Boolean)
    shown = f"{node.name} is" if isinstance(node, Name) else "this is"
    described = " or ".join(TYPE_IN_WORDS[kind] for kind in kinds)
    raise Fault(node.at, f"{shown} {described}, not a condition; compare it, as in macs < 300M")
