"""`dse families`: what can be explored."""

from __future__ import annotations

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
    output: Annotated[
        OutputFormat, typer.Option("--format", help="How to print.")
    ] = OutputFormat.table,
) -> None:
    """List the families, or show one with its axes.

    Example: dse families mobilenet_v2
    """
    from dse.cli.output import print_rows
    from dse.configs import family_pages, find_page
    from dse.space import load_family

    if name is None:
        pages = family_pages(config_dir)
        rows = [_summary(load_family(page)) for key, page in pages.items()]
        print_rows(rows, output)
        return
    page = find_page(name, config_dir)
    family = load_family(page)
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
        print(f"page {page}")


def _summary(family: Family) -> dict[str, Any]:
    axes = " ".join(f"{axis.name}={_shown(axis.default)}" for axis in family.axes.values())
    return {"family": family.name, "axes": axes, "variants": " ".join(family.variants)}


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{','.join(map(_shown, value))}]"
    return str(value)
