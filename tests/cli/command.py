"""Runs `dse` as a user does, in a directory of its own."""

import contextlib
import io
import json
import os
import pty
import re
import subprocess
import sys
import termios
import threading
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from dse.cli.main import main

DSE = [sys.executable, "-m", "dse.cli.main"]


@dataclass(frozen=True)
class Printed:
    """What a command printed."""

    stdout: str
    stderr: str


def dse(directory: Path, *words: str, status: int = 0) -> Printed:
    """Run the command's entry point with these words in a directory; check its exit status.

    It runs in this process, which saves the seconds that importing torch takes.
    """
    stdout, stderr = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(directory),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        try:
            main(words)
        except SystemExit as ended:
            code = ended.code
    assert code == status, stdout.getvalue() + stderr.getvalue()
    return Printed(stdout.getvalue(), stderr.getvalue())


def run_words(directory: Path, *words: str, encoding: str = "utf-8") -> tuple[int, bytes, bytes]:
    """Run the entry point in this process; return its status and the bytes that it printed."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding, write_through=True) for _ in range(2)]
    with (
        contextlib.chdir(directory),
        contextlib.redirect_stdout(streams[0]),
        contextlib.redirect_stderr(streams[1]),
    ):
        try:
            main(words)
        except SystemExit as ended:
            status = ended.code
    printed = [stream.buffer.getvalue() for stream in streams]
    return status, *printed


def on_terminal(directory: Path, columns: int, *words: str) -> str:
    """Run the entry point on a terminal of a width; return what it shows, without colours."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    shown = bytearray()

    def read() -> None:
        # Processes that a command leaves waiting may hold their end, so that it never closes.
        while not shown.endswith(_END.encode()):
            shown.extend(os.read(ours, 65536))

    reader = threading.Thread(target=read)
    reader.start()
    # Whoever runs the tests may have a terminal of another width, and say so.
    unsaid = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    with open(theirs, "w", encoding="utf-8") as terminal:
        with (
            mock.patch.dict(os.environ, unsaid, clear=True),
            contextlib.chdir(directory),
            contextlib.redirect_stdout(terminal),
            contextlib.redirect_stderr(terminal),
            contextlib.suppress(SystemExit),
        ):
            main(words)
        terminal.write(_END)
        terminal.flush()
        reader.join()
    os.close(ours)
    text = shown.decode().removesuffix(_END).replace("\r\n", "\n")
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


_END = "\x1f"
"""A character that no command prints."""


def refused(directory: Path, *words: str, status: int = 1) -> str:
    """Run `dse` with words that it must refuse; return its one line on standard error."""
    done = dse(directory, *words, status=status)
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    return line


def query(directory: Path, *words: str) -> list[dict]:
    """Return the rows that `dse query` answers with."""
    return json.loads(dse(directory, "query", *words, "--format", "json").stdout)


def environment() -> dict[str, str]:
    """The environment of a user at a wide terminal."""
    return {**os.environ, "COLUMNS": "200"}


def process(directory: Path, *words: str) -> subprocess.CompletedProcess:
    """Run `dse` in a process of its own."""
    return subprocess.run(
        [*DSE, *words], cwd=directory, env=environment(), capture_output=True, text=True
    )
