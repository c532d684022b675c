"""What `dse sweep --help` and its like print: examples, groups and keys of `conf/COMMAND.yaml`.

It is read from the text of that page and from the pages beside it; Hydra is not loaded.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dse.catalogue import SCHEMA_LINE
from dse.configs import config_directory, group_pages

LINE = 80
"""Characters of a line of help."""
_INDENT = 22
_KEY = re.compile(r"^(\w+): *(.*?)(?: +# (.*))?$")
_GROUP = re.compile(r"^  - (optional )?(\w+): (\S+)$")


@dataclass(frozen=True)
class DocumentedKey:
    """A key of a command's config."""

    name: str
    default: str
    meaning: str


@dataclass(frozen=True)
class DocumentedGroup:
    """A config group of a command."""

    name: str
    default: str
    pages: tuple[str, ...]


def _page(command: str) -> str:
    return (config_directory() / f"{command}.yaml").read_text(encoding="utf-8")


def documented_keys(command: str) -> list[DocumentedKey]:
    """Return the keys that a command's page has of its own, with what their comments say."""
    found = (_KEY.match(line) for line in _page(command).splitlines())
    return [
        DocumentedKey(key[1], key[2], key[3] or "")
        for key in found
        if key is not None and key[1] not in ("defaults", "hydra")
    ]


def documented_groups(command: str, config_dir: Path | None = None) -> list[DocumentedGroup]:
    """Return the groups of a command, each with the pages that may be chosen."""
    found = (_GROUP.match(line) for line in _page(command).splitlines())
    return [
        DocumentedGroup(group[2], group[3], tuple(group_pages(group[2], config_dir)))
        for group in found
        if group is not None
    ]


def help_of(command: str, config_dir: Path | None = None) -> str:
    """Return the help of a command: examples first, then groups and keys, in 80 columns."""
    return "\n".join(_lines(command, config_dir)) + "\n"


def _lines(command: str, config_dir: Path | None) -> Iterator[str]:
    first, *rest = _comment(_page(command))
    yield f"Usage: dse {command} [GROUP=PAGE] [KEY=VALUE] …"
    yield ""
    yield first.partition(": ")[2]
    yield ""
    yield from rest
    yield ""
    yield "Groups (a page of conf/GROUP/, or of DIR/GROUP/ with --config-dir DIR;"
    yield "each key of a page is GROUP.KEY=VALUE):"
    for group in documented_groups(command, config_dir):
        chosen = "the family's" if group.default.startswith("$") else group.default
        pages = ", ".join(page for page in group.pages)
        yield from _entry(f"{group.name}={chosen}", _shortened(pages, group))
    yield ""
    yield "Keys:"
    for key in documented_keys(command):
        yield from _entry(f"{key.name}={key.default}", key.meaning)
    yield ""
    yield "Options:"
    has_budget = any(group.name == "budget" for group in documented_groups(command, config_dir))
    for option, meaning in OPTIONS.items():
        if has_budget or not option.startswith("--budget"):
            yield from _entry(option, meaning)


OPTIONS = {
    "--store URL": "a SQLite file or an SQLAlchemy URL, as store.url=; or DSE_STORE",
    "--budget TEXT": "such as 'macs <= 300M and params <= 5M', as budget.where=",
    "--config-dir DIR": "a directory of your own with family/, grid/ … of pages",
    "--allow MODULE": "a module of yours that pages may name; repeat it",
    "--quiet": "print no progress and no remarks",
    "--debug": "show the traceback of an error",
    "-m, --multirun": "a job for each of several values, as in family=resnet,vit",
    "--cfg job": "print the config and do nothing",
    "--hydra-help": "Hydra's own options",
    "--help": "show this",
}
"""What a command that is a Hydra application takes besides its keys."""


def _comment(text: str) -> list[str]:
    lines = []
    for line in text.splitlines():
        if line.startswith(SCHEMA_LINE):
            continue
        if not line.startswith("#"):
            break
        lines.append(line[2:])
    return lines


def _shortened(pages: str, group: DocumentedGroup) -> str:
    if group.name == "grid":
        return f"{len(group.pages)} pages, most of a family's name; none: its defaults"
    return pages


def _entry(name: str, meaning: str) -> Iterator[str]:
    """Yield the lines of one entry, its meaning in a column of its own."""
    wrapped = textwrap.wrap(meaning, LINE - _INDENT - 2) or [""]
    if len(name) >= _INDENT:
        yield f"  {name}"
        name = ""
    yield f"  {name:<{_INDENT}}{wrapped[0]}".rstrip()
    for line in wrapped[1:]:
        yield f"  {'':<{_INDENT}}{line}"
