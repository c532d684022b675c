"""Opening a store, and the transactions in which it is read and written.

SQLite's own driver opens transactions late and deferred, and a deferred transaction that reads and
then writes fails at once under a second writer, whatever the time-out. So the driver's control is
switched off, as SQLAlchemy recommends, and each transaction says how it begins.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, Select, create_engine, event
from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.pool import QueuePool

from dse.code import reason_of
from dse.errors import DseError
from dse.store.dialects import one_at_a_time
from dse.store.opening.address import parse_address, shown, sqlite_file
from dse.store.opening.creation import create_tables, make_room, use_write_ahead_log
from dse.store.opening.files import check_file, read_only_uri
from dse.store.opening.lasting_transactions import ConnectionLost, lasting
from dse.store.opening.server_numbers import give_plain_numbers
from dse.store.opening.version import found_version
from dse.store.sample_deviation import teach_deviation
from dse.store.schema import SCHEMA_VERSION

_TABLES = "tables of the store"

BUSY_SECONDS = 60
"""How long a writer waits for another one to finish."""

_FIRST_PAUSES = (0.05, 0.2)
"""Seconds before a server is asked again that did not answer at first."""

_STEPS = 100_000
"""Instructions of SQLite, some milliseconds, after which Python may look for a signal."""


def open_store(url: str) -> Engine:
    """Open a store for writing; make it, and the directory it is in, when it does not exist.

    A store of an older version is upgraded, a file after it was copied to one beside it.

    Args:
        url: the path of a SQLite file, or an SQLAlchemy URL of SQLite or PostgreSQL.

    Raises:
        DseError: for a malformed URL, a file that is not a store or cannot be written, a store of
            a newer version, or a server that does not answer. What is there is left as it was.
    """
    address = parse_address(url)
    path = sqlite_file(address)
    version = None
    if path is not None:
        make_room(path)
        if check_file(path):
            # Found out over a read-only connection, so that a foreign file is not even locked.
            version = _version(_read_only_engine(address))
        if version is None:
            use_write_ahead_log(path, BUSY_SECONDS)
    elif address.get_backend_name() != "sqlite":
        version = _version(_engine(address))
    if version is None:
        engine = _engine(address)
        with writing(engine) as connection:
            one_at_a_time(connection, _TABLES)
            version = found_version(connection)
            if version is None:
                create_tables(connection)
                return engine
    if version < SCHEMA_VERSION:
        _upgrade(address)
    return _engine(address)


def open_existing(url: str) -> Engine:
    """Open a store for writing that must be there already; one of an older version is upgraded.

    Raises:
        DseError: as `open_store`, and for a file that does not exist.
    """
    _require_file(url)
    return open_store(url)


def _require_file(url: str) -> None:
    address = parse_address(url)
    path = sqlite_file(address)
    if address.get_backend_name() == "sqlite" and (path is None or not check_file(path)):
        name = shown(address)
        raise DseError(f"there is no store at {name}; 'dse sweep store.url={name}' makes one")


def open_for_reading(url: str) -> Engine:
    """Open an existing store over connections that cannot write.

    Raises:
        DseError: for a malformed URL, a store that does not exist, a file that is not a store, a
            store of a newer version, or a server that does not answer.
    """
    _require_file(url)
    address = parse_address(url)
    engine = _read_only_engine(address)
    version = _first_look(engine)
    if version is None:
        raise DseError(f"{shown(address)} holds no store yet; 'dse sweep' makes one")
    if version < SCHEMA_VERSION:
        raise DseError(
            f"store {shown(address)} has the older version {version}, and this dse reads version "
            f"{SCHEMA_VERSION}; 'dse upgrade --store {shown(address)}' upgrades it, after a copy"
        )
    return engine


def readable_store(url: str) -> Engine | None:
    """Open a store for reading; None where none is, or one that has to be upgraded or refused."""
    try:
        return open_for_reading(url)
    except DseError:
        return None


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one moment of the store throughout.

    Raises:
        DseError: when the database refuses, such as a damaged file.
    """
    with _told_as_dse_error(engine, "cannot be read"), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # By default each statement there sees a moment of its own.
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def writing(engine: Engine, looks_up_references: bool = True) -> Iterator[Connection]:
    """Give a connection whose changes are kept together at the end, or not at all.

    Args:
        engine: a store opened for writing.
        looks_up_references: whether SQLite looks up what each new row refers to. It takes a quarter
            of the time of a row, and is for nothing where the transaction itself has made that.

    Raises:
        DseError: when the database refuses, such as a full disk or a read-only file.
    """
    with _told_as_dse_error(engine, "cannot be written"), engine.connect() as connection:
        writer = connection.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        with _references(writer, looks_up_references), writer.begin():
            yield writer


@contextmanager
def _references(connection: Connection, are_looked_up: bool) -> Iterator[None]:
    """Have SQLite look up references or not; it takes such words between transactions alone."""
    driver: Any = connection.connection.driver_connection
    if are_looked_up or connection.dialect.name != "sqlite":
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


@contextmanager
def trusted(engine: Engine, what_failed: str = "cannot be read") -> Iterator[None]:
    """Tell as one error that what a store holds is not what dse writes.

    A flipped byte makes another text, number or JSON of what was written, and so does whoever
    writes into a store by hand; any of it may be missing, or of another type.

    Raises:
        DseError: for whatever comes of that.
    """
    try:
        yield
    except _OF_DAMAGE as error:
        reason = f"{reason_of(error)}; it is damaged, or was not written by dse"
        raise DseError(f"store {shown(engine.url)} {what_failed}: {reason}") from error


_OF_DAMAGE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def pass_on_interruption(error: BaseException) -> None:
    """Raise what made SQLite give up: a signal that came while it worked for Python.

    Raises:
        KeyboardInterrupt: where that is what the error tells of.
    """
    if isinstance(error, sqlite3.OperationalError) and str(error) == "interrupted":
        raise KeyboardInterrupt from error


def driver_rows(connection: Connection, query: Select[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield what a question finds as the driver gives it.

    SQLAlchemy makes a further row of each, which costs more than all the rest where they are many.
    """
    cursor: Any = connection.execute(query).cursor
    driver: Any = connection.dialect.loaded_dbapi
    try:
        yield from cursor
    except driver.OperationalError as error:
        raise OperationalError(None, None, error) from error
    except driver.Error as error:
        raise DatabaseError(None, None, error) from error


@contextmanager
def _told_as_dse_error(engine: Engine, what_failed: str) -> Iterator[None]:
    try:
        with trusted(engine, what_failed):
            yield
    except SQLAlchemyError as error:
        orig = error.orig if isinstance(error, DBAPIError) and error.orig else error
        pass_on_interruption(orig)
        reason = str(orig).partition("\n")[0]
        kind = ConnectionLost if _is_lost(engine, error) else DseError
        raise kind(f"store {shown(engine.url)} {what_failed}: {reason}") from error


def _is_lost(engine: Engine, error: SQLAlchemyError) -> bool:
    """Return whether an error tells of a server that ended a connection, or takes none.

    Drivers tell as the same kind of error that a transaction was ended for another one.
    """
    return engine.dialect.name != "sqlite" and isinstance(error, OperationalError | InterfaceError)


def _version(engine: Engine) -> int | None:
    version = _first_look(engine)
    engine.dispose()
    return version


def _first_look(engine: Engine) -> int | None:
    """Return the version of a store; a server may end a connection as soon as it has taken it."""
    for pause in _FIRST_PAUSES:
        try:
            return _seen_version(engine)
        except ConnectionLost:
            time.sleep(pause)
    return _seen_version(engine)


def _seen_version(engine: Engine) -> int | None:
    # Not at one moment: where an upgrade is waited for, its end is what is to be seen.
    with _told_as_dse_error(engine, "cannot be read"), engine.connect() as connection:
        return found_version(connection)


def _upgrade(url: URL) -> None:
    # Alembic is needed this once; loading it takes as long as everything else here.
    from dse.store.opening.upgrade import upgrade

    engine = _engine(url, "foreign_keys=OFF")

    def upgraded() -> None:
        with writing(engine) as connection:
            one_at_a_time(connection, _TABLES)
            upgrade(connection)

    # Somebody who reads may wait for a table that this has, and the other way round.
    lasting(upgraded)
    engine.dispose()


def _engine(url: URL, *settings: str) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        always = ("synchronous=NORMAL", "wal_autocheckpoint=10000")
        _control_transactions(engine, (*always, *settings))
        return engine
    return _server_engine(url)


def _read_only_engine(url: URL) -> Engine:
    path = sqlite_file(url)
    if path is None:
        return _server_engine(url, options="-c default_transaction_read_only=on")

    def connect() -> sqlite3.Connection:
        uri = read_only_uri(path)
        driver = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)
        # Python sees a signal only between steps of its own, which this gives it.
        driver.set_progress_handler(lambda: 0, _STEPS)
        return driver

    engine = create_engine(url, creator=connect, poolclass=QueuePool)
    _control_transactions(engine, ("query_only=ON",))
    return engine


def _server_engine(url: URL, **connect_args: Any) -> Engine:
    try:
        # A server may have ended a connection that was not in use.
        engine = create_engine(url, connect_args=connect_args, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise DseError(
            f"store {shown(url)} needs a driver: pip install 'psycopg[binary]'"
        ) from error
    give_plain_numbers(engine)
    return engine


def _control_transactions(engine: Engine, settings: tuple[str, ...]) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        # 64 MiB of pages: the index over keys is written at random places.
        for setting in ("foreign_keys=ON", "cache_size=-65536", *settings):
            connection.execute(f"PRAGMA {setting}")
        teach_deviation(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        how = connection.get_execution_options().get("sqlite_begin", "BEGIN")
        connection.exec_driver_sql(how)
