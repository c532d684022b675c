"""Numbers of very many candidates, a column at a time."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EXACT = 2**53
"""Up to which every whole number is a float."""

_AT_ONCE = 10_000


def number_columns(connection: Connection, query: Select[Any]) -> list[NDArray[Any]]:
    """Return the columns of what a question for numbers finds, of objects where one is missing.

    The values are taken from the driver: SQLAlchemy makes a further row of each, which costs more
    than all the rest.
    """
    import numpy as np

    cursor: Any = connection.execute(query).cursor
    width = len(cursor.description)
    try:
        numbers = np.fromiter(chain.from_iterable(cursor), dtype=np.float64)
    except (TypeError, ValueError):
        return _of_any_type(connection, query)
    # What is missing is NaN here, and so beyond it too.
    if not (np.abs(numbers) < _EXACT).all():
        return _of_any_type(connection, query)
    return [numbers[column::width] for column in range(width)]


def _of_any_type(connection: Connection, query: Select[Any]) -> list[NDArray[Any]]:
    """Return the columns where a value is missing, or too large a whole number for a float."""
    import numpy as np

    cursor: Any = connection.execute(query).cursor
    pieces: list[list[NDArray[Any]]] = [[] for _ in cursor.description]
    while rows := cursor.fetchmany(_AT_ONCE):
        for piece, column in zip(pieces, zip(*rows, strict=True), strict=True):
            piece.append(np.array(column))
    return [np.concatenate(piece) if piece else np.array([], dtype=float) for piece in pieces]
