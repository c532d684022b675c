"""`dse families`: what can be explored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dse.cli.output import OutputFormat

if TYPE_CHECKING:
    from dse.space import Family


def families(
    name: Annotated[str | None, typer.Argument(help="One family, in detail.")] = None,
    config_dir: Annotated[
        Path | None, typer.Option(help="A directory of your own with family/*.yaml.")
    ] = None,
    allow: Annotated[
        list[str] | None, typer.Option(help="A module of yours that pages name; repeat it.")
    ] = None,
    output: Annotated[
        OutputFormat, typer.Option("--format", help="How to print.")
    ] = OutputFormat.table,
) -> None:
    """List the families, or show one with its axes, variants and default grid.

    Example: dse families mobilenet_v2
    """
    from dse.cli.output import print_rows
    from dse.configs import family_pages, find_page, grid_beside
    from dse.space import load_family

    if name is None:
        pages = family_pages(config_dir)
        print_rows([_summary(page, allow or ()) for page in pages.values()], output)
        return
    page = find_page(name, config_dir)
    family = load_family(page, allow or ())
    rows = [
        {
            "axis": axis.name,
            "default": _shown(axis.default),
            "type": axis.type,
            "columns": " ".join(family.columns(axis.name)),
        }
        for axis in family.axes.values()
    ]
    print_rows(rows, output)
    if output is OutputFormat.table:
        for variant, settings in family.variants.items():
            shown = " ".join(f"{axis}={_shown(value)}" for axis, value in settings.items())
            print(f"variant {variant}: {shown or 'the defaults'}")
        if family.is_callable:
            print(f"callable {family.lines[0].block}")
        print(f"page {page}")
        points = _points(family, page)
        grid = grid_beside(page) or "(the defaults)"
        print(f"grid {grid}: {points:,} point{'s' if points > 1 else ''}")


def _summary(page: Path, allow: Sequence[str]) -> dict[str, Any]:
    from dse.space import MissingExtra, load_family

    try:
        family = load_family(page, allow)
    except MissingExtra as error:
        return {"family": page.stem, "axes": str(error), "variants": "", "points": None}
    axes = " ".join(f"{axis.name}={_shown(axis.default)}" for axis in family.axes.values())
    variants = " ".join(family.variants)
    points = _points(family, page)
    return {"family": family.name, "axes": axes, "variants": variants, "points": points}


def _points(family: Family, page: Path) -> int:
    """Return the size of the grid that a sweep takes unless it is told another."""
    from dse.configs import grid_beside
    from dse.space import load_page, read_grid

    grid = grid_beside(page)
    return read_grid(family, None if grid is None else load_page(grid, "grid")).size


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{','.join(map(_shown, value))}]"
    return str(value)
