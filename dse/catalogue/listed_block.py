"""A registered block as it is listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dse.catalogue.shipped_index import shipped_index
from dse.errors import DseError, nearest
from dse.html_tables import FieldsShown


@dataclass(frozen=True)
class ListedBlock(FieldsShown):
    """A block that pages may name."""

    name: str
    description: str
    """The first line of what its function says of itself."""
    detail: str
    """The rest of that, with the paper it is from."""
    input: str
    """Inputs that it takes: `(N, C, H, W)`, `(N, …, C)`, or any."""
    settings: Mapping[str, Any]
    """Its settings with their defaults, those that a page has to give left out."""
    required: tuple[str, ...]
    """The settings that a page has to give."""


def listed_blocks() -> list[ListedBlock]:
    """Return every registered block, by name."""
    return [
        ListedBlock(name, **{**content, "required": tuple(content["required"])})
        for name, content in shipped_index()["blocks"].items()
    ]


def listed_block(name: str) -> ListedBlock:
    """Return one block.

    Raises:
        DseError: for a name that no block has; it gives the nearest.
    """
    blocks = {block.name: block for block in listed_blocks()}
    if name not in blocks:
        raise DseError(f"unknown block {name!r}; {nearest(name, blocks)}")
    return blocks[name]
