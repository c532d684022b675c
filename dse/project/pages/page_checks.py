"""Is a page of a family right? It is read, its networks are built, and one of them runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dse.configs import find_page, grid_beside
from dse.errors import DseError
from dse.project.pages.grids_of_pages import grid_of_pages
from dse.space import Checks, Family, Grid, check_family, load_family, load_page, read_grid


@dataclass(frozen=True)
class ReadPage:
    """A page of a family that holds as it is written, with the grid beside it."""

    page: Path
    family: Family
    grid_page: Path | None
    grid: Grid

    def check(self) -> Checks:
        """Build the defaults, each variant and the extremes of the grid, and run the smallest.

        Raises:
            PageError: with a line for each network that cannot be built, or whose costs disagree.
        """
        return check_family(self.family, self.grid)


def read_family_page(
    page: str, allow: Iterable[str] = (), config_dir: Path | None = None
) -> ReadPage:
    """Read a page and the grid of its name.

    Args:
        page: its path, or the name of a family.
        allow: modules of the user's own that it may name.
        config_dir: a directory of the user's own with `family/*.yaml`.

    Raises:
        PageError: with a line for everything in the page that does not hold.
        DseError: where there is no such page, or its grid does not hold.
    """
    path = Path(page) if page.endswith((".yaml", ".yml")) else find_page(page, config_dir)
    family = load_family(path, tuple(allow))
    grid_page = grid_beside(path)
    try:
        content = {} if grid_page is None else load_page(grid_page, "grid")
        grid = read_grid(family, grid_of_pages(content, config_dir))
    except DseError as error:
        raise DseError(f"{grid_page}: {error}") from error
    return ReadPage(path, family, grid_page, grid)
