"""Commands in processes of their own that need not load PyTorch, which takes seconds of each.

One process, `python -m tests.cli.forked`, loads everything once and forks itself for each command.
It has no threads that work. What is forked is killed, stopped and interrupted as any other process;
only its hash seed is that of the others: that nothing follows from one is for other tests to see.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from functools import cache
from pathlib import Path
from select import select
from typing import Any

from tests.cli.command import environment

ROOT = Path(__file__).parent.parent.parent


class ForkedCommand:
    """A command that runs; it has what tests use of `subprocess.Popen`."""

    def __init__(self, directory: Path, *words: str) -> None:
        self._printed = [Path(tempfile.mkstemp(prefix="dse-printed-")[1]) for _ in range(2)]
        places = map(str, (directory, *self._printed))
        self.pid = _forker().ask([*places], words, environment())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return how it ended, as `subprocess` says it; None while it runs."""
        self.returncode = _forker().ended().get(self.pid)
        return self.returncode

    def wait(self, timeout: float = 120) -> int:
        """Return how it ended, once it has."""
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            assert time.monotonic() < deadline, "it does not end"
            time.sleep(0.01)
        return code

    def communicate(self, timeout: float = 120) -> tuple[str, ...]:
        """Return what it printed on both streams, once it has ended."""
        self.wait(timeout)
        printed = tuple(path.read_text() for path in self._printed)
        for path in self._printed:
            path.unlink()
        return printed

    def send_signal(self, number: int) -> None:
        """Send it a signal; it has not been waited for, so that no other has its id."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class _Forker:
    """This process's end of the connection to the one that forks."""

    def __init__(self) -> None:
        self._door, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "tests.cli.forked", str(theirs.fileno())]
            self._process = subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()])
        self._read = b""
        self._ended: dict[int, int] = {}

    def ask(self, *request: Any) -> int:
        """Have a command started, and return its process id."""
        self._door.sendall(json.dumps(request).encode() + b"\n")
        while True:
            begun = [pid for pid, code in self._told() if code is None]
            if begun:
                return begun[0]

    def ended(self) -> dict[int, int]:
        """Return how those ended that have, by their ids."""
        while select([self._door], [], [], 0)[0]:
            self._told()
        return self._ended

    def _told(self) -> list[tuple[int, int | None]]:
        """Return what is told next: each process that began, without a code, or that ended.

        All that came is taken up at once: no line waits where `select` does not see it.
        """
        received = self._door.recv(65536)
        assert received, "the process that forks has ended"
        *lines, self._read = (self._read + received).split(b"\n")
        told = [(int(pid), code) for pid, code in map(json.loads, lines)]
        self._ended |= {pid: code for pid, code in told if code is not None}
        return told

    def close(self) -> None:
        self._door.close()
        self._process.wait()


@cache
def _forker() -> _Forker:
    forker = _Forker()
    atexit.register(forker.close)
    return forker


def _served(door: socket.socket) -> tuple[list[str], list[str], dict[str, str]] | None:
    """Fork for each request; return it in the child, and None at the end."""
    running: set[int] = set()
    with door, door.makefile("rw") as file:
        while True:
            if select([door], [], [], 0.02)[0]:
                line = file.readline()
                if not line:
                    break
                if not (pid := os.fork()):
                    request: tuple[list[str], list[str], dict[str, str]] = json.loads(line)
                    return request
                running.add(pid)
                print(json.dumps([pid, None]), file=file, flush=True)
            while running and (found := os.waitpid(-1, os.WNOHANG))[0]:
                running.remove(found[0])
                code = os.waitstatus_to_exitcode(found[1])
                print(json.dumps([found[0], code]), file=file, flush=True)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    return None


_LOADS = (
    *("search", "family=mlp", "grid=none", "grid.resolution=8", "grid.width=[8,16]"),
    *("objective=params", "exact=false", "trials=2", "sampler=pool"),
)


def _main() -> None:
    from dse.cli.main import main

    with (
        tempfile.TemporaryDirectory() as place,
        contextlib.chdir(place),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        contextlib.suppress(SystemExit),
    ):
        main(_LOADS)
    assert threading.active_count() == 1, "a fork has no other threads"
    gc.freeze()
    door = socket.socket(fileno=int(sys.argv[1]))
    request = _served(door)
    if request is not None:
        (directory, *printed), words, sys_environment = request
        for number, path in enumerate(printed, start=1):
            os.dup2(os.open(path, os.O_WRONLY), number)
        os.chdir(directory)
        os.environ.clear()
        os.environ.update(sys_environment)
        sys.path[0] = directory
        signal.signal(signal.SIGINT, signal.default_int_handler)
        random.seed()
        main(words)


if __name__ == "__main__":
    _main()
