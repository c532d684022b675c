"""YAML that anybody may have written, read as plain values of bounded size.

Nothing in it is more than what stands there: no tags, no objects, nothing that grows when read.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

# What Hydra and OmegaConf read a page with, so that a number is the same number to all of them.
from omegaconf._utils import get_yaml_loader

from dse.errors import DseError

LARGEST = 256 * 1024
"""Bytes of a file."""
MOST_VALUES = 20_000
"""Keys and values of a file, those behind an alias counted wherever it stands."""
DEEPEST = 32
"""Levels of keys and lists."""
LONGEST_NUMBER = 300
"""Digits of a whole number."""

Key = str | int

_WHOLE_NUMBER = "tag:yaml.org,2002:int"


@dataclass(frozen=True, slots=True)
class PlainYaml:
    """What stands in a file."""

    file: str
    text: str
    content: Any
    root: yaml.Node | None
    """The nodes of the content, which know their lines."""

    def line(self, path: Sequence[Key]) -> int:
        """Return the line, from 1, of the last key of a path that is there."""
        node = self.root
        line: int = 0 if node is None else node.start_mark.line
        for key in path:
            if isinstance(node, yaml.MappingNode):
                found = [(name, value) for name, value in node.value if name.value == str(key)]
                if not found:
                    break
                name, node = found[0]
                line = name.start_mark.line
            elif isinstance(node, yaml.SequenceNode) and isinstance(key, int):
                node = node.value[key]
                line = node.start_mark.line
        return line + 1


def read_yaml(file: Path) -> PlainYaml:
    """Return what stands in a YAML file.

    Raises:
        DseError: for a file that cannot be read, is no YAML in UTF-8, has a tag or a key twice, or
            is too large.
    """
    if file.exists() and not file.is_file():
        raise DseError(f"{file}: not a file")
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        raise DseError(f"{file}: {error.strerror or error}") from error
    if len(data) > LARGEST:
        raise DseError(f"{file}: a page has at most {LARGEST:,} bytes")
    try:
        # A mark of the byte order in front is not part of the first key.
        return parse_yaml(data.decode("utf-8-sig"), str(file))
    except UnicodeDecodeError as error:
        raise DseError(f"{file}: not a text in UTF-8: {error.reason}") from error


def parse_yaml(text: str, file: str) -> PlainYaml:
    """Return what stands in a text, as `read_yaml`."""
    # One command reads some pages several times, and a notebook or a server reads them for each.
    parsed = _parsed(text, file)
    return replace(parsed, content=copy.deepcopy(parsed.content))


@lru_cache(maxsize=256)
def _parsed(text: str, file: str) -> PlainYaml:
    try:
        _check_events(text, file)
        loader = get_yaml_loader()(text)
        root = loader.get_single_node()
        if root is not None:
            _check_size(root, file)
        content = None if root is None else loader.construct_document(root)
    except yaml.YAMLError as error:
        raise _syntax_error(error, file) from error
    except (ValueError, TypeError, OverflowError) as error:
        # Such as a number of more digits than Python reads.
        raise DseError(f"{file}: {error}") from error
    return PlainYaml(file, text, content, root)


def _check_events(text: str, file: str) -> None:
    """Refuse tags, and what is too deep or too much to build nodes of."""
    try:
        _check_events_of(text, file, _FAST)
    except yaml.YAMLError:
        # What is wrong is told in the words of the other parser, where it agrees.
        _check_events_of(text, file, yaml.SafeLoader)


_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""A parser that is ten times as fast, where PyYAML was built with it."""


def _check_events_of(text: str, file: str, parser: Any) -> None:
    depth = number = 0
    event: Any
    for event in yaml.parse(text, Loader=parser):
        line = event.start_mark.line + 1
        if getattr(event, "tag", None) is not None:
            raise DseError(f"{file}:{line}: a page has no tags such as {event.tag!r}")
        is_start = isinstance(event, yaml.CollectionStartEvent)
        depth += is_start - isinstance(event, yaml.CollectionEndEvent)
        number += is_start or isinstance(event, yaml.ScalarEvent | yaml.AliasEvent)
        if depth > DEEPEST:
            raise DseError(f"{file}:{line}: a page has at most {DEEPEST} levels")
        if number > MOST_VALUES:
            raise DseError(f"{file}:{line}: a page has at most {MOST_VALUES:,} keys and values")


def _check_size(root: yaml.Node, file: str) -> None:
    """Refuse long numbers, and aliases that lead in a circle or to more than a page may have."""
    sizes: dict[int, int] = {}

    def size(node: yaml.Node) -> int:
        found = sizes.get(id(node))
        line = node.start_mark.line + 1
        if found == 0:
            raise DseError(f"{file}:{line}: an alias that leads back to itself")
        if node.tag == _WHOLE_NUMBER and len(node.value) > LONGEST_NUMBER:
            raise DseError(f"{file}:{line}: a number of more than {LONGEST_NUMBER} digits")
        if found is None:
            sizes[id(node)] = 0
            found = sizes[id(node)] = 1 + sum(map(size, _parts(node)))
        if found > MOST_VALUES:
            raise DseError(f"{file}:{line}: its aliases stand for more than {MOST_VALUES:,} values")
        return found

    size(root)


def _parts(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _syntax_error(error: yaml.YAMLError, file: str) -> DseError:
    """Return what is wrong with a text that is no YAML, or has a key twice, with its line."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return DseError(f"{file}: {problem}" if mark is None else f"{file}:{mark.line + 1}: {problem}")
