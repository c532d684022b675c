"""A condition that leaves most candidates in the database that a front will not have.

A few candidates of a sample beat most of the others. What one of them beats is on no front,
whatever else there is, so that it need not be read out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, and_, func, not_, or_, select

from dse.store.questions.number_columns import number_columns
from dse.store.schema import candidate

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WORTH = 50_000
"""Candidates of a store from which on a sample is taken."""

_SAMPLE = 10_000
"""Candidates of a sample, about."""

_STRONG = 16
"""Candidates that all others are held against."""

_TRIED = 256
"""Candidates of a sample's front among which those are looked for."""


def unbeaten(
    connection: Connection,
    clauses: Sequence[ColumnElement[bool]],
    values: Sequence[ColumnElement[Any]],
    signs: Sequence[int],
) -> list[ColumnElement[bool]]:
    """Return conditions that all candidates on the front of some meet, and few others.

    Args:
        connection: of a store in SQLite, whose candidates are asked without a join.
        clauses: which candidates are compared.
        values: what they are compared by; no number is missing.
        signs: 1 for a value of which less is better, -1 for the others.
    """
    most = connection.execute(select(func.max(candidate.c.id))).scalar() or 0
    if most < _WORTH:
        return []
    # Ids that lie far apart: a grid has those alike side by side. An odd step fits no width of it.
    step = most // _SAMPLE | 1
    sample = select(*values).where(candidate.c.id % step == 0, *clauses)
    columns = number_columns(connection, sample)
    if not len(columns[0]):
        return []
    return [not_(_beaten_by(one, values, signs)) for one in _strong(columns, signs)]


def _beaten_by(
    one: Sequence[Any], values: Sequence[ColumnElement[Any]], signs: Sequence[int]
) -> ColumnElement[bool]:
    """Return the condition that a candidate is nowhere better than one, and somewhere worse."""
    three = list(zip(values, one, signs, strict=True))
    is_nowhere_better = [value >= x if sign > 0 else value <= x for value, x, sign in three]
    is_worse = [value > x if sign > 0 else value < x for value, x, sign in three]
    return and_(*is_nowhere_better, or_(*is_worse))


def _strong(columns: Sequence[NDArray[Any]], signs: Sequence[int]) -> list[list[Any]]:
    """Return the points of a sample that beat most of it, each of what is left."""
    import numpy as np

    from dse.dominance import distinct_front

    signed = [sign * column for column, sign in zip(columns, signs, strict=True)]
    front = distinct_front(signed)
    tried = front[:: max(1, len(front) // _TRIED)]
    left = np.stack([column.astype(float) for column in signed], axis=1)
    best = left[tried]
    found: list[list[Any]] = []
    while len(found) < _STRONG and len(left):
        beaten = np.array([(left >= point).all(axis=1).sum() for point in best])
        place = int(beaten.argmax())
        found.append([column[tried[place]].item() for column in columns])
        left = left[~(left >= best[place]).all(axis=1)]
    return found
