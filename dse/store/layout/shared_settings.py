"""Settings that candidates share parts of: what a million of them repeat is stored once.

The column `settings` of a candidate holds a JSON object, or a whole number in its place: the ids of
up to three parts, 21 bits each, the first in the lowest. A part is the text of some members of the
object, as `"width":1,"depth":2`, and the parts one after the other are all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CTE,
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    case,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from dse.store.canonical import hashed
from dse.store.dialects import insert_into
from dse.store.layout.sliced_columns import NumberColumn, SlicedColumn
from dse.store.schema import candidate, settings_part

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_PARTS = 3
_BITS = 21
_MASK = 2**_BITS - 1
_ROWS = 500
"""Parts a statement: a database takes so many parameters at once."""


@dataclass(frozen=True)
class SharedSettings:
    """The settings of many candidates, as parts that they share."""

    parts: Sequence[str]
    """Texts of members of JSON objects; no braces."""
    places: NDArray[np.int64]
    """Of shape (candidates, `MOST_PARTS`): which parts a candidate's settings are made of, counted
    from 1, and 0 behind the last of them."""

    def __len__(self) -> int:
        """Number of candidates."""
        return len(self.places)

    def texts(self) -> list[str]:
        """Return the settings of each candidate as the text of a JSON object."""
        return [
            "{" + ",".join(self.parts[place - 1] for place in places if place) + "}"
            for places in self.places.tolist()
        ]


def as_stored(connection: Connection, settings: SharedSettings) -> SlicedColumn:
    """Return what the column holds of each candidate, within a transaction that writes.

    Parts that the store lacks are stored. Where it has more of them than can be numbered, the
    settings are written out.
    """
    import numpy as np

    used = np.unique(settings.places)
    used = used[used > 0]
    ids = _ids(connection, [settings.parts[place - 1] for place in used.tolist()])
    if ids and max(ids) > _MASK:
        return settings.texts()
    id_of = np.zeros(len(settings.parts) + 1, dtype=np.int64)
    id_of[used] = ids
    packed = np.zeros(len(settings), dtype=np.int64)
    for number in range(MOST_PARTS):
        packed |= id_of[settings.places[:, number]] << (number * _BITS)
    return NumberColumn(packed)


def _ids(connection: Connection, texts: Sequence[str]) -> list[int]:
    digests = {hashed([text]): text for text in texts}
    found: dict[int, int] = {}
    table, listed = settings_part.c, list(digests)
    statement = insert_into(connection, settings_part).on_conflict_do_nothing()
    for start in range(0, len(listed), _ROWS):
        some = listed[start : start + _ROWS]
        query = select(table.digest, table.id).where(table.digest.in_(some))
        found |= {row.digest: row.id for row in connection.execute(query)}
        rows = [{"digest": one, "text": digests[one]} for one in some if one not in found]
        if rows:
            connection.execute(statement, rows)
            found |= {row.digest: row.id for row in connection.execute(query)}
    return [found[one] for one in listed]


class WholeSettings(FunctionElement[Any]):
    """The settings of a candidate as JSON, whichever way they are stored."""

    type = JSON()
    inherit_cache = True
    name = "settings"

    def __init__(self) -> None:
        super().__init__(candidate.c.settings)


SETTINGS = WholeSettings()

CANDIDATE_COLUMNS = (
    *(column for column in candidate.columns if column.name != "settings"),
    SETTINGS.label("settings"),
)
"""The columns of a candidate as they are read, in the order of the table."""


def member(name: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """Return a member of the settings of a candidate of SQLite, NULL where there is none.

    Of each part the member is looked up once for the statement, not once for each candidate.

    Args:
        name: of the member, without quotes and backslashes.
        kind: the type of its values.
    """
    path, stored = f'$."{name}"', candidate.c.settings
    known = _members_of_parts(name)
    number = type_coerce(stored, BigInteger)
    found = [
        select(known.c.value)
        .where(known.c.id == number.op(">>")(place * _BITS).op("&")(_MASK))
        .correlate(candidate)
        .scalar_subquery()
        for place in range(MOST_PARTS)
    ]
    is_shared = func.typeof(stored) == "integer"
    value = case((is_shared, func.coalesce(*found)), else_=func.json_extract(stored, path))
    return type_coerce(value, kind)


@cache
def _members_of_parts(name: str) -> CTE:
    """Return the table of a member by part. A statement takes one of a name, however often."""
    table = settings_part.c
    value = func.json_extract(literal("{") + table.text + "}", f'$."{name}"').label("value")
    return select(table.id, value).cte(f"parts_{name}")


def _joined(number: str) -> str:
    """Return the SQL for the text of an object by the number of its parts."""
    first, *others = (
        f"(SELECT text FROM settings_part WHERE id = (({number}) >> {place * _BITS}) & {_MASK})"
        for place in range(MOST_PARTS)
    )
    behind = "".join(f" || coalesce(',' || {other}, '')" for other in others)
    return f"'{{' || {first}{behind} || '}}'"


@compiles(WholeSettings, "sqlite")
def _whole_in_sqlite(element: WholeSettings, compiler: Any, **options: Any) -> str:
    stored = compiler.process(next(iter(element.clauses)), **options)
    return f"CASE typeof({stored}) WHEN 'integer' THEN {_joined(stored)} ELSE {stored} END"


@compiles(WholeSettings, "postgresql")
def _whole_in_postgresql(element: WholeSettings, compiler: Any, **options: Any) -> str:
    stored = compiler.process(next(iter(element.clauses)), **options)
    joined = _joined(f"({stored})::text::bigint")
    return f"CASE json_typeof({stored}) WHEN 'number' THEN ({joined})::json ELSE {stored} END"
