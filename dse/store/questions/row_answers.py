"""Asking a store: which candidates meet a condition, in which order, with which columns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, select

from dse.costs import COST_NAMES
from dse.language import names_in
from dse.store.asked_words import Words, checked_limit, words_of
from dse.store.expressions import (
    BUILTIN_TYPES,
    FIRST_COLUMNS,
    FORMULAS,
    SCOPE_COLUMNS,
    Term,
    Vocabulary,
    read_term,
    read_vocabulary,
    scope_value,
)
from dse.store.layout import (
    CANDIDATE_COLUMNS,
    CostScope,
    outdated_ids,
    summary,
    values_by_candidate,
)
from dse.store.opening import reading
from dse.store.questions.answers import Answer, qualifying
from dse.store.schema import candidate, measurement

_IDS_A_QUERY = 1000


def check_condition(engine: Engine, condition: str) -> None:
    """Refuse what is no condition on candidates of a store, before any of them is looked at.

    Raises:
        DseError: for a text that is no condition over the columns of the store.
    """
    with reading(engine) as connection:
        qualifying(condition, read_vocabulary(connection))


def ask(
    engine: Engine,
    condition: str | None = None,
    sort: Words | None = None,
    limit: int | None = None,
    columns: Words | None = None,
) -> list[dict[str, Any]]:
    """Return the candidates that meet a condition, as flat dictionaries.

    Args:
        engine: a store.
        condition: such as `macs < 300M and width >= 1`; candidates that cannot be built are left
            out unless it mentions the column `invalid`, those whose costs other code made unless
            it mentions `code`.
        sort: columns to sort by, or arithmetic over them, such as `-accuracy,macs / params`; a
            minus puts the largest first. A missing value comes last, and the id decides between
            equals.
        limit: how many to return at most.
        columns: which ones, or arithmetic over them, in which order. By default: id, key, family,
            the conditions, the axes of the families found, the costs, and what was measured of the
            candidates found or is mentioned in the question. Of replicates the mean counts, of
            several contexts the latest; `std(acc)`, `count(acc)`, `min(acc)` and `max(acc)` are
            of the replicates.

    Raises:
        DseError: for a malformed condition, an unknown column, or a store that cannot be read.
    """
    return _answer(engine, condition, sort, limit, columns, counted=False).rows


def answer(
    engine: Engine,
    condition: str | None = None,
    sort: Words | None = None,
    limit: int | None = None,
    columns: Words | None = None,
) -> Answer:
    """Return what `ask` does, with the columns in order and the number of all that qualify."""
    return _answer(engine, condition, sort, limit, columns, counted=True)


def _answer(
    engine: Engine,
    condition: str | None,
    sort: Words | None,
    limit: int | None,
    columns: Words | None,
    counted: bool,
) -> Answer:
    limit = checked_limit(limit)
    with reading(engine) as connection:
        vocabulary = read_vocabulary(connection)
        asked = qualifying(condition, vocabulary)
        by = [read_term(text, "sort", vocabulary) for text in words_of(sort, "sort")]
        order = order_of(by, vocabulary)
        named = words_of(columns, "columns")
        terms = [read_term(text, "columns", vocabulary) for text in named]
        query = (
            select(candidate.c.id)
            .select_from(vocabulary.source())
            .where(*asked.clauses)
            .order_by(*order, candidate.c.id)
            .limit(limit)
        )
        ids = list(connection.execute(query).scalars())
        total = len(ids)
        if counted and total == limit:
            number = select(func.count()).select_from(vocabulary.source()).where(*asked.clauses)
            total = connection.execute(number).scalar_one()
        found = describe(connection, vocabulary, ids, terms)
        labels = dict.fromkeys(term.label for term in terms)
        shown = [*labels] or found.columns(vocabulary, asked.mentioned)
        notes = asked.notes(connection, vocabulary.source()) if counted else ()
        units = vocabulary.declared_units
        return Answer(
            tuple(shown),
            found.rows(shown),
            total,
            (*notes, *found.notes()),
            units,
            (*SCOPE_COLUMNS, *found.axes(vocabulary)),
            frozenset(asked.mentioned.union(*(names_in(term.node) for term in by))),
        )


def order_of(terms: Sequence[Term], vocabulary: Vocabulary) -> list[ColumnElement[Any]]:
    """Return what candidates are sorted by, a missing value last."""
    order: list[ColumnElement[Any]] = []
    for term in terms:
        for value in term.expressions(vocabulary):
            order.append((value.desc() if term.descending else value.asc()).nulls_last())
    return order


@dataclass(frozen=True)
class Found:
    """Candidates in the order of the answer, and what was measured of them."""

    candidates: list[Row[Any]]
    scopes: Mapping[int, CostScope]
    measured: Mapping[tuple[str, int], Mapping[str, float]]
    """By family and key."""
    calculated: Mapping[int, Mapping[str, float | None]]
    """Values of arithmetic by id, by the text that it was typed as."""
    declared: Mapping[int, Mapping[str, int]]
    """Values of declared costs by id."""
    outdated: Mapping[str, int]
    """Of how many networks a quantity was measured by code of an objective that has changed."""

    def axes(self, vocabulary: Vocabulary) -> list[str]:
        """Return the axes of the families found that no column of the store hides."""
        return axes_of((self.scopes[row.scope_id].family for row in self.candidates), vocabulary)

    def columns(self, vocabulary: Vocabulary, mentioned: set[str]) -> list[str]:
        """Return the columns that are shown when none are named."""
        measured = {what for values in self.measured.values() for what in values}
        declared = {name for values in self.declared.values() for name in values}
        return columns_of_found(vocabulary, mentioned, self.axes(vocabulary), measured, declared)

    def rows(self, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Return a flat row of each candidate."""
        readers = [(name, self._reader(name)) for name in columns]
        return [{name: read(row) for name, read in readers} for row in self.candidates]

    def notes(self) -> tuple[str, ...]:
        """Return what to tell of numbers whose objective has changed since."""
        return notes_of(self.outdated)

    def _reader(self, name: str) -> Callable[[Row[Any]], Any]:
        """Return what gives a column of a candidate: a million of them are asked for thirty."""
        if name == "run":
            return _OF_RUN
        if any(name in values for values in self.calculated.values()):
            return lambda row: self.calculated[row.id][name]
        if name in SCOPE_COLUMNS:
            values = {id: scope_value(scope, name) for id, scope in self.scopes.items()}
            return lambda row: values[row[_SCOPE]]
        if name in BUILTIN_TYPES and name in _PLACES:
            return itemgetter(_PLACES[name])
        if not self.declared and not self.measured:
            return lambda row: row[_SETTINGS].get(name)
        return lambda row: self._further(row, name)

    def _further(self, row: Row[Any], name: str) -> Any:
        if name in self.declared.get(row.id, {}):
            return self.declared[row.id][name]
        if name in row.settings:
            return row.settings[name]
        network = self.scopes[row.scope_id].family, row.key
        return self.measured.get(network, {}).get(name)


_PLACES = {column.name: place for place, column in enumerate(candidate.columns)}
"""Of the columns of the table in its rows."""
_OF_RUN = itemgetter(_PLACES["run_id"])
_SCOPE, _SETTINGS = _PLACES["scope_id"], _PLACES["settings"]


def axes_of(families: Iterable[str], vocabulary: Vocabulary) -> list[str]:
    """Return the axes of families, in their order, that no column of the store hides."""
    each = dict.fromkeys(families)
    axes = [axis for family in each for axis in vocabulary.families.get(family, {})]
    hidden = {*BUILTIN_TYPES, *vocabulary.declared}
    return [axis for axis in dict.fromkeys(axes) if axis not in hidden]


def columns_of_found(
    vocabulary: Vocabulary,
    mentioned: set[str],
    axes: Sequence[str],
    measured: Collection[str],
    declared: Collection[str],
) -> list[str]:
    """Return the columns that are shown of candidates when none are named.

    Args:
        vocabulary: of the store.
        mentioned: what the condition is about.
        axes: of the candidates' families.
        measured: what was measured of any of them.
        declared: the declared costs that any of them has.
    """
    known = {*measured, *(what for what, _ in vocabulary.touched)}
    whats = [what for what in vocabulary.measured if what in known]
    first = [*FIRST_COLUMNS, *axes]
    last = [name for name in ("invalid", "code") if name in mentioned]
    costs = [name for name in vocabulary.declared if name in declared]
    free = [what for what in whats if what not in {*BUILTIN_TYPES, *costs}]
    return list(dict.fromkeys([*first, *COST_NAMES, *costs, *free, *last]))


def notes_of(outdated: Mapping[str, int]) -> tuple[str, ...]:
    """Return what to tell of numbers whose objective has changed since."""
    return tuple(
        f"{what} of {number:,} of these is from before its objective was changed"
        for what, number in outdated.items()
    )


def describe(
    connection: Connection, vocabulary: Vocabulary, ids: Sequence[int], terms: Sequence[Term]
) -> Found:
    """Return what the store knows of some candidates, and the values of terms."""
    by_id: dict[int, Row[Any]] = {}
    measured: dict[tuple[str, int], dict[str, float]] = defaultdict(dict)
    calculated: dict[int, dict[str, float | None]] = {}
    declared: dict[int, dict[str, int]] = {}
    contexts: Counter[tuple[str, int]] = Counter()
    arithmetic = {
        term.label: term.expressions(vocabulary)[0]
        for term in terms
        if term.column is None or term.column in (*FORMULAS, "study")
    }
    for start in range(0, len(ids), _IDS_A_QUERY):
        some = ids[start : start + _IDS_A_QUERY]
        rows = connection.execute(select(*CANDIDATE_COLUMNS).where(candidate.c.id.in_(some))).all()
        by_id |= {row.id: row for row in rows}
        if vocabulary.declared:
            declared |= values_by_candidate(connection, candidate.c.id.in_(some))
        if vocabulary.measured:
            numbers = summary(measurement.c.key.in_([row.key for row in rows]))
            for one in connection.execute(select(numbers)):
                measured[one.family, one.key][one.what] = one.mean
                contexts[one.what, one.context_id] += 1
        if arithmetic:
            values = select(candidate.c.id, *arithmetic.values())
            values = values.select_from(vocabulary.source()).where(candidate.c.id.in_(some))
            for row in connection.execute(values):
                calculated[row[0]] = dict(zip(arithmetic, row[1:], strict=True))
    outdated = outdated_ids(connection, {id for _, id in contexts})
    of_other: Counter[str] = Counter()
    for (what, id), number in contexts.items():
        if id in outdated:
            of_other[what] += number
    found = [by_id[one] for one in ids]
    return Found(found, vocabulary.scopes, measured, calculated, declared, of_other)
