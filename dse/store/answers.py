"""What a question finds, and which candidates a condition is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement

from dse.store.conditions import where_clause
from dse.store.schema import candidate
from dse.store.vocabulary import Vocabulary


@dataclass(frozen=True)
class Answer:
    """The rows that a question found."""

    columns: tuple[str, ...]
    rows: list[dict[str, Any]]
    total: int
    """How many candidates meet the condition, those beyond the limit included."""


def qualifying(
    condition: str | None, vocabulary: Vocabulary
) -> tuple[list[ColumnElement[bool]], set[str]]:
    """Return what candidates must meet, and the columns that the condition mentions.

    Candidates that cannot be built are left out unless the condition mentions `invalid`.

    Raises:
        DseError: for a text that is no condition over the columns of the vocabulary.
    """
    clauses: list[ColumnElement[bool]] = []
    mentioned: set[str] = set()
    if condition is not None:
        clause, mentioned = where_clause(condition, vocabulary)
        clauses.append(clause)
    if "invalid" not in mentioned:
        clauses.append(candidate.c.invalid.is_(None))
    return clauses, mentioned
