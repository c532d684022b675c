"""What produced measurements, besides the network and the seed, and where they come from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, select

from dse.code import code_of_callable, is_found
from dse.errors import DseError
from dse.store.canonical import canonical_json, hashed
from dse.store.dialects import insert_into
from dse.store.schema import context, source


@dataclass(frozen=True, slots=True)
class Context:
    """What produced measurements. Those of one context are replicates of each other."""

    content: Mapping[str, Any] = field(default_factory=dict)
    """Plain JSON values, such as the objective and its options; empty for imported numbers."""
    code: str | None = None
    """A fingerprint of the objective's code."""
    within: tuple[str, ...] = ()
    """The packages and modules in which the code was followed."""

    @property
    def meaning(self) -> int:
        """63 bits that stand for the content, whatever the code."""
        return hashed([canonical_json(self.content)])

    @property
    def digest(self) -> int:
        """63 bits that stand for the content and the code."""
        return hashed([canonical_json(self.content), self.code or ""])

    @property
    def is_outdated(self) -> bool:
        """Whether the objective is here, and its code is another one by now."""
        target = self.content.get("target")
        if self.code is None or not isinstance(target, str):
            return False
        module, _, name = target.rpartition(".")
        # The code of a lambda is more than that of its module, and only the lambda tells it.
        if not name.isidentifier() or not is_found(module):
            return False
        try:
            return code_of_callable(module, self.within) != self.code
        except DseError:
            return True


IMPORTED = Context()
"""Of the numbers of a table that somebody measured."""


def context_ids(connection: Connection, of: Context, any_code: bool = False) -> list[int]:
    """Return the ids of a context: one at most, or those of the same content and any code."""
    by = context.c.meaning == of.meaning if any_code else context.c.digest == of.digest
    return list(connection.execute(select(context.c.id).where(by)).scalars())


def outdated_ids(connection: Connection, ids: Collection[int]) -> set[int]:
    """Return which of some contexts are of an objective whose code is another one by now."""
    query = select(context).where(context.c.id.in_(ids))
    return {
        row.id
        for row in connection.execute(query)
        if Context(row.content, row.code, tuple(row.within)).is_outdated
    }


def made_context_id(connection: Connection, of: Context) -> int:
    """Return the id of a context, which is stored if it was not."""
    values = {"meaning": of.meaning, "content": dict(of.content), "code": of.code}
    values["within"] = list(of.within)
    return _made(connection, context, {"digest": of.digest}, values)


def made_source_id(connection: Connection, name: str) -> int:
    """Return the id of a source, which is stored if it was not."""
    return _made(connection, source, {"name": name}, {})


def _made(
    connection: Connection, table: Table, identity: Mapping[str, Any], content: Mapping[str, Any]
) -> int:
    ((column, value),) = identity.items()
    query = select(table.c.id).where(table.c[column] == value)
    found = connection.execute(query).scalar()
    if found is None:
        statement = insert_into(connection, table).values({**identity, **content})
        connection.execute(statement.on_conflict_do_nothing())
        found = connection.execute(query).scalar_one()
    return int(found)
