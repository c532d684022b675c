"""The families that can be explored, with the grid that a sweep takes unless told another."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dse.catalogue import (
    ListedAxis,
    ListedFamily,
    described_by,
    index_entry,
    indexed_family,
    remember_entry,
)
from dse.configs import family_pages, find_page, read_page
from dse.project.pages.grids_of_pages import grid_of_pages


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
    directory = None if config_dir is None else Path(config_dir)
    pages, allow = family_pages(directory), tuple(allow)
    return [indexed_family(page) or read_listing(page, allow, directory) for page in pages.values()]


def listed_family(
    name: str, config_dir: str | Path | None = None, allow: Iterable[str] = ()
) -> ListedFamily:
    """Return one family as it is listed.

    Raises:
        DseError: for an unknown family, or a page that does not hold.
    """
    directory = None if config_dir is None else Path(config_dir)
    page = find_page(name, directory)
    return indexed_family(page) or read_listing(page, tuple(allow), directory, is_asked_for=True)


def read_listing(
    page: Path,
    allow: Iterable[str],
    config_dir: Path | None = None,
    is_asked_for: bool = False,
) -> ListedFamily:
    """Return a family as it is listed from its page, which is read whole.

    Args:
        page: of the family.
        allow: modules of the user's own that it may name.
        config_dir: a directory of the user's own, whose pages the family's grid may name.
        is_asked_for: whether it is an error where a distribution is missing that it needs.

    Raises:
        DseError: for a page that does not hold.
    """
    # Pages name blocks, and those load PyTorch; what is in the index needs neither.
    from dse.space import MissingExtra, load_family, load_page, read_grid

    allow = tuple(allow)
    description = described_by(page.read_text(encoding="utf-8", errors="replace"))
    try:
        family = load_family(page, allow)
    except MissingExtra as error:
        if is_asked_for:
            raise
        return ListedFamily(page.stem, page, description, missing=str(error))
    axes = tuple(
        ListedAxis(axis.name, _plain(axis.default), axis.type, family.columns(axis.name))
        for axis in family.axes.values()
    )
    variants = {
        name: {axis: _plain(value) for axis, value in settings.items()}
        for name, settings in family.variants.items()
    }
    listed = ListedFamily(page.stem, page, description)
    content = {} if listed.grid is None else load_page(listed.grid, "grid")
    read = ListedFamily(
        page.stem,
        page,
        description,
        axes,
        variants,
        family.lines[0].block if family.is_callable else None,
        read_grid(family, grid_of_pages(content, config_dir)).size,
    )
    pages = [(page, "family"), *([] if listed.grid is None else [(listed.grid, "grid")])]
    is_upon_others = any("defaults" in read_page(*each).content for each in pages)
    if not allow and not is_upon_others and not {"file", "from", "union"} & content.keys():
        # Nothing but the page and its grid, whose digest is kept, says what is listed.
        remember_entry(index_entry(read))
    return read


def _plain(value: Any) -> Any:
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
