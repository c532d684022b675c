"""Bringing a store of an older version up to date, after a copy of it was made."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from dse.errors import DseError
from dse.store.layout import create_all_views
from dse.store.opening.address import shown, sqlite_file
from dse.store.opening.version import found_version
from dse.store.schema import SCHEMA_VERSION, dse_schema

_SCRIPTS = Path(__file__).parent.parent / "migrations"
_log = logging.getLogger("dse.store")


def upgrade(connection: Connection) -> None:
    """Upgrade a store within a transaction that can write; one that is up to date stays as it is.

    A file is first copied to one beside it, such as `dse.db.schema1.bak`, which stays. Foreign keys
    must not be enforced on the connection, as tables are replaced by others.

    Raises:
        DseError: when the copy cannot be made; the store is then as it was.
    """
    before = found_version(connection)
    if before is None or before >= SCHEMA_VERSION:
        return
    path = sqlite_file(connection.engine.url)
    kept = "" if path is None else f"; {_back_up(path, before)} is a copy of what it was"
    if before == 1:
        _hand_to_alembic(connection)
    name = shown(connection.engine.url)
    try:
        migrate(connection)
        create_all_views(connection)
    except IntegrityError as error:
        raise DseError(f"store {name} cannot be upgraded: {error.orig}{kept}") from error
    _log.warning("store %s is upgraded from schema %s to %s%s", name, before, SCHEMA_VERSION, kept)


def migrate(connection: Connection, version: str = "head") -> None:
    """Run every migration up to a version that the database has not had."""
    scripts = ScriptDirectory(str(_SCRIPTS))
    options = {
        "version_table": dse_schema.name,
        "fn": lambda revision, _: scripts._upgrade_revs(version, revision),
    }
    context = MigrationContext.configure(connection, opts=options)
    with Operations.context(context):
        context.run_migrations()


def _hand_to_alembic(connection: Connection) -> None:
    """Schema 1 noted its version as a number; Alembic notes a text, in a column of its own name."""
    dse_schema.drop(connection)
    dse_schema.create(connection)
    connection.execute(dse_schema.insert().values(version_num="1"))


def _back_up(path: Path, version: int) -> Path:
    """Copy a file that nobody can write at the moment; what a reader sees is what is copied."""
    stem = f"{path.name}.schema{version}.bak"
    names = [stem, *(f"{stem}{number}" for number in range(2, 100))]
    copy = next(path.with_name(name) for name in names if not path.with_name(name).exists())
    try:
        with (
            closing(sqlite3.connect(f"file:{path.absolute()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
    except sqlite3.Error as error:
        copy.unlink(missing_ok=True)
        raise DseError(f"store {path} is not upgraded: no copy {copy}: {error}") from error
    return copy
