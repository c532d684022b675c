"""The door through which every text reaches the user's terminal.

A store, a table, a page or a model may come from someone else, and its texts may hold escape
sequences, characters that reverse what follows, or halves of characters that no terminal takes.
While a command runs, standard output and standard error are doors: what passes is readable text in
the encoding of the terminal. Formats that programs read are written beside the door, as data.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, TextIO, cast

from dse.errors import DseError

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_PLAINER = str.maketrans("×−–─…·█▒░←", "x---~.#=.<")
"""How an encoding that lacks our own signs shows them; each stays one character wide."""


_USUAL_WIDTH = 80


def readable(text: str, spaces: str = "\n\t") -> str:
    """Return a text without what a terminal would obey instead of showing it.

    Args:
        text: anything.
        spaces: the control characters that may stay.
    """
    if text.isprintable():
        return text
    return "".join(c if c in spaces or _is_shown(c) else _REPLACEMENT for c in text)


def one_line(text: str) -> str:
    """Return a text as it can stand within a line: `readable`, and without line breaks and tabs."""
    return readable(text, "")


def whole(text: str) -> str:
    """Return a text in which halves of characters, which no encoding has, are escaped."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _is_shown(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) == "Zs"


class UnwritableOutput(DseError):
    """What is printed finds no room, as on a full disk."""


class ReaderGone(Exception):
    """Who reads what is printed has seen enough, as `head` has: no mistake, and the end of it.

    No `BrokenPipeError`, which Typer, Rich and Hydra would each deal with in their own ways.
    """


@contextlib.contextmanager
def _told_where_full() -> Iterator[None]:
    """Tell in one line why a stream takes no more."""
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderGone from error
    except OSError as error:
        raise UnwritableOutput(f"the output cannot be written: {error.strerror}") from error


class _Passing(ABC):
    """A stream that changes what is written to another one."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        with _told_where_full():
            self.stream.write(self.passed(text))
        return len(text)

    def flush(self) -> None:
        with _told_where_full():
            self.stream.flush()

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    @abstractmethod
    def passed(self, text: str) -> str:
        """Return what the terminal is given of a text."""


class _Door(_Passing):
    def passed(self, text: str) -> str:
        text, encoding = readable(text), self.stream.encoding or "utf-8"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            return text.translate(_PLAINER).encode(encoding, "replace").decode(encoding)
        return text


class _Data(_Passing):
    """Writes all but what cannot be encoded, which is escaped."""

    def passed(self, text: str) -> str:
        encoding = self.stream.encoding or "utf-8"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            return text.encode(encoding, "backslashreplace").decode(encoding)
        return text


@contextlib.contextmanager
def doors() -> Iterator[None]:
    """Let all that is printed meanwhile pass the door, whoever prints it."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (cast(TextIO, _Door(_behind(stream))) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def data_output() -> TextIO:
    """Return standard output for formats that programs read."""
    return cast(TextIO, _Data(_behind(sys.stdout)))


def drawing_output(stream: TextIO) -> TextIO:
    """Return what is behind the door, for bars and tables that are drawn by escape sequences.

    Whatever they hold has to be made `readable` before.
    """
    return _behind(stream)


def _behind(stream: TextIO) -> TextIO:
    return stream.stream if isinstance(stream, _Door) else stream


def print_emphasised(line: str) -> None:
    """Print a line in bold on a terminal."""
    # What makes it bold goes behind the door, the line itself through it.
    drawing_output(sys.stdout).write("\x1b[1m")
    print(line, end="")
    drawing_output(sys.stdout).write("\x1b[0m\n")


def terminal_width() -> int:
    """Return the characters in a line of the terminal that standard output is."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _USUAL_WIDTH
    except OSError:
        return _USUAL_WIDTH


def aside() -> contextlib.redirect_stdout[TextIO]:
    """Let what others print go to standard error, where it does not get into the output."""
    return contextlib.redirect_stdout(sys.stderr)


def json_text(value: Any, indent: int | None = None) -> str:
    """Return a value as JSON, with every character escaped that a terminal would obey."""
    is_unicode = (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    text = json.dumps(value, ensure_ascii=not is_unicode, indent=indent)
    if text.isprintable():
        return text
    return "".join(c if c == "\n" or _is_shown(c) else json.dumps(c)[1:-1] for c in text)


def print_json(value: Any, indent: int | None = 2) -> None:
    """Print a value as JSON on standard output."""
    data_output().write(json_text(value, indent) + "\n")
