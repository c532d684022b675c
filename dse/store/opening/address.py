"""Where a store is: a path, or an SQLAlchemy URL of SQLite or PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from dse.errors import DseError, nearest

MEMORY = ":memory:"

_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


_QUERIES: dict[str, tuple[str, ...]] = {
    "sqlite": (),
    "postgresql": (
        *("host", "port", "user", "dbname", "passfile", "service", "connect_timeout"),
        *("sslmode", "sslrootcert", "sslcert", "sslkey", "gssencmode", "krbsrvname"),
        *("channel_binding", "target_session_attrs", "keepalives", "application_name"),
    ),
}
"""What may stand behind the `?` of a URL: what says where a server is and how to speak to it."""


def _unknown_query(key: str, kind: str) -> str:
    known = _QUERIES[kind]
    hint = nearest(key, known) if known else "a file takes none; give its plain path"
    return f"unknown setting {key!r} in the URL; {hint}"


def parse_address(text: str) -> URL:
    """Return the URL of a store from a URL or from the path of a SQLite file.

    Raises:
        DseError: for an empty or malformed address, or a database that is neither SQLite nor
            PostgreSQL.
    """
    if not text.strip():
        raise DseError("the address of the store is empty; give a path such as outputs/dse.db")
    if "\0" in text:
        raise DseError(f"store {text!r}: a path holds no NUL character")
    if ":" not in text.partition("/")[0]:
        return URL.create("sqlite", database=str(Path(text).expanduser()))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise DseError(
            f"store {text!r} is neither a path nor a URL such as sqlite:///outputs/dse.db"
        ) from None
    if url.drivername not in _DRIVERS:
        hint = nearest(url.drivername, ["sqlite", "postgresql+psycopg"])
        raise DseError(f"store {shown(url)!r}: unknown kind of database; {hint}")
    url = url.set(drivername=_DRIVERS[url.drivername])
    if url.drivername == "sqlite" and url.host:
        raise DseError(
            f"store {text!r}: a relative path follows three slashes, sqlite:///outputs/dse.db, "
            "and an absolute one four"
        )
    for key in url.query:
        if key not in _QUERIES[url.get_backend_name()]:
            raise DseError(f"store {shown(url)!r}: {_unknown_query(key, url.get_backend_name())}")
    if (url.database or "").startswith("file:"):
        raise DseError(f"store {text!r}: give a plain path in place of a file: URI")
    return url


def sqlite_file(url: URL) -> Path | None:
    """Return the file of a SQLite URL; None for a server or a database in memory."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == MEMORY:
        return None
    return Path(url.database)


def shown(url: URL) -> str:
    """Return how messages name a store: its file, or its URL without the password."""
    path = sqlite_file(url)
    return str(path) if path else _without_secrets(url).render_as_string(hide_password=False)


def _without_secrets(url: URL) -> URL:
    query = {name: value for name, value in url.query.items() if "password" not in name}
    kept = (url.username, None, url.host, url.port, url.database)
    return URL.create(url.drivername, *kept, query=query)
