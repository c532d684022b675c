"""Asking a store for more candidates than memory has room for: rows come one after the other."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Select, select

from dse.store.asked_words import Words, words_of
from dse.store.expressions import Term, Vocabulary, read_term, read_vocabulary
from dse.store.opening import driver_rows, reading
from dse.store.questions.answers import Asked, qualifying
from dse.store.questions.row_answers import axes_of, columns_of_found, describe, notes_of, order_of
from dse.store.schema import candidate, cost_value, measurement

_AT_ONCE = 1000


@dataclass(frozen=True)
class Streamed:
    """What a question finds, row by row."""

    columns: tuple[str, ...]
    total: int
    rows: Iterator[dict[str, Any]]
    """To be gone through once, while the store is read."""
    notes: Callable[[], tuple[str, ...]]
    """Returns what is worth telling behind the last row."""


@contextmanager
def streamed(
    engine: Engine,
    condition: str | None = None,
    sort: Words | None = None,
    columns: Words | None = None,
) -> Iterator[Streamed]:
    """Give what `answer` does, of all that qualify, in eight bytes each.

    Args:
        engine: a store.
        condition: as for `answer`.
        sort: as for `answer`.
        columns: as for `answer`.

    Raises:
        DseError: as for `answer`.
    """
    with reading(engine) as connection:
        vocabulary = read_vocabulary(connection)
        asked = qualifying(condition, vocabulary)
        by = [read_term(text, "sort", vocabulary) for text in words_of(sort, "sort")]
        named = words_of(columns, "columns")
        terms = [read_term(text, "columns", vocabulary) for text in named]
        order = order_of(by, vocabulary)
        source = vocabulary.source()
        query = select(candidate.c.id, candidate.c.scope_id).select_from(source)
        query = query.where(*asked.clauses).order_by(*order, candidate.c.id)
        ids, scopes = _found(connection, query)
        labels = dict.fromkeys(term.label for term in terms)
        shown = [*labels] or _columns(connection, vocabulary, asked, scopes)
        told = asked.notes(connection, source)
        outdated: Counter[str] = Counter()
        yield Streamed(
            tuple(shown),
            len(ids),
            _rows(connection, vocabulary, ids, terms, shown, outdated),
            lambda: (*told, *notes_of(outdated)),
        )


def _found(connection: Connection, query: Select[Any]) -> tuple[array[int], list[int]]:
    """Return the ids of candidates, and the scopes that they are of, in order."""
    ids, scopes = array("q"), dict[int, None]()
    for id, scope in driver_rows(connection, query):
        ids.append(id)
        scopes.setdefault(scope)
    return ids, list(scopes)


def _columns(
    connection: Connection, vocabulary: Vocabulary, asked: Asked, scopes: Sequence[int]
) -> list[str]:
    """Return the columns that are shown when none are named."""
    source = vocabulary.source()
    keys = select(candidate.c.key).select_from(source).where(*asked.clauses)
    measured, declared = set[str](), set[str]()
    if vocabulary.measured:
        whats = select(measurement.c.what).distinct().where(measurement.c.outcome == "done")
        measured = set(connection.execute(whats.where(measurement.c.key.in_(keys))).scalars())
    if vocabulary.declared:
        ids = select(candidate.c.id).select_from(source).where(*asked.clauses)
        costs = select(cost_value.c.cost).distinct().where(cost_value.c.candidate_id.in_(ids))
        declared = set(connection.execute(costs).scalars())
    axes = axes_of((vocabulary.scopes[scope].family for scope in scopes), vocabulary)
    return columns_of_found(vocabulary, asked.mentioned, axes, measured, declared)


def _rows(
    connection: Connection,
    vocabulary: Vocabulary,
    ids: array[int],
    terms: Sequence[Term],
    columns: Sequence[str],
    outdated: Counter[str],
) -> Iterator[dict[str, Any]]:
    for start in range(0, len(ids), _AT_ONCE):
        found = describe(connection, vocabulary, ids[start : start + _AT_ONCE].tolist(), terms)
        outdated.update(found.outdated)
        yield from found.rows(columns)
