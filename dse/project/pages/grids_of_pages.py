"""A grid with what stands on the pages that its `union` names in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dse.configs import is_name
from dse.errors import DseError
from dse.language import shortened
from dse.project.pages.chosen_pages import chosen_page

MOST_PARTS = 100
"""Grids of one union."""


def grid_of_pages(
    content: Mapping[str, Any], config_dir: Path | None = None, above: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return a grid as plain values that need no page of another name.

    Args:
        content: of a grid; each part of its `union` is a grid, or the name of a page.
        config_dir: a directory of the user's own with `grid/*.yaml`.
        above: the pages that the content stands on, from the outermost.

    Raises:
        DseError: for a page that there is not, or unions that lead in a circle.
    """
    parts = content.get("union")
    if parts is None:
        return dict(content)
    if isinstance(parts, str | Mapping) or not isinstance(parts, Sequence):
        parts = [parts]
    if len(parts) > MOST_PARTS:
        raise DseError(f"grid.union: {len(parts):,} grids, more than {MOST_PARTS}")
    return {**content, "union": [_part(part, config_dir, above) for part in parts]}


def _part(part: Any, config_dir: Path | None, above: tuple[str, ...]) -> Any:
    if isinstance(part, Mapping):
        return grid_of_pages(part, config_dir, above)
    if not isinstance(part, str):
        # What is no grid is told with its place, where the grid is read.
        return part
    if not is_name(part):
        raise DseError(f"grid.union: {shortened(part)} is no name of a page")
    if part in above:
        raise DseError(f"grid.union: a circle: {' → '.join((*above, part))}")
    page = chosen_page("grid", part, config_dir)
    return grid_of_pages(page.content, config_dir, (*above, part))
