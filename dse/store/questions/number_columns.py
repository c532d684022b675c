"""Numbers of very many candidates, a column at a time."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select

from dse.store.opening import driver_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EXACT = 2**53
"""Up to which every whole number is a float."""

_AT_ONCE = 10_000


def number_columns(connection: Connection, query: Select[Any]) -> list[NDArray[Any]]:
    """Return the columns of what a question for numbers finds, of objects where one is missing."""
    import numpy as np

    width = len(query.selected_columns)
    try:
        values = chain.from_iterable(driver_rows(connection, query))
        numbers = np.fromiter(values, dtype=np.float64)
    except (TypeError, ValueError):
        return _of_any_type(connection, query)
    # What is missing is NaN here, and so beyond it too.
    if not (np.abs(numbers) < _EXACT).all():
        return _of_any_type(connection, query)
    return [numbers[column::width] for column in range(width)]


def _of_any_type(connection: Connection, query: Select[Any]) -> list[NDArray[Any]]:
    """Return the columns where a value is missing, or too large a whole number for a float."""
    import numpy as np

    rows = driver_rows(connection, query)
    pieces: list[list[NDArray[Any]]] = [[] for _ in query.selected_columns]
    while some := list(islice(rows, _AT_ONCE)):
        for piece, column in zip(pieces, zip(*some, strict=True), strict=True):
            piece.append(np.array(column))
    return [np.concatenate(piece) if piece else np.array([], dtype=float) for piece in pieces]
