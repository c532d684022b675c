"""A child process that serves one connection, and may die without taking its parent along."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from types import FrameType
from typing import Any

from dse.code import reason_of
from dse.execution.worker_events import (
    Began,
    Done,
    Event,
    News,
    Raised,
    Ready,
    Stopped,
    Unmade,
)

GONE = (EOFError, OSError)
"""What sending to or receiving from a process that has ended raises."""


@dataclass(frozen=True)
class ChildProcess:
    """A process, all that it starts, and the connection to it."""

    process: BaseProcess
    connection: Connection

    def send(self, content: Any) -> None:
        """Send a task, or the answer to news; that the process has ended is found by `hear`."""
        with contextlib.suppress(*GONE):
            self.connection.send(content)

    def hear_within(self, seconds: float | None) -> Event | None:
        """Return the next that it sends, or None if it is not heard for so long."""
        return self.hear() if wait([self.connection, self.process.sentinel], seconds) else None

    def hear(self) -> Event:
        """Return the next that it sends; where it sends nothing any more, how it ended."""
        try:
            if self.connection.poll():
                event: Event = self.connection.recv()
                return event
        except GONE:
            pass
        # What it has started may hold its end of the connection, but is of no use without it.
        self.process.join(_ENDING)
        self.kill()
        code = self.process.exitcode or 0
        if code < 0:
            return Stopped(f"was killed by {signal.Signals(-code).name}")
        return Stopped(f"exited with status {code}")

    def kill(self) -> None:
        """End the process and what it has started, whatever they do."""
        _kill_group(self.process.pid)
        self.process.kill()
        self.process.join()
        self.connection.close()


_ENDING = 5.0
"""Seconds that a process which has closed its connection is given to end by itself."""


_TRIES = 20
"""To reach the server that children are forked from."""
_PAUSE = 0.05
"""Seconds between them."""


def start_child(
    make: Callable[..., Callable[..., Any]],
    *arguments: Any,
    path: Sequence[str] = (),
    loads: Sequence[str] = (),
    is_copy: bool = False,
) -> ChildProcess:
    """Start a process that handles what is sent to it along a connection.

    It sends `Ready`, and for each task that it receives `Began`, any `News` that the task tells,
    for which it waits for an answer, and `Done` or `Raised`.

    Where the system can, children are forked from a server that has loaded what the first of them
    needs once, so that not each of them takes the seconds that PyTorch needs. They have this
    process's environment, directory and module path. Each leads a process group of its own, and
    that ends when this process does, however it comes to its end.

    Args:
        make: a function of a module, called in the child; what it returns is called with each
            task and a function that tells news and returns the answer.
        arguments: of `make`.
        path: directories that modules are looked for in, beside those of this process.
        loads: modules that it needs beside that of the function.
        is_copy: fork this process, with all that it has loaded; see `can_be_copied`.
    """
    if is_copy:
        context: multiprocessing.context.BaseContext = multiprocessing.get_context("fork")
    elif "forkserver" in multiprocessing.get_all_start_methods():
        server = multiprocessing.get_context("forkserver")
        server.set_forkserver_preload([make.__module__, *loads])
        context = server
    else:
        context = multiprocessing.get_context("spawn")
    call = (dict(os.environ), tuple(dict.fromkeys((*sys.path, *path))), make, arguments)
    for _ in range(_TRIES):
        with contextlib.suppress(*GONE):
            return _started(context, call)
        # The server was killed: another one takes its place as soon as that is known.
        time.sleep(_PAUSE)
    return _started(context, call)


def can_be_copied() -> bool:
    """Return whether a fork of this process is whole: it takes no other thread along."""
    others = {each.name for each in threading.enumerate() if each != threading.current_thread()}
    is_alone = others <= {_WATCH} and not multiprocessing.current_process().daemon
    return sys.platform == "linux" and is_alone


def _started(context: multiprocessing.context.BaseContext, call: tuple[Any, ...]) -> ChildProcess:
    ours, theirs = context.Pipe()
    # With our copy closed, the death of the process ends the connection.
    with theirs:
        # Of the context's own kind, which the base class does not declare.
        process: BaseProcess = context.Process(  # type: ignore[attr-defined]
            target=_serve, args=(theirs, *call), daemon=True
        )
        with _interrupts_held(), _main_left_alone(call):
            process.start()
    return ChildProcess(process, ours)


@contextlib.contextmanager
def _main_left_alone(call: tuple[Any, ...]) -> Iterator[None]:
    """Keep a child from running the program that started this process once more.

    It would do so to have what is defined there, and fail where the program has no guard of
    `if __name__ == "__main__"`. What it is given is of modules, as a rule.
    """
    main: dict[str, Any] = vars(sys.modules["__main__"])
    if b"__main__" in bytes(ForkingPickler.dumps(call)):
        yield
        return
    known: dict[str, Any] = {n: main[n] for n in ("__file__", "__spec__") if n in main}
    main.pop("__file__", None)
    main["__spec__"] = None
    try:
        yield
    finally:
        main.update(known)


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Keep Ctrl-C for this process: a server that is started here would hear it as it loads."""
    # Where it is started by the way, it lets interrupts through again.
    resource_tracker.ensure_running()
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _serve(
    connection: Connection,
    environment: dict[str, str],
    path: tuple[str, ...],
    make: Callable[..., Callable[..., Any]],
    arguments: tuple[Any, ...],
) -> None:
    """Handle what comes along the connection, until that ends."""
    _lead_a_group()
    threading.Thread(target=_end_with_the_parent, name=_WATCH, daemon=True).start()
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:] = path
    with contextlib.suppress(*GONE):
        try:
            handle = make(*arguments)
        except Exception as error:  # noqa: BLE001 - the caller's own code, which may raise anything
            connection.send(Unmade(reason_of(error)))
            return
        connection.send(Ready())
        while True:
            _do(connection, handle)


def _do(connection: Connection, handle: Callable[..., Any]) -> None:
    """Receive a task, and send what comes of it."""
    task = connection.recv()
    connection.send(Began())

    def tell(news: Any) -> Any:
        connection.send(News(news))
        return connection.recv()

    try:
        event: Event = Done(handle(task, tell))
    except Exception as error:  # noqa: BLE001 - the caller's own code, which may raise anything
        event = Raised(reason_of(error))
    connection.send(event)


def _lead_a_group() -> None:
    """Make this process one that may have children, which are ended together with it."""
    # Those that it starts are of its group, so that Ctrl-C at a terminal reaches none of them.
    os.setpgrp()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # As a parent sends it that comes to its end by itself.
    signal.signal(signal.SIGTERM, _end_the_group)
    # One that is forked of it ends alone, and as soon as it is told to: a signal that comes before
    # Python has set up a forked process would be lost, so that it waits until then.
    os.register_at_fork(
        before=_hold_terminations,
        after_in_parent=_let_terminations,
        after_in_child=_end_alone,
    )
    multiprocessing.current_process().daemon = False


_FORKING = threading.local()
"""Of a thread that forks: the signals that it had blocked before."""


def _hold_terminations() -> None:
    _FORKING.blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])


def _let_terminations() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _FORKING.blocked)


def _end_alone() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _let_terminations()


def _end_the_group(number: int, frame: FrameType | None) -> None:
    os.killpg(0, signal.SIGKILL)


_WATCH = "ends with the parent"
"""The name of the thread of a child that only waits: a fork of the child loses nothing with it, and
has its own."""


def _end_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.killpg(0, signal.SIGKILL)


def _kill_group(leader: int | None) -> None:
    # It may not lead one yet, or none be left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if leader is not None:
            os.killpg(leader, signal.SIGKILL)
