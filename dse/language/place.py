"""Where on a page a value stands, so that every error can name file, line and key.

Errors carry a `Place`: a path of keys. It becomes a line here alone, when an error is printed, by
looking the path up in the YAML file. Content that a command line has changed has no line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from dse.errors import DseError
from dse.files import Key, PlainYaml, read_yaml


@dataclass(frozen=True)
class Source:
    """What a page was read from: a file, or anything else that has a name."""

    name: str
    """For messages; a path, where the page is a file."""
    content: Any = field(default=None, compare=False, repr=False)
    """What stood there, with what a command line has changed."""

    def line(self, path: Sequence[Key]) -> int | None:
        """Return the line, from 1, of what stands at a path of keys; None if no file has that."""
        if self._file is None:
            return None
        try:
            is_from_file = _at(self._file.content, path) == _at(self.content, path)
        except (KeyError, IndexError, TypeError):
            return None
        return self._file.line(path) if is_from_file else None

    @cached_property
    def _file(self) -> PlainYaml | None:
        """The file as it stands, if it is one."""
        try:
            return read_yaml(Path(self.name)) if Path(self.name).is_file() else None
        except (DseError, OSError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class Place:
    """A path of keys on a page; as text `conf/family/vgg.yaml:24: blocks[2].channels`."""

    source: Source
    path: tuple[Key, ...] = ()

    def __truediv__(self, key: Key) -> Place:
        return Place(self.source, (*self.path, key))

    def __str__(self) -> str:
        line = self.source.line(self.path) if self.path else None
        file = self.source.name if line is None else f"{self.source.name}:{line}"
        return f"{file}: {self.keys}" if self.path else file

    @property
    def keys(self) -> str:
        """The path as it is written: `blocks[2].channels`."""
        written = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.path)
        return written.removeprefix(".")


_OF_A_KEY = re.compile(r"(?P<group>[a-z]+)(?P<keys>(?:\.[^\s:.\[\]]+|\[\d+\])*): ")


def placed(message: str, sources: Mapping[str, Source]) -> str:
    """Return what is said of a key behind the file and the line where its value stands.

    `grid.width: …` becomes `mine/grid/few.yaml:3: grid.width: …`. What a command line gave stays.

    Args:
        message: that begins with a key, such as `grid.exclude[0]: `, or with its group alone; then
            a quoted word of it may be the key.
        sources: the page of each group.
    """
    found = _OF_A_KEY.match(message)
    source = sources.get(found["group"]) if found is not None else None
    if found is None or source is None:
        return message
    keys = tuple(
        int(key) if key.isdigit() else key for key in re.findall(r"[^.\[\]]+", found["keys"])
    )
    paths = [keys] if keys else [(word,) for word in re.findall(r"'([^']+)'", message)]
    lines = (source.line(path) for path in paths)
    line = next((each for each in lines if each is not None), None)
    return message if line is None else f"{source.name}:{line}: {message}"


Where = Place | str
"""How an error names what it is about: a place on a page, or words."""


def _at(content: Any, path: Sequence[Key]) -> Any:
    for key in path:
        if isinstance(content, Mapping):
            content = {str(name): value for name, value in content.items()}[str(key)]
        else:
            content = content[key]
    return content
