"""Writes the real output of every command into the pages: `python -m tests.guide [PAGE …]`."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.guide.generated import with_tables
from tests.guide.manual import PAGES, README, PageRun
from tests.guide.stand_in import stand_in_shell


def rewritten(text: str) -> str:
    """Return a page with its tables made and its commands run once more."""
    text = with_tables(text)
    with stand_in_shell() as shell, tempfile.TemporaryDirectory() as directory:
        bodies: dict[int, list[str]] = {}
        length: dict[int, int] = {}
        for step in PageRun(text, Path(directory), shell).steps():
            body = bodies.setdefault(step.fence.start, [])
            length[step.fence.start] = len(step.fence.body)
            if step.fence.language == "console":
                body += [f"$ {step.source}".replace("\n", "\n> ")]
            if step.fence.language in ("console", "text"):
                body += step.printed
    for start in sorted(bodies, reverse=True):
        if bodies[start]:
            behind = text[start + length[start] :]
            text = text[:start] + "\n".join(bodies[start]) + "\n" + behind
    return text


def main() -> None:
    """Rewrite the README and the pages, or those that are named."""
    os.environ.pop("COLUMNS", None)
    for name, path in {"README": README, **PAGES}.items():
        if name in sys.argv[1:] or not sys.argv[1:]:
            path.write_text(rewritten(path.read_text()))


if __name__ == "__main__":
    main()
