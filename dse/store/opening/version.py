"""Recognising a store and the version of its layout, without touching it."""

from __future__ import annotations

from sqlalchemy import Connection, inspect

from dse.errors import DseError
from dse.store.opening.address import shown
from dse.store.schema import SCHEMA_VERSION, dse_schema, metadata


def found_version(connection: Connection) -> int | None:
    """Return the version of the store in a database; None for an empty database.

    Raises:
        DseError: for a database of another program, or a store of a newer version.
    """
    name = shown(connection.engine.url)
    tables = set(inspect(connection).get_table_names())
    if dse_schema.name not in tables:
        # A server's database may be shared with tables of other programs, a file is one program's.
        foreign = tables if connection.dialect.name == "sqlite" else tables & set(metadata.tables)
        if foreign:
            listed = ", ".join(sorted(foreign)[:3])
            raise DseError(
                f"{name} is a database of another program (tables: {listed}); "
                "name another file for the store"
            )
        return None
    # Schema 1 has a number here, in a column of another name.
    row = connection.exec_driver_sql(f"SELECT * FROM {dse_schema.name}").first()
    version = str(row[0]) if row is not None else "missing"
    if not version.isdecimal() or not 1 <= int(version) <= SCHEMA_VERSION:
        age = "newer" if version.isdecimal() and int(version) > SCHEMA_VERSION else "unknown"
        raise DseError(
            f"store {name} has the {age} version {version}, and this dse reads version "
            f"{SCHEMA_VERSION}; upgrade dse, or name another file for the store"
        )
    return int(version)
