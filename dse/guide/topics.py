"""The topics of the manual, each a page beside this file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dse.errors import DseError, nearest

TOPICS = (
    *("tour", "count", "memory", "devices", "counters", "conventions"),
    *("families", "pages", "blocks", "grids", "budgets"),
    *("query", "search", "supernet", "machines", "pictures", "reports"),
    *("python", "notebooks", "commands", "extending", "architecture"),
    *("security", "faq", "changes"),
)
"""In the order in which they are listed; each is a page beside this file."""


NOTEBOOK = Path(__file__).with_name("notebook.ipynb")
"""What the page `notebooks` tells of, to run in Jupyter."""


@dataclass(frozen=True)
class Topic:
    """A page of the manual."""

    name: str
    path: Path

    @property
    def text(self) -> str:
        """The page, as Markdown."""
        return self.path.read_text(encoding="utf-8")

    @property
    def title(self) -> str:
        """Its heading."""
        return self.text.partition("\n")[0].lstrip("# ")


def topics() -> list[Topic]:
    """Return every topic of the manual, in order."""
    return [Topic(name, Path(__file__).with_name(f"{name}.md")) for name in TOPICS]


def find_topic(name: str) -> Topic:
    """Return one topic.

    Raises:
        DseError: for a name that no page has; it gives the nearest.
    """
    known = {topic.name: topic for topic in topics()}
    if name not in known:
        raise DseError(f"unknown topic {name!r}; {nearest(name, known)}")
    return known[name]
