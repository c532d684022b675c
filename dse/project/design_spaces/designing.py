"""`dse.design_space`: a family with the values of its axes, from pages or what stands on them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dse.configs import grid_beside
from dse.devices import read_device
from dse.project.config_groups import read_conditions
from dse.project.design_spaces.spaces import Space
from dse.project.pages import Choice, ChosenPage, chosen_page, grid_of_pages


def design_space(
    family: Choice,
    grid: Choice | None = None,
    cost: Choice | None = None,
    *,
    variant: str | None = None,
    device: Choice | None = None,
    store: str | Path | None = None,
    config_dir: str | Path | None = None,
    allow: Iterable[str] = (),
) -> Space:
    """Return the design space of a family.

    Args:
        family: the name of a shipped family or one of your own, the path of a page, or what stands
            on one.
        grid: the values that axes may take, by axis; or the name or path of a page. By default the
            grid of the family's name.
        cost: what costs are for, such as `{"batch": 8}`; or the name or path of a page.
        variant: a named variant of the family, whose settings become the defaults.
        device: what costs are for: the name or path of a page, or what stands on one. What it says
            of conditions holds where `cost` says nothing.
        store: the file or the URL whose tables give blocks numbers, such as a latency.
        config_dir: a directory of your own with `family/*.yaml` and the like.
        allow: modules of yours that the page may name blocks and models of.

    Raises:
        DseError: for anything in the pages that does not hold; nothing is traced for that.

    >>> import dse
    >>> space = dse.design_space("mobilenet_v2", {"width": [0.5, 1.0], "resolution": [160, 224]})
    >>> space.size
    4
    """
    directory = None if config_dir is None else Path(config_dir)
    page = chosen_page("family", family, directory)
    conditions = chosen_page("cost", {} if cost is None else cost, directory)
    chosen = chosen_page("device", "none" if device is None else device, directory)
    of_device = read_device(chosen.name, chosen.content, chosen.file).conditions
    named = "" if chosen.name == "none" else chosen.name
    space = Space(
        family=page.name,
        page=page.content,
        grid=_grid(page, grid, directory),
        conditions=read_conditions({**of_device, **conditions.content}, device=named),
        device=chosen.content,
        store=None if store is None else str(store),
        variant=variant,
        allow=tuple(allow),
        source=page.source,
    )
    # What does not hold is told here, and not where it is first used.
    assert space.size >= 0
    return space


def _grid(page: ChosenPage, grid: Choice | None, config_dir: Path | None) -> dict[str, Any]:
    beside = None if page.file is None else grid_beside(page.file)
    if grid is None:
        grid = {} if beside is None else beside
    return grid_of_pages(chosen_page("grid", grid, config_dir).content, config_dir)
