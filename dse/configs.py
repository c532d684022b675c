"""Where the shipped configs lie, and the ones of the user's own directory."""

from __future__ import annotations

from pathlib import Path

from dse.errors import DseError, nearest

_PACKAGE = Path(__file__).resolve().parent


def config_directory() -> Path:
    """Return the directory of the shipped configs: inside an installed wheel, or the checkout's.

    Raises:
        DseError: where the installation has none.
    """
    for directory in (_PACKAGE / "conf", _PACKAGE.parent / "conf"):
        if (directory / "sweep.yaml").is_file():
            return directory
    raise DseError(f"no configs in {_PACKAGE / 'conf'}: the installation of dse is incomplete")


def family_pages(config_dir: Path | None) -> dict[str, Path]:
    """Return the path of every family page by name; the user's own directory comes first.

    Raises:
        DseError: for a directory that does not exist.
    """
    directories = [config_directory()]
    if config_dir is not None:
        if not config_dir.is_dir():
            raise DseError(f"--config-dir {config_dir}: no such directory")
        directories.append(config_dir)
    pages: dict[str, Path] = {}
    for directory in directories:
        pages |= {page.stem: page for page in sorted((directory / "family").glob("*.yaml"))}
    return pages


def find_page(name: str, config_dir: Path | None) -> Path:
    """Return the path of a family page; a `DseError` names the nearest for an unknown family."""
    pages = family_pages(config_dir)
    if name not in pages:
        raise DseError(f"unknown family {name!r}; {nearest(name, pages)}")
    return pages[name]


def grid_beside(page: Path) -> Path | None:
    """Return the default grid of a family page, `grid/NAME.yaml` beside its directory, if any."""
    grid = page.resolve().parent.parent / "grid" / page.name
    if not grid.is_file():
        return None
    return grid.relative_to(Path.cwd()) if grid.is_relative_to(Path.cwd()) else grid
