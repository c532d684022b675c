"""What blocks cost that were traced once, as texts; what they say is for others to know."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Engine, select

from dse.store.canonical import hashed
from dse.store.dialects import insert_into
from dse.store.opening import reading, repeatable, writing
from dse.store.schema import block

_ROWS = 5_000
"""Rows a statement: a database takes so many parameters at once."""


@repeatable
def known_blocks(engine: Engine, context: str) -> list[str]:
    """Return the texts of a context.

    Args:
        engine: of the store.
        context: what the costs of all blocks depend on, besides the block and its input.
    """
    query = select(block.c.content).where(block.c.context == hashed([context]))
    with reading(engine) as connection:
        return list(connection.execute(query).scalars())


@repeatable
def store_blocks(engine: Engine, context: str, contents: Mapping[str, str]) -> None:
    """Store texts by what identifies them within a context; those that are there stay."""
    number = hashed([context])
    rows = [
        {"digest": hashed([context, identity]), "context": number, "content": content}
        for identity, content in contents.items()
    ]
    if not rows:
        return
    with writing(engine) as connection:
        statement = insert_into(connection, block).on_conflict_do_nothing()
        for start in range(0, len(rows), _ROWS):
            connection.execute(statement, rows[start : start + _ROWS])
