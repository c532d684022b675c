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
from typing import Concatenate, ParamSpec

from dse.errors import DseError

Arguments = ParamSpec("Arguments")

GONE = (EOFError, ConnectionError)
"""What sending to or receiving from a process that has ended raises."""


@dataclass(frozen=True)
class ChildProcess:
    """A process, and the connection to it."""

    process: BaseProcess
    connection: Connection

    def await_ready(self, what: str) -> None:
        """Wait for the child to send that it is ready.

        Raises:
            DseError: where it ended before; `what` names what it is for.
        """
        try:
            self.connection.recv()
        except GONE as error:
            raise DseError(f"a process {what} {self.end()}") from error

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


def start_child(
    serve: Callable[Concatenate[Connection, Arguments], None],
    *arguments: Arguments.args,
    **named: Arguments.kwargs,
) -> ChildProcess:
    """Start a process that calls a function with a connection to this one.

    Where the system can, children are forked from a server that has loaded the function's module
    once, so that not each of them takes the seconds that PyTorch needs. They have this process's
    environment, directory and module path.

    Args:
        serve: a function of a module; it returns where the connection ends.
        arguments: further ones of it.
        named: the same by name.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():
        server = multiprocessing.get_context("forkserver")
        server.set_forkserver_preload([serve.__module__])
        context: multiprocessing.context.BaseContext = server
    else:
        context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    call = (serve, theirs, dict(os.environ), tuple(sys.path), arguments, named)
    # Of the context's own kind, which the base class does not declare.
    process: BaseProcess = context.Process(target=_begin, args=call, daemon=True)  # type: ignore[attr-defined]
    process.start()
    # With our copy closed, the death of the process ends the connection.
    theirs.close()
    return ChildProcess(process, ours)


def _begin(
    serve: Callable[..., None],
    connection: Connection,
    environment: dict[str, str],
    path: tuple[str, ...],
    arguments: tuple[object, ...],
    named: dict[str, object],
) -> None:
    # Ctrl-C reaches every process of a terminal; the parent's end ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:] = path
    serve(connection, *arguments, **named)
