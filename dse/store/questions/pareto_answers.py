"""The candidates that no other one beats in every objective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Engine, select

from dse.errors import DseError
from dse.store.asked_words import Words, checked_limit, words_of
from dse.store.expressions import Term, Vocabulary, read_term, read_vocabulary, types_of, value_of
from dse.store.opening import reading
from dse.store.questions.answers import Answer, qualifying
from dse.store.questions.number_columns import number_columns
from dse.store.questions.row_answers import describe
from dse.store.questions.sieve import unbeaten
from dse.store.schema import candidate


@dataclass(frozen=True, slots=True)
class ParetoGoal:
    """A number to be as small, or as large, as can be."""

    text: str
    """A column, or arithmetic over columns."""
    direction: Literal["min", "max"]


def pareto(
    engine: Engine,
    goals: Sequence[ParetoGoal],
    condition: str | None = None,
    limit: int | None = None,
    columns: Words | None = None,
) -> Answer:
    """Return the non-dominated candidates, sorted by the first goal.

    A candidate is dominated by one that is at least as good in every goal and better in one.
    Those with equal numbers are all kept; those that miss one of the numbers are left out.

    Args:
        engine: a store.
        goals: one or more numbers.
        condition: which candidates are compared; as for `ask`.
        limit: how many to return at most; the total of the answer counts the others too.
        columns: what to show; by default id, family, axes and the goals.

    Raises:
        DseError: for no goal, an unknown column, or a malformed condition.
    """
    if not goals:
        raise DseError("say what is to be small or large, as in --min macs --max accuracy")
    limit = checked_limit(limit)
    with reading(engine) as connection:
        vocabulary = read_vocabulary(connection)
        asked = qualifying(condition, vocabulary)
        terms = [_goal_term(goal, vocabulary) for goal in goals]
        values = [value_of(term.node, "number", vocabulary) for term in terms]
        clauses = [*asked.clauses, *(value.is_not(None) for value in values)]
        ids = _front_ids(connection, vocabulary, clauses, values, goals)
        shown = [read_term(text, "columns", vocabulary) for text in words_of(columns, "columns")]
        found = describe(connection, vocabulary, ids[:limit], shown or terms)
        settings = ("family", *found.axes(vocabulary))
        goal_labels = [term.label for term in terms]
        if not shown:
            names = list(dict.fromkeys(["id", *settings, *goal_labels]))
        else:
            names = list(dict.fromkeys(term.label for term in shown))
        notes = (*asked.notes(connection, vocabulary.source()), *found.notes())
        return Answer(
            tuple(names),
            found.rows(names),
            len(ids),
            notes,
            vocabulary.declared_units,
            settings,
            frozenset(goal_labels),
        )


def _goal_term(goal: ParetoGoal, vocabulary: Vocabulary) -> Term:
    term = read_term(goal.text, goal.direction, vocabulary)
    if "number" not in types_of(term.node, vocabulary):
        raise DseError(f"{goal.direction} {goal.text!r}: {term.label} is no number")
    return term


def _front_ids(
    connection: Connection,
    vocabulary: Vocabulary,
    clauses: Sequence[ColumnElement[bool]],
    values: Sequence[ColumnElement[Any]],
    goals: Sequence[ParetoGoal],
) -> list[int]:
    import numpy as np

    from dse.dominance import non_dominated

    signs = [1 if goal.direction == "min" else -1 for goal in goals]
    if connection.dialect.name == "sqlite" and not vocabulary.touched:
        clauses = [*clauses, *unbeaten(connection, clauses, values, signs)]
    query = select(candidate.c.id, *values).select_from(vocabulary.source()).where(*clauses)
    ids, *columns = number_columns(connection, query)
    if not len(ids):
        return []
    signed = [sign * column for column, sign in zip(columns, signs, strict=True)]
    front = non_dominated(signed)
    order = np.lexsort((ids[front], signed[0][front]))
    found: list[int] = ids[front[order]].astype(np.int64).tolist()
    return found
