"""Where the shipped configs lie, and the ones of the user's own directory."""

from __future__ import annotations

import os
from pathlib import Path

from dse.errors import DseError, nearest

DEFAULT_STORE = "outputs/dse.db"
STORE_VARIABLE = "DSE_STORE"
"""The environment variable that names the store where nothing else does."""

NAMING_CODE = ("objective", "sampler")
"""Groups of which a dotted path may be chosen in the place of a page."""

_PACKAGE = Path(__file__).resolve().parents[1]


def chosen_store() -> str:
    """Return the store that is meant where none is named: that of `DSE_STORE`, or the default."""
    return os.environ.get(STORE_VARIABLE) or DEFAULT_STORE


def is_dotted(name: str) -> bool:
    """Return whether a name is the dotted path of something in a module."""
    return "." in name and all(map(str.isidentifier, name.split(".")))


def config_directory() -> Path:
    """Return the directory of the shipped configs: inside an installed wheel, or the checkout's.

    Raises:
        DseError: where the installation has none.
    """
    for directory in (_PACKAGE / "conf", _PACKAGE.parent / "conf"):
        if (directory / "sweep.yaml").is_file():
            return directory
    raise DseError(f"no configs in {_PACKAGE / 'conf'}: the installation of dse is incomplete")


def group_pages(group: str, config_dir: Path | None) -> dict[str, Path]:
    """Return the path of every page of a config group by name; the user's own hide the shipped.

    Raises:
        DseError: for a directory that does not exist, or a page in it that lies elsewhere.
    """
    directories = [config_directory()]
    if config_dir is not None:
        if not config_dir.is_dir():
            raise DseError(f"--config-dir {config_dir}: no such directory")
        directories.append(config_dir)
    pages: dict[str, Path] = {}
    for directory in directories:
        found = sorted((directory / group).glob("*.yaml"))
        pages |= {page.stem: within(page, directory) for page in found}
    return pages


def within(file: Path, directory: Path) -> Path:
    """Return the path of a file as it is.

    Raises:
        DseError: where a link leads out of its directory, to what nobody meant by it.
    """
    if not file.resolve().is_relative_to(directory.resolve()):
        raise DseError(f"{file}: a link leads out of {directory}; put a file in its place")
    return file


def family_pages(config_dir: Path | None) -> dict[str, Path]:
    """Return the path of every family page by name, as `group_pages`."""
    return group_pages("family", config_dir)


def find_page(name: str, config_dir: Path | None, group: str = "family") -> Path:
    """Return the path of a page; a `DseError` names the nearest for one that there is not."""
    pages = group_pages(group, config_dir)
    if name not in pages:
        raise DseError(f"unknown {group} {name!r}; {nearest(name, pages)}")
    return pages[name]


def grid_beside(page: Path) -> Path | None:
    """Return the default grid of a family page, `grid/NAME.yaml` beside its directory, if any."""
    directory = page.resolve().parent.parent
    grid = directory / "grid" / page.name
    if not grid.is_file():
        return None
    within(grid, directory)
    return grid.relative_to(Path.cwd()) if grid.is_relative_to(Path.cwd()) else grid
