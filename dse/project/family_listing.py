"""The families that can be explored, with the grid that a sweep takes unless told another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dse.configs import family_pages, find_page, grid_beside
from dse.space import Family, MissingExtra, load_family, load_page, read_grid


@dataclass(frozen=True)
class ListedFamily:
    """A family on its page."""

    page: Path
    family: Family | None
    """None where it needs a distribution that is not installed."""
    missing: str | None = None
    """Which one that is, as an error tells it."""

    @property
    def grid(self) -> Path | None:
        """The page of its default grid; None where that is the defaults alone."""
        return grid_beside(self.page)

    @property
    def points(self) -> int | None:
        """The size of its default grid; None for one that is not read.

        Raises:
            DseError: for a page of a grid that does not hold.
        """
        if self.family is None:
            return None
        content = None if self.grid is None else load_page(self.grid, "grid")
        return read_grid(self.family, content).size


def listed_families(
    config_dir: str | Path | None = None, allow: Iterable[str] = ()
) -> list[ListedFamily]:
    """Return every family that has a page.

    Args:
        config_dir: a directory of your own with `family/*.yaml`.
        allow: modules of yours that pages may name.

    Raises:
        DseError: for a page that does not hold.
    """
    allow = tuple(allow)
    found = []
    for page in family_pages(None if config_dir is None else Path(config_dir)).values():
        try:
            found.append(ListedFamily(page, load_family(page, allow)))
        except MissingExtra as error:
            found.append(ListedFamily(page, None, str(error)))
    return found


def listed_family(
    name: str, config_dir: str | Path | None = None, allow: Iterable[str] = ()
) -> tuple[ListedFamily, Family]:
    """Return one family as it is listed, and as it was read.

    Raises:
        DseError: for an unknown family, or a page that does not hold.
    """
    page = find_page(name, None if config_dir is None else Path(config_dir))
    family = load_family(page, tuple(allow))
    return ListedFamily(page, family), family
