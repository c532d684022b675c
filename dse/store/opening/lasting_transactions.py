"""Transactions that are worth repeating, so that a server ends no study that goes away for a while.

It also ends a transaction where two wait for rows of each other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from dse.errors import DseError

T = TypeVar("T")
P = ParamSpec("P")

PATIENCE = 120.0
"""Seconds that a server may be away."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0


class ConnectionLost(DseError):
    """A server went away, does not answer, or ended one of two that waited for each other.

    It may come back, and the other one goes on: the same transaction may pass when it is repeated.
    """


def lasting(transaction: Callable[[], T], patience: float = PATIENCE) -> T:
    """Return what a transaction returns, which is repeated where the server ended it.

    Whether the transaction was kept that lost its connection at its end is not known, so that
    repeating it must do no harm.

    Args:
        transaction: opens a connection, and changes the store once at most.
        patience: seconds after which the loss is raised.

    Raises:
        ConnectionLost: where the server does not come back in time.
        DseError: as the transaction raises it.
    """
    deadline, pause = time.monotonic() + patience, _FIRST_PAUSE
    while True:
        try:
            return transaction()
        except ConnectionLost:
            if time.monotonic() + pause > deadline:
                raise
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def repeatable(transaction: Callable[P, T]) -> Callable[P, T]:
    """Let a function that is one transaction be repeated where its connection is lost.

    Studies live on these: a server that ends a connection, or is away for a while, ends no search.
    """

    @wraps(transaction)
    def repeated(*arguments: P.args, **options: P.kwargs) -> T:
        return lasting(lambda: transaction(*arguments, **options))

    return repeated
