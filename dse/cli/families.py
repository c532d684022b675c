"""`dse families`: what can be explored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dse.cli.output import OutputFormat

if TYPE_CHECKING:
    from dse.project import ListedFamily


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
    from dse.project import listed_families, listed_family

    if name is None:
        print_rows([_summary(each) for each in listed_families(config_dir, allow or ())], output)
        return
    listed, family = listed_family(name, config_dir, allow or ())
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
        print(f"page {listed.page}")
        points = listed.points or 0
        grid = listed.grid or "(the defaults)"
        print(f"grid {grid}: {points:,} point{'s' if points > 1 else ''}")


def _summary(listed: ListedFamily) -> dict[str, Any]:
    family = listed.family
    if family is None:
        return {"family": listed.page.stem, "axes": listed.missing, "variants": "", "points": None}
    axes = " ".join(f"{axis.name}={_shown(axis.default)}" for axis in family.axes.values())
    variants = " ".join(family.variants)
    return {"family": family.name, "axes": axes, "variants": variants, "points": listed.points}


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{','.join(map(_shown, value))}]"
    return str(value)
