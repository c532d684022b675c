"""Questions whose answers are whole columns, such as a picture of a million candidates needs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dse.costs import Unit
from dse.store.checked import mapping
from dse.store.expressions import read_term, read_vocabulary, types_of, value_of
from dse.store.layout import SETTINGS, read_scopes
from dse.store.opening import reading
from dse.store.questions.answers import qualifying
from dse.store.schema import candidate

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from sqlalchemy import ColumnElement, CursorResult, Engine

    from dse.store.layout import AxisType

_A_QUERY = 1000


@dataclass(frozen=True)
class ColumnAnswer:
    """What a store holds of some columns, a row for each candidate, in the order of their ids."""

    ids: npt.NDArray[np.int64]
    columns: Mapping[str, npt.NDArray[Any]]
    """By what was asked for: floats, NaN for a missing one; or objects, None for a missing one."""
    units: Mapping[str, Unit] = field(default_factory=dict)
    """Of those that are costs."""
    notes: tuple[str, ...] = ()
    """What is worth telling: of candidates whose numbers other code made."""


def answer_columns(
    engine: Engine, columns: Sequence[str], condition: str | None = None
) -> ColumnAnswer:
    """Return columns of the candidates that meet a condition.

    Args:
        engine: a store.
        columns: costs, axes, measurements, or arithmetic over them.
        condition: as for `ask`.

    Raises:
        DseError: for an unknown column, or a malformed condition.
    """
    import numpy as np

    with reading(engine) as connection:
        vocabulary = read_vocabulary(connection)
        asked = qualifying(condition, vocabulary)
        terms = [read_term(text, "column", vocabulary) for text in columns]
        kinds = [types_of(term.node, vocabulary) for term in terms]
        # Only an axis of several families has several types; one column holds all of them.
        places: list[range] = []
        values: list[ColumnElement[Any]] = []
        for term, of_term in zip(terms, kinds, strict=True):
            places.append(range(len(values), len(values) + len(of_term)))
            values += [value_of(term.node, kind, vocabulary) for kind in of_term]
        source = vocabulary.source()
        query = select(candidate.c.id, *values).select_from(source).where(*asked.clauses)
        rows = _read(connection.execute(query), [kind for of_term in kinds for kind in of_term])
        notes = asked.notes(connection, source)
    rows = rows[np.argsort(rows["f0"], kind="stable")]
    named = {}
    for text, of_term, at in zip(columns, kinds, places, strict=True):
        parts = [
            _typed(rows[f"f{place + 1}"], kind) for place, kind in zip(at, of_term, strict=True)
        ]
        named[text] = parts[0] if len(parts) == 1 else _either(parts)
    units = {
        text: unit
        for text, term in zip(columns, terms, strict=True)
        if term.column is not None
        and (unit := vocabulary.unit(term.column)) is not None
        and unit != "number"
    }
    return ColumnAnswer(rows["f0"], named, units, notes)


def _read(result: CursorResult[Any], kinds: Sequence[AxisType]) -> npt.NDArray[Any]:
    """Return the rows of a query as one array of records, the id first.

    They go from the driver into the array: a million rows as objects of SQLAlchemy take seconds.
    """
    import numpy as np

    fields = ["i8", *("f8" if kind == "number" else "O" for kind in kinds)]
    types = np.dtype([(f"f{place}", field) for place, field in enumerate(fields)])
    assert result.cursor is not None, "a query has rows"
    rows: Any = result.cursor
    read: npt.NDArray[Any] = np.fromiter(rows, dtype=types)
    return read


def _typed(values: npt.NDArray[Any], kind: AxisType) -> npt.NDArray[Any]:
    """Return a column by itself; drivers may have 0 and 1 for truths."""
    import numpy as np

    if kind != "boolean":
        return np.ascontiguousarray(values)
    truths = np.empty(len(values), dtype=object)
    truths[:] = [None if value is None else bool(value) for value in values.tolist()]
    return truths


def _either(parts: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Return one column of an axis that is a number in one family and a word in another."""
    import numpy as np

    mixed = np.empty(len(parts[0]), dtype=object)
    mixed[:] = [
        next((value for value in row if value is not None and value == value), None)
        for row in zip(*(part.tolist() for part in parts), strict=True)
    ]
    return mixed


def measured_names(engine: Engine) -> list[str]:
    """Return what was measured of any candidate, as it may be typed in a question."""
    with reading(engine) as connection:
        vocabulary = read_vocabulary(connection)
        names = [name for name in vocabulary.measured if vocabulary.is_measured(name)]
    return [name if _WORD.fullmatch(name) else f"`{name}`" for name in names]


_WORD = re.compile(r"[^\W\d][\w.]*")


def settings_of_ids(engine: Engine, ids: Sequence[int]) -> dict[int, tuple[str, dict[str, Any]]]:
    """Return the family and the settings of some candidates by id; unknown ids are left out."""
    found: dict[int, tuple[str, dict[str, Any]]] = {}
    with reading(engine) as connection:
        families = {id: each.family for id, each in read_scopes(connection).items()}
        columns = select(candidate.c.id, candidate.c.scope_id, SETTINGS)
        for start in range(0, len(ids), _A_QUERY):
            some = [int(id) for id in ids[start : start + _A_QUERY]]
            for id, scope, settings in connection.execute(columns.where(candidate.c.id.in_(some))):
                found[id] = families[scope], dict(mapping(settings))
    return found
