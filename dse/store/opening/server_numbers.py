"""Numbers of a server as plain ones of Python, as a file gives them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event

_LARGEST = 2**63 - 1


def give_plain_numbers(engine: Engine) -> None:
    """Read what PostgreSQL calls `numeric` as whole numbers of up to 64 bits, or as floats."""
    from psycopg.abc import Buffer
    from psycopg.adapt import Loader

    class Plain(Loader):
        def load(self, data: Buffer) -> int | float:
            return plain_number(bytes(data).decode())

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.adapters.register_loader("numeric", Plain)


def plain_number(written: str) -> int | float:
    """Return a number that is written out in full."""
    if written.lstrip("-").isdecimal() and abs(int(written)) <= _LARGEST:
        return int(written)
    return float(written)
