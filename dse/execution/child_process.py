"""A child process that serves one connection, and may die without taking its parent along."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

GONE = (EOFError, ConnectionError)
"""What sending to or receiving from a process that has ended raises."""


@dataclass(frozen=True)
class ChildProcess:
    """A process, and the connection to it."""

    process: BaseProcess
    connection: Connection

    def kill(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.join()
        self.connection.close()

    def end(self) -> str:
        """Say how the process came to its end; one that has not ended in a moment is killed."""
        self.process.join(0.2)
        self.kill()
        code = self.process.exitcode or 0
        if code < 0:
            return f"was killed by {signal.Signals(-code).name}"
        return f"exited with status {code}"


def start_child(make: Callable[..., Callable[..., Any]], *arguments: Any) -> ChildProcess:
    """Start a process that handles what is sent to it along a connection.

    It sends a message when it is ready. Then, for each task that it receives, it sends any news
    that the task tells, as `(False, news)`, and waits for the answer; at last the result of it, as
    `(True, result)`.

    Where the system can, children are forked from a server that has loaded the function's module
    once, so that not each of them takes the seconds that PyTorch needs. They have this process's
    environment, directory and module path.

    Args:
        make: a function of a module, called in the child; what it returns is called with each
            task and a function that tells news and returns the answer.
        arguments: of `make`.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():
        server = multiprocessing.get_context("forkserver")
        server.set_forkserver_preload([make.__module__])
        context: multiprocessing.context.BaseContext = server
    else:
        context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    call = (theirs, dict(os.environ), tuple(sys.path), make, arguments)
    # Of the context's own kind, which the base class does not declare.
    process: BaseProcess = context.Process(target=_serve, args=call, daemon=True)  # type: ignore[attr-defined]
    process.start()
    # With our copy closed, the death of the process ends the connection.
    theirs.close()
    return ChildProcess(process, ours)


def _serve(
    connection: Connection,
    environment: dict[str, str],
    path: tuple[str, ...],
    make: Callable[..., Callable[..., Any]],
    arguments: tuple[Any, ...],
) -> None:
    """Handle what comes along the connection, until that ends."""
    # It may have children of its own, as a `DataLoader` has: the parent's end still ends it.
    multiprocessing.current_process().daemon = False
    # Ctrl-C reaches every process of a terminal; the parent's end ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:] = path
    handle = make(*arguments)

    def tell(news: Any) -> Any:
        connection.send((False, news))
        return connection.recv()

    try:
        connection.send("ready")
        while True:
            connection.send((True, handle(connection.recv(), tell)))
    except GONE:
        return
