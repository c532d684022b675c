"""A shell in which `dse` is this process, so that a command costs no start of PyTorch.

The shell is a real one: quotes, pipes, redirections and the environment are its own. What it finds
as `dse` is a small script that hands its words over a socket, and prints what comes back.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from tests.cli.command import run_words

_SCRIPT = """#!{python} -IS
import json, os, socket, sys
door = socket.socket(socket.AF_UNIX)
door.connect({door!r})
own = {{name: value for name, value in os.environ.items() if name.startswith("DSE_")}}
with door.makefile("rw") as file:
    print(json.dumps([sys.argv[1:], os.getcwd(), own]), file=file, flush=True)
    status, printed, told = json.loads(file.readline())
try:
    sys.stdout.write(printed)
    sys.stdout.flush()
except BrokenPipeError:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
sys.stderr.write(told)
sys.exit(status)
"""


@dataclass(frozen=True)
class Done:
    """What a command line did."""

    status: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class StandInShell:
    """Runs command lines in which `dse` is answered by this process."""

    door: socket.socket
    path: str

    def run(self, command: str, directory: Path, shell: str = "bash") -> Done:
        """Run a command line in a directory."""
        environment = {**os.environ, "PATH": f"{self.path}{os.pathsep}{os.environ['PATH']}"}
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            running = subprocess.Popen(
                [shell, "-c", command], cwd=directory, env=environment, stdout=out, stderr=err
            )
            while running.poll() is None:
                if select.select([self.door], [], [], 0.01)[0]:
                    self._answer()
            out.seek(0)
            err.seek(0)
            return Done(running.returncode, out.read(), err.read())

    def _answer(self) -> None:
        connection, _ = self.door.accept()
        with connection, connection.makefile("rw") as file:
            words, directory, own = json.loads(file.readline())
            print(json.dumps(self._answered(words, directory, own)), file=file, flush=True)

    def _answered(self, words: list[str], directory: str, own: dict[str, str]) -> list[Any]:
        unsaid = {name: v for name, v in os.environ.items() if not name.startswith("DSE_")}
        with mock.patch.dict(os.environ, {**unsaid, **own}, clear=True):
            status, printed, told = run_words(Path(directory), *words)
        return [status, printed.decode(), told.decode()]


@contextmanager
def stand_in_shell() -> Iterator[StandInShell]:
    """Open such a shell."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as door:
        address = str(Path(folder) / "door")
        door.bind(address)
        door.listen()
        script = Path(folder) / "dse"
        script.write_text(_SCRIPT.format(python=sys.executable, door=address))
        script.chmod(0o755)
        yield StandInShell(door, folder)
