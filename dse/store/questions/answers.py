"""What a question finds, and which candidates a condition is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import starmap
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, func, not_, select

from dse.costs import CONDITION_NAMES, Unit
from dse.store.asked_words import checked_condition
from dse.store.expressions import Vocabulary, where_clause
from dse.store.schema import candidate


@dataclass(frozen=True)
class Answer:
    """The rows that a question found."""

    columns: tuple[str, ...]
    rows: list[dict[str, Any]]
    total: int
    """How many candidates meet the condition, those beyond the limit included."""
    notes: tuple[str, ...] = ()
    """What is worth telling beside the rows: of numbers that other code made."""
    units: Mapping[str, Unit] = field(default_factory=dict)
    """Of the costs that users declared, the unit of each by its name."""
    settings: tuple[str, ...] = ()
    """The columns that tell which network a candidate is, and under which conditions."""
    asked: frozenset[str] = frozenset()
    """The columns that the question is about."""


@dataclass(frozen=True)
class Asked:
    """Which candidates a question is about."""

    clauses: list[ColumnElement[bool]]
    """What they must meet."""
    mentioned: set[str]
    """The columns that the condition mentions."""
    of_other_code: ColumnElement[bool] | None
    """What those meet that are left out for the code that made them; None where none are."""
    shadowed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Mentioned columns that some families have an axis of the name of, with these families."""

    def notes(self, connection: Connection, source: FromClause) -> tuple[str, ...]:
        """Return what to tell of the candidates that are left out, and of names of two things."""
        return (
            *self._left_out(connection, source),
            *starmap(_of_two_things, self.shadowed.items()),
        )

    def _left_out(self, connection: Connection, source: FromClause) -> tuple[str, ...]:
        if self.of_other_code is None:
            return ()
        query = select(func.count()).select_from(source).where(self.of_other_code)
        number = connection.execute(query).scalar_one()
        if not number:
            return ()
        is_one = number == 1
        those = (
            "candidate that other code costed is"
            if is_one
            else ("candidates that other code costed are")
        )
        mend = f"a condition on `code` shows {'it' if is_one else 'them'}: code is not null"
        return (f"{number:,} {those} left out; {mend}",)


def qualifying(condition: str | None, vocabulary: Vocabulary) -> Asked:
    """Return what candidates must meet.

    Candidates that cannot be built are left out unless the condition mentions `invalid`, and those
    whose costs other code has made unless it mentions `code`.

    Raises:
        DseError: for a text that is no condition over the columns of the vocabulary.
    """
    clauses: list[ColumnElement[bool]] = []
    mentioned: set[str] = set()
    condition = checked_condition(condition)
    if condition is not None:
        clause, mentioned = where_clause(condition, vocabulary)
        clauses.append(clause)
    axes = {name: vocabulary.families_with(name) for name in sorted(mentioned)}
    shadowed = {n: found for n, found in axes.items() if found and n in CONDITION_NAMES}
    if "invalid" not in mentioned:
        clauses.append(candidate.c.invalid.is_(None))
    if "code" in mentioned or len(vocabulary.current) == len(vocabulary.scopes):
        return Asked(clauses, mentioned, None, shadowed)
    current = vocabulary.is_of_current_code()
    return Asked([*clauses, current], mentioned, and_(*clauses, not_(current)), shadowed)


def _of_two_things(name: str, families: Sequence[str]) -> str:
    those = ", ".join(families)
    return f"`{name}` is what costs depend on here, not the axis of that name of {those}"
