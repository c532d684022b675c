"""`dse blocks`: what a family page can be made of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from dse.cli.common_options import Output
from dse.cli.formats import OutputFormat

if TYPE_CHECKING:
    from dse.catalogue import ListedBlock


def blocks(
    name: Annotated[str | None, typer.Argument(help="One block, in detail.")] = None,
    output: Output = OutputFormat.table,
) -> None:
    """List the blocks that pages may name, or show one with its settings.

    Example: dse blocks mbconv
    """
    from dse.catalogue import listed_block, listed_blocks
    from dse.cli.printing import print_rows

    if name is not None:
        _print_block(listed_block(name), output)
        return
    rows = [{"block": each.name, "description": each.description} for each in listed_blocks()]
    print_rows(rows, output)


def _print_block(block: ListedBlock, output: OutputFormat) -> None:
    from dse.cli.printing import print_rows

    if output is OutputFormat.table:
        print(f"{block.name}: {block.description}")
        if block.detail:
            print(block.detail)
        print(f"input: {block.input}")
    settings = {**dict.fromkeys(block.required), **block.settings}
    rows = [
        {
            "setting": setting,
            "default": "needed" if setting in block.required else _shown(value),
        }
        for setting, value in settings.items()
    ]
    print_rows(rows, output, ["setting", "default"])


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
