"""Makes the index of what ships: `python -m dse.project.indexing`, after a page or a block."""

from __future__ import annotations

import inspect
import json
from typing import Any

from dse.catalogue import INDEX, index_entry
from dse.configs import family_pages
from dse.counting import CONVENTIONS
from dse.project.pages import read_listing
from dse.space import BLOCKS, Block


def index_of_what_ships() -> dict[str, dict[str, Any]]:
    """Return the content of the index: every shipped family and every registered block."""
    families = [read_listing(page, ()) for page in family_pages(None).values()]
    return {
        "families": {listed.name: index_entry(listed) for listed in families},
        "blocks": {name: _block(BLOCKS[name]) for name in sorted(BLOCKS)},
        "conventions": {name: each.counts for name, each in CONVENTIONS.items()},
    }


def _block(block: Block) -> dict[str, Any]:
    first, _, rest = (inspect.getdoc(block.build) or "").partition("\n")
    return {
        "description": first,
        "detail": " ".join(rest.split()),
        "input": block.takes,
        "settings": block.defaults,
        "required": [name for name in block.parameters if name not in block.defaults],
    }


def index_text() -> str:
    """Return the index as it is written, a line a family, a block or a convention."""
    sections = (
        f"{json.dumps(section)}: {{\n"
        + ",\n".join(
            f"{json.dumps(name)}: {json.dumps(entry, ensure_ascii=False)}"
            for name, entry in entries.items()
        )
        + "\n}"
        for section, entries in index_of_what_ships().items()
    )
    return "{\n" + ",\n".join(sections) + "\n}\n"


if __name__ == "__main__":
    INDEX.write_text(index_text(), encoding="utf-8")
