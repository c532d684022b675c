"""Asking a store about groups of candidates: how many, and the least, mean and most of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Engine, func, select

from dse.errors import DseError, nearest
from dse.store.asked_words import Words, checked_limit, words_of
from dse.store.expressions import (
    AGGREGATES,
    Term,
    Vocabulary,
    read_term,
    read_vocabulary,
    types_of,
    value_of,
)
from dse.store.opening import reading
from dse.store.questions.answers import Answer, qualifying

COUNT = "count"
DEFAULT_AGGREGATES = ("min", "mean", "max")
DEFAULT_NUMBERS = ("params", "macs")
"""What is summed up when no columns are named, besides all that was measured."""


def answer_by_group(
    engine: Engine,
    by: Words,
    condition: str | None = None,
    sort: Words | None = None,
    limit: int | None = None,
    columns: Words | None = None,
) -> Answer:
    """Return a row for each group of the candidates that meet a condition.

    Args:
        engine: a store.
        by: columns, or arithmetic over them, whose values make the groups: `depth,family`.
        condition: as for `ask`.
        sort: columns of the answer, such as `-max(accuracy)`; by default the groups' values.
        limit: how many groups at most.
        columns: what to show of each group: `count`, `mean(macs)`, or `macs` for the least, mean
            and most of it. By default the count, and those of `DEFAULT_NUMBERS` and of what was
            measured. The columns that make the groups come first, named or not.

    Raises:
        DseError: for a malformed condition or list, or an unknown column.
    """
    limit = checked_limit(limit)
    with reading(engine) as connection:
        vocabulary = read_vocabulary(connection)
        asked = qualifying(condition, vocabulary)
        typed = (read_term(text, "group-by", vocabulary) for text in words_of(by, "group-by"))
        groups = [*{term.label: term for term in typed}.values()]
        asked_for: dict[str, _Aggregate] = {}
        labels = {term.label for term in groups}
        named = words_of(columns, "columns")
        for text in named or (COUNT, *DEFAULT_NUMBERS, *vocabulary.measured):
            # What makes the groups is shown in front, named here or not.
            if text not in labels:
                asked_for |= _aggregates(text, vocabulary)
        expressions = [term.expressions(vocabulary) for term in groups]
        numbers = [each.value for each in asked_for.values() if each.value is not None]
        values = {id(value): value for value in [*chain.from_iterable(expressions), *numbers]}
        # A question of its own, so that SQLite sorts these values, and not what they are made of.
        candidates = (
            select(*(value.label(f"value_{place}") for place, value in enumerate(values.values())))
            .select_from(vocabulary.source())
            .where(*asked.clauses)
            .offset(0)
            .subquery()
        )
        column_of = dict(zip(values, candidates.c, strict=True))
        keys = [[column_of[id(value)] for value in each] for each in expressions]
        flat = [*chain.from_iterable(keys)]
        shown = {
            label: func.count() if each.value is None else each.of(column_of[id(each.value)])
            for label, each in asked_for.items()
        }
        order = _order(sort, groups, keys, shown)
        query = (
            select(*flat, *shown.values())
            .group_by(*flat)
            .order_by(*order, *(value.asc().nulls_last() for value in flat))
        )
        found = connection.execute(query).all()
        notes, units = asked.notes(connection, vocabulary.source()), vocabulary.declared_units
    names = [term.label for term in groups]
    rows = [_row(names, [len(values) for values in keys], list(shown), row) for row in found]
    return Answer((*names, *shown), rows[:limit], len(rows), notes, units)


class _Aggregate(NamedTuple):
    """What is told of a group."""

    name: str = COUNT
    """One of `AGGREGATES`."""
    value: ColumnElement[Any] | None = None
    """Of a candidate; None for the candidates themselves."""

    def of(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        return AGGREGATES[self.name](value)


def _aggregates(text: str, vocabulary: Vocabulary) -> dict[str, _Aggregate]:
    if text == COUNT:
        return {COUNT: _Aggregate()}
    term = read_term(text, "columns", vocabulary, grouped=True)
    if "number" not in types_of(term.node, vocabulary):
        raise DseError(f"columns: {term.label} is no number; name it after --group-by")
    value = value_of(term.node, "number", vocabulary)
    if term.aggregate is not None:
        return {term.label: _Aggregate(term.aggregate, value)}
    return {f"{name}({term.label})": _Aggregate(name, value) for name in DEFAULT_AGGREGATES}


def _order(
    sort: Words | None,
    groups: Sequence[Term],
    keys: Sequence[Sequence[ColumnElement[Any]]],
    shown: dict[str, ColumnElement[Any]],
) -> list[ColumnElement[Any]]:
    known = {term.label: list(values) for term, values in zip(groups, keys, strict=True)}
    known |= {label: [value] for label, value in shown.items()}
    alike = {_bare(label): label for label in known}
    order: list[ColumnElement[Any]] = []
    for text in words_of(sort, "sort"):
        label = text.removeprefix("-").removeprefix("+").strip()
        meant = label if label in known else alike.get(_bare(label))
        if meant is None:
            raise DseError(f"sort {text!r}: no column {label!r} here; {nearest(label, known)}")
        for value in known[meant]:
            order.append((value.desc() if text.startswith("-") else value.asc()).nulls_last())
    return order


def _bare(label: str) -> str:
    """Return a label without what may stand in it or not: spaces, backticks."""
    return "".join(label.replace("`", "").split())


def _row(
    names: Sequence[str], widths: Sequence[int], shown: Sequence[str], values: Sequence[Any]
) -> dict[str, Any]:
    row: dict[str, Any] = {}
    start = 0
    for name, width in zip(names, widths, strict=True):
        # A column of several types has its value in one of them.
        row[name] = next((v for v in values[start : start + width] if v is not None), None)
        start += width
    return row | dict(zip(shown, values[start:], strict=True))
