"""A family as it is listed: its page, its axes, and the size of its default grid."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dse.catalogue.remembered_families import remembered_entry
from dse.catalogue.shipped_index import shipped_index
from dse.configs import grid_beside
from dse.extras import install
from dse.html_tables import FieldsShown

SCHEMA_LINE = "# yaml-language-server: $schema="
"""How the line begins that tells an editor which schema a page has."""


@dataclass(frozen=True)
class ListedAxis:
    """An axis of a family."""

    name: str
    default: Any
    """A number or a word, or a list of them by stage."""
    type: str
    columns: tuple[str, ...]
    """The settings that it stands for: itself, or one a stage or a layer."""


@dataclass(frozen=True)
class ListedFamily(FieldsShown):
    """A family on its page."""

    name: str
    page: Path
    description: str
    """What the comment that the page begins with says first."""
    axes: tuple[ListedAxis, ...] = ()
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    target: str | None = None
    """Of a page of `kind: callable`: the path of what returns its models."""
    points: int | None = None
    """Settings in its default grid; None where the family could not be read."""
    missing: str | None = None
    """What has to be installed before it can be used, as an error tells it."""

    @property
    def grid(self) -> Path | None:
        """The page of its default grid; None where that is the defaults alone."""
        return grid_beside(self.page)


def indexed_family(page: Path) -> ListedFamily | None:
    """Return a family from the index of what ships, or as it was read before; None if it was not.

    A copy under another name says the same.
    """
    digest = page_digest(page)
    shipped = shipped_index()["families"].values()
    entry = next((each for each in shipped if each["digest"] == digest), remembered_entry(digest))
    if entry is None:
        return None
    axes = tuple(
        ListedAxis(name, axis["default"], axis["type"], tuple(axis["columns"]))
        for name, axis in entry["axes"].items()
    )
    package = entry["extra"]
    absent = package is not None and importlib.util.find_spec(package) is None
    return ListedFamily(
        page.stem,
        page,
        entry["description"],
        axes,
        entry["variants"],
        entry["target"],
        None if absent else entry["points"],
        f"it needs {package}: {install(package)}" if absent else None,
    )


def index_entry(listed: ListedFamily) -> dict[str, Any]:
    """Return a family as the index has it."""
    package = (listed.target or "").partition(".")[0]
    return {
        "digest": page_digest(listed.page),
        "description": listed.description,
        "axes": {
            axis.name: {"default": axis.default, "type": axis.type, "columns": axis.columns}
            for axis in listed.axes
        },
        "variants": listed.variants,
        "target": listed.target,
        "extra": "timm" if package == "timm" else None,
        "points": listed.points,
    }


def page_digest(page: Path) -> str:
    """Return what changes with a family's page or its default grid."""
    grid = grid_beside(page)
    content = _content(page) + b"\0" + (b"" if grid is None else _content(grid))
    return hashlib.sha256(content).hexdigest()[:16]


def _content(page: Path) -> bytes:
    """Return the bytes of a page without the line that names its schema."""
    content = page.read_bytes().replace(b"\r\n", b"\n")
    return content.partition(b"\n")[2] if content.startswith(SCHEMA_LINE.encode()) else content


def described_by(text: str) -> str:
    """Return what the comment that a page begins with says first, up to a full stop or colon."""
    lines = []
    for line in text.splitlines():
        if line.startswith(SCHEMA_LINE):
            continue
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").rstrip())
    sentence = re.split(r"[.:](?:\s|$)", " ".join(lines), maxsplit=1)[0]
    return sentence.strip()


def axes_of_page(page: Path) -> tuple[str, ...]:
    """Return the names of a page's axes, without reading the rest; none where it is no page."""
    listed = indexed_family(page)
    if listed is not None:
        found = (name for axis in listed.axes for name in (axis.name, *axis.columns))
        return tuple(dict.fromkeys(found))
    text = page.read_text(encoding="utf-8", errors="replace")
    own = re.search(r"^axes:[ \t]*\n((?:[ \t#].*\n|\n)*)", text + "\n", flags=re.MULTILINE)
    return tuple(re.findall(r"^ {2}(\w+):", own[1], flags=re.MULTILINE)) if own else ()
