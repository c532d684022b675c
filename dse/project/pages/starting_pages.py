"""Pages of one's own to start from: copies of shipped ones, with schemas for editors."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dse.catalogue import SCHEMA_LINE
from dse.configs import checked_name, find_page, grid_beside, group_pages
from dse.errors import DseError
from dse.files import written_whole
from dse.project.pages.page_schemas import SCHEMAS

SCHEMA_DIRECTORY = "schema"


@dataclass(frozen=True)
class StartingPages:
    """What was written."""

    files: tuple[Path, ...]
    """The pages, then the schemas."""
    commands: tuple[str, ...]
    """What can be typed at once."""


def start_pages(directory: Path, name: str, chosen: Mapping[str, str]) -> StartingPages:
    """Write pages of a name, copied from shipped ones, and a schema of each kind of page.

    Args:
        directory: for `--config-dir`; made if it is not there.
        name: of all the pages.
        chosen: the shipped page to copy, by `family`, `objective` and `device`; the grid is the
            family's own.

    Raises:
        DseError: for a page that there is not, or one of the name that the directory has already.
    """
    checked_name(name, "--name")
    sources = {group: find_page(page, None, group) for group, page in chosen.items()}
    grid = grid_beside(sources["family"])
    if grid is not None:
        sources["grid"] = grid
    for group in sources:
        if name in group_pages(group, None):
            raise DseError(f"--name: {name!r} is a {group} that ships, which yours would hide")
    pages = {group: directory / group / f"{name}.yaml" for group in sources}
    for page in pages.values():
        if page.exists():
            raise DseError(f"{page} is there already; choose another --name or directory")
    schemas = {group: directory / SCHEMA_DIRECTORY / f"{group}.json" for group in SCHEMAS}
    for group, page in pages.items():
        text = sources[group].read_text(encoding="utf-8")
        _write(page, f"{SCHEMA_LINE}../{SCHEMA_DIRECTORY}/{group}.json\n{text}")
    for group, file in schemas.items():
        _write(file, json.dumps(SCHEMAS[group](), indent=1) + "\n")
    return StartingPages((*pages.values(), *schemas.values()), tuple(_commands(directory, name)))


def _write(file: Path, text: str) -> None:
    with written_whole(file) as part:
        part.write_text(text, encoding="utf-8")


def _commands(directory: Path, name: str) -> Iterator[str]:
    """Yield commands that use the pages, for a shell."""
    own = ("--config-dir", str(directory))
    page = str(directory / "family" / f"{name}.yaml")
    yield shlex.join(["dse", "families", name, *own])
    yield shlex.join(["dse", "check", page])
    yield shlex.join(
        ["dse", "search", *own, f"family={name}", f"objective={name}", f"device={name}", "trials=4"]
    )
