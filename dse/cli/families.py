"""`dse families`: what can be explored."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dse.cli.common_options import Allow, ConfigDir, Output
from dse.cli.formats import OutputFormat

if TYPE_CHECKING:
    from dse.catalogue import ListedFamily

_LARGE = 10**9
LINE = 80
"""Characters of a line of the list."""


def families(
    name: Annotated[str | None, typer.Argument(help="One family, in detail.")] = None,
    config_dir: ConfigDir = None,
    allow: Allow = None,
    output: Output = OutputFormat.table,
) -> None:
    """List the families, or show one with its axes, variants and default grid.

    Example: dse families mobilenet_v2
    """
    from dse.cli.printing import print_rows
    from dse.project import listed_families, listed_family

    if name is not None:
        _print_family(listed_family(name, config_dir, allow or ()), output)
        return
    rows = [_summary(each) for each in listed_families(config_dir, allow or ())]
    if output is OutputFormat.table:
        rows = _shortened(rows)
    print_rows(rows, output)


def _print_family(listed: ListedFamily, output: OutputFormat) -> None:
    from dse.cli.printing import print_rows

    rows = [
        {
            "axis": axis.name,
            "default": _shown(axis.default),
            "type": axis.type,
            "columns": " ".join(axis.columns),
        }
        for axis in listed.axes
    ]
    print_rows(rows, output)
    if output is not OutputFormat.table:
        return
    for variant, settings in listed.variants.items():
        shown = " ".join(f"{axis}={_shown(value)}" for axis, value in settings.items())
        print(f"variant {variant}: {shown or 'the defaults'}")
    if listed.target is not None:
        print(f"callable {listed.target}")
    print(f"page {listed.page}")
    points = listed.points or 0
    grid = listed.grid or "(the defaults)"
    print(f"grid {grid}: {points:,} point{'s' if points != 1 else ''}")


def _summary(listed: ListedFamily) -> dict[str, Any]:
    return {
        "family": listed.name,
        "points": listed.points,
        "description": listed.missing or listed.description,
    }


def _shortened(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of which each fits a line, numbers as people read them."""
    points = ["" if row["points"] is None else _number(row["points"]) for row in rows]
    taken = max(len(row["family"]) for row in rows) + max(len("points"), *map(len, points)) + 4
    room = max(LINE - taken, 20)
    return [
        {
            "family": row["family"],
            "points": number.rjust(max(map(len, points))),
            "description": _cut(row["description"], room),
        }
        for row, number in zip(rows, points, strict=True)
    ]


def _number(points: int) -> str:
    return f"{points:,}" if points < _LARGE else f"{points:.2e}".replace("e+", "e")


def _cut(text: str, room: int) -> str:
    return textwrap.shorten(text, room, placeholder=" …")


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_shown, value))}]"
    return str(value)
